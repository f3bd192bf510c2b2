import { expect, test } from 'vitest';
import { flat, type Given, growthOf, look, MIB, reportOn, series, treeOf } from './made.ts';

const QUIET = growthOf([]);
const STAYS =
  'Nothing grows: memory stays at 50 MiB over 20 s. A leak of less than 180 MiB an hour would not show in this time.';

const other = (pid: number, firstMib: number, lastMib: number) => ({
  pid,
  firstBytes: firstMib * MIB,
  lastBytes: lastMib * MIB,
});

test.each<[string, Given, string, string]>([
  [
    'other processes that were not read, and grew by next to nothing',
    {
      'memory-series': flat({ others: [other(42, 20, 20.9), other(43, 98, 100)] }),
      'heap-growth': QUIET,
    },
    'healthy',
    STAYS,
  ],
  [
    'a process that was not read grew',
    {
      'memory-series': flat({ others: [other(42, 20, 20), other(43, 20, 29)] }),
      'heap-growth': QUIET,
      processes: treeOf({}, { pid: 42 }, { pid: 43, command: 'python3 worker.py' }),
    },
    'undecided',
    'Nothing was seen to grow in the process that was read, but process 43 (python3 worker.py) grew by 9 MiB in 20 s and was not read: whyoom --pid 43',
  ],
  [
    'a process that was not read grew, and a warm-up had settled',
    {
      'memory-series': series((seconds) => 50 + Math.min(seconds, 8), { others: [other(42, 20, 22)] }),
      'heap-growth': QUIET,
    },
    'undecided',
    'Nothing was seen to grow in the process that was read, but process 42 grew by 2 MiB in 20 s and was not read: whyoom --pid 42',
  ],
])('%s', (_, given, verdict, headline) => {
  expect(reportOn({ heap: look(), ...given })).toMatchObject({ verdict, headline });
});
