import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/core/report.ts';
import { judge } from '../../src/facts/verdict.ts';
import {
  FEEDS,
  flat,
  type Given,
  gathered,
  grownBy,
  growthOf,
  holderOf,
  killedIn,
  limitOf,
  look,
  MIB,
  reportOf,
  reportOn,
  rising,
  series,
  steadily,
} from './made.ts';

const LEAK = growthOf([grownBy(steadily())]);
const QUIET = growthOf([]);
const DENIED = { code: 'denied' as const, message: 'it may not be read' };
const BIG = holderOf({ name: 'app.BIG', retainedBytes: 20 * MIB, items: 1 });
const FILLING = growthOf([grownBy(steadily(), { bound: 5000, type: 'collections.deque' })]);

/** With a heap that was read once, unless the test says otherwise. */
const told = (given: Given): Pick<Report, 'verdict' | 'headline'> => {
  const { verdict, headline } = reportOn({ heap: look(), ...given });
  return { verdict, headline };
};

type Case = readonly [name: string, given: Given, headline: string];

describe('leak', () => {
  const cases: Case[] = [
    [
      'the holder, what it has, gains and costs, and that nothing empties it',
      { 'memory-series': rising(1), 'heap-growth': LEAK, source: FEEDS },
      'app.ORDERS only grows: 1,000 items (dict) now, 100 more a second, about 10.2 KiB each, and nothing takes any out.',
    ],
    [
      'without source, nothing about emptying',
      { 'memory-series': rising(1), 'heap-growth': LEAK },
      'app.ORDERS only grows: 1,000 items (dict) now, 100 more a second, about 10.2 KiB each.',
    ],
    [
      'of a process that ended in mid-watch, what was counted last',
      {
        'memory-series': rising(1, { ended: 'process-exited' }),
        'heap-growth': growthOf([grownBy(steadily(), { items: 10, retainedBytes: 102_400 })], { second: undefined }),
      },
      'app.ORDERS only grows: 1,000 items (dict) when last counted, 100 more a second, about 10 KiB each.',
    ],
    [
      'where memory could not be watched, too',
      { 'memory-series': DENIED, 'heap-growth': LEAK },
      'app.ORDERS only grows: 1,000 items (dict) now, 100 more a second, about 10.2 KiB each.',
    ],
    [
      'and what is left to explain, where that is most of it',
      { 'memory-series': rising(20), 'heap-growth': LEAK },
      'app.ORDERS only grows: 1,000 items (dict) now, 100 more a second, about 10.2 KiB each. That is 1 MiB/s of the 20 MiB/s by which memory grows; what takes the rest is not known.',
    ],
    [
      'even where the kernel has killed here before',
      { 'memory-series': rising(1), 'heap-growth': LEAK, 'memory-limit': killedIn(2) },
      'app.ORDERS only grows: 1,000 items (dict) now, 100 more a second, about 10.2 KiB each.',
    ],
  ];
  test.each(cases)('%s', (_, given, headline) => expect(told(given)).toEqual({ verdict: 'leak', headline }));
});

describe('oom-risk', () => {
  const cases: Case[] = [
    [
      'memory grows and no container does',
      { 'memory-series': rising(1), 'heap-growth': QUIET },
      'Memory grows 1 MiB/s, and no Python container was seen to grow along with it.',
    ],
    [
      'memory grows and what grows and is bounded is next to nothing of it',
      { 'memory-series': rising(20), 'heap-growth': FILLING },
      'Memory grows 20 MiB/s, and no Python container was seen to grow along with it.',
    ],
    [
      'what grows is next to nothing of what the objects gain: a lead, and no cause',
      {
        'memory-series': rising(20),
        'heap-growth': growthOf([grownBy(steadily())], {
          objectBytesGrown: 180 * MIB,
          types: [{ type: 'bytearray', count: 401, bytes: 160 * MIB }],
        }),
      },
      'Memory grows 20 MiB/s, and the findings explain only 1 MiB/s of it. What gained most is bytearray: 401 more objects, 160 MiB in 10 s.',
    ],
    [
      'a bound that the limit has no room for',
      { 'memory-series': rising(1), 'memory-limit': limitOf(100), 'heap-growth': FILLING },
      'app.ORDERS still fills (1,000 items); it is bounded to 5,000, but only 30 MiB are left for 40 MiB to come.',
    ],
    [
      'the limit will be met before a longer look would help',
      { 'memory-series': rising(4, { seconds: 5 }), 'memory-limit': limitOf(100), 'heap-growth': QUIET },
      'Memory grows 4 MiB/s, and no Python container was seen to grow along with it.',
    ],
    [
      'the same where the heap may not be read',
      { 'memory-series': rising(4), 'memory-limit': limitOf(200), heap: DENIED, 'heap-growth': DENIED },
      'Memory grows 4 MiB/s; what holds it is not known, for the heap was not watched.',
    ],
    [
      'the process ended at its limit',
      {
        'memory-series': rising(9, { seconds: 5, ended: 'process-exited' }),
        'memory-limit': limitOf(100),
        'heap-growth': QUIET,
      },
      'Memory grew 9 MiB/s until the process ended, at 95 of 100 MiB, and no Python container was seen to grow along with it.',
    ],
    [
      'killed once, and quiet now',
      { 'memory-series': flat(), 'memory-limit': killedIn(1), 'heap-growth': QUIET },
      'The kernel killed for lack of memory here once. What held it was not seen to grow this time.',
    ],
    [
      'killed, and memory grows again',
      { 'memory-series': rising(1), 'memory-limit': killedIn(3), heap: DENIED, 'heap-growth': DENIED },
      'The kernel killed for lack of memory here 3 times. Memory grows 1 MiB/s; what holds it is not known, for the heap was not watched.',
    ],
    [
      'killed, and something fills again',
      { 'memory-series': rising(1), 'memory-limit': killedIn(2, 1000), 'heap-growth': FILLING },
      'The kernel killed for lack of memory here twice. app.ORDERS still fills (1,000 items), but it is bounded to 5,000: look again later.',
    ],
    [
      'killed, and memory could not be watched',
      { 'memory-series': DENIED, 'memory-limit': killedIn(1) },
      'The kernel killed for lack of memory here once. This time memory could not be watched.',
    ],
    [
      'memory stands still right below the limit',
      { 'memory-series': flat(), 'memory-limit': limitOf(51), 'heap-growth': QUIET },
      'Memory does not grow, but stands at 50 of 51 MiB: a little more work at once does not fit. Raise the limit, or keep less.',
    ],
  ];
  test.each(cases)('%s', (_, given, headline) => expect(told(given)).toEqual({ verdict: 'oom-risk', headline }));
});

const STAYS =
  'Nothing grows: memory stays at 50 MiB over 20 s. A leak of less than 180 MiB an hour would not show in this time.';

describe('healthy', () => {
  const cases: Case[] = [
    [
      'memory stands still, and what would not have shown',
      { 'memory-series': flat(), 'memory-limit': limitOf(128), 'heap-growth': QUIET },
      'Nothing grows: memory stays at 50 MiB over 20 s. A leak of less than 180 MiB an hour would not show in this time.',
    ],
    [
      'a sawtooth is told as one',
      {
        'memory-series': series((seconds) => 50 + 3 * (seconds % 5)),
        'heap-growth': growthOf([grownBy([0, 9, 1, 8, 2, 9])]),
      },
      'Nothing grows: memory went up and down between 50 MiB and 64.3 MiB over 20 s. A leak of less than 3.1 GiB an hour would not show in this time.',
    ],
    [
      'a warm-up that has settled, and what filled',
      {
        'memory-series': series((seconds) => 50 + Math.min(seconds, 8)),
        'heap-growth': growthOf([grownBy([0, 10, 20, 30, 40, 50, 50, 50, 50, 50])]),
      },
      'Memory rose from 50 MiB to 58 MiB and then stood still. app.ORDERS filled to 50 items.',
    ],
    [
      'a limit of the address space has no kills to count',
      {
        'memory-series': flat({ measure: 'virtual' }),
        'memory-limit': { ...killedIn(3), limit: { bytes: 128 * MIB, scope: 'rlimit' } },
        'heap-growth': QUIET,
      },
      'Nothing grows: memory stays at 50 MiB over 20 s. A leak of less than 180 MiB an hour would not show in this time.',
    ],
    [
      'light work is work: three ticks in ten seconds',
      { 'memory-series': flat({ cpuSeconds: 0.05 }), 'heap-growth': QUIET },
      STAYS,
    ],
    [
      'what hardly used a processor, and changed its heap',
      {
        'memory-series': flat({ cpuSeconds: 0.01 }),
        'heap-growth': growthOf([], { types: [{ type: 'str', count: -10, bytes: 0 }] }),
      },
      STAYS,
    ],
    [
      'what hardly used a processor, and put items in now and then',
      {
        'memory-series': flat({ cpuSeconds: 0.01 }),
        'heap-growth': growthOf([grownBy([3, 3, 4, 4, 5, 3], { retainedBytes: 300 })]),
      },
      STAYS,
    ],
    [
      'without a limit',
      { 'memory-series': flat(), 'memory-limit': limitOf(undefined), 'heap-growth': QUIET },
      'Nothing grows: memory stays at 50 MiB over 20 s. A leak of less than 180 MiB an hour would not show in this time.',
    ],
  ];
  test.each(cases)('%s', (_, given, headline) => expect(told(given)).toEqual({ verdict: 'healthy', headline }));
});

describe('undecided', () => {
  const cases: Case[] = [
    ['nothing was gathered', { heap: DENIED }, 'Memory could not be watched, so growth is not known.'],
    [
      'memory was not watched, and a container is big already',
      { heap: look({ holders: [BIG] }) },
      'app.BIG keeps 20 MiB in 1 item (dict); whether it grows was not seen.',
    ],
    [
      'memory grows and the heap was read only once',
      { 'memory-series': rising(1), heap: look({ holders: [BIG] }), 'heap-growth': DENIED },
      'Memory grows 1 MiB/s; the heap was read once: app.BIG keeps 20 MiB in 1 item (dict); whether it grows was not seen.',
    ],
    [
      'memory grows and the heap may not be read',
      { 'memory-series': rising(1), heap: DENIED, 'heap-growth': DENIED },
      'Memory grows 1 MiB/s; what holds it is not known, for the heap was not watched.',
    ],
    [
      'memory grows and no container could be watched',
      { 'memory-series': rising(1), 'heap-growth': growthOf([], { watched: 0 }) },
      'Memory grows 1 MiB/s; what holds it is not known, for the heap was not watched.',
    ],
    [
      'memory grows and the watch was short',
      { 'memory-series': rising(1, { seconds: 6 }), 'heap-growth': QUIET },
      'Memory grows 1 MiB/s, but was watched for only 6 s: look longer with --for 60s.',
    ],
    [
      'memory rose in a part of the watch, and nothing grows along with it',
      { 'memory-series': series((at) => 50 + Math.min(10, Math.max(0, at - 8))), 'heap-growth': QUIET },
      'Memory grows 671 KiB/s, though not all the time, and no Python container was seen to grow along with it: look longer with --for 60s.',
    ],
    [
      'memory grows and the watch was interrupted',
      { 'memory-series': rising(1, { ended: 'interrupted' }), 'heap-growth': QUIET },
      'Memory grows 1 MiB/s, but was watched for only 20 s: look longer with --for 60s.',
    ],
    [
      'memory grew and the process soon ended, far from its limit',
      {
        'memory-series': rising(1, { seconds: 6, ended: 'process-exited' }),
        'memory-limit': limitOf(1000),
        'heap-growth': QUIET,
      },
      'Memory grew 1 MiB/s until the process ended; 6 s of watching were too short to say what held it.',
    ],
    [
      'a bounded container is not full yet',
      { 'memory-series': rising(1), 'heap-growth': FILLING },
      'app.ORDERS still fills (1,000 items), but it is bounded to 5,000: look again later.',
    ],
    [
      'what the source bounds is not full yet',
      {
        'memory-series': rising(1),
        'heap-growth': growthOf([grownBy(steadily())]),
        source: {
          ...FEEDS,
          files: [
            {
              ...FEEDS.files[0]!,
              text: 'ORDERS = []\n\n\ndef take(x):\n    ORDERS.append(x)\n    if len(ORDERS) > 9999:\n        ORDERS.pop(0)\n',
            },
          ],
        },
      },
      'app.ORDERS still fills (1,000 items), but the code that fills it also empties it: look again later.',
    ],
    [
      'the process ended, and nothing grew',
      {
        'memory-series': flat({ seconds: 5, ended: 'process-exited' }),
        'heap-growth': growthOf([], { second: undefined }),
      },
      'The process ended after 5 s of watching, before anything was decided.',
    ],
    [
      'the process ended after the second look',
      { 'memory-series': flat({ ended: 'process-exited' }), 'heap-growth': QUIET },
      'The process ended after 20 s of watching, before anything was decided.',
    ],
    [
      'memory was read once',
      { 'memory-series': flat({ seconds: 0 }), 'heap-growth': QUIET },
      'Memory was read only once in 0 s: look longer with --for 60s.',
    ],
    [
      'the heap may not be read, and memory stands still',
      { 'memory-series': flat(), heap: DENIED, 'heap-growth': DENIED },
      'Memory does not grow, but the heap was not watched.',
    ],
    [
      'the watch was short',
      { 'memory-series': flat({ seconds: 6 }), 'heap-growth': QUIET },
      'Nothing was seen to grow in 6 s: look longer with --for 60s.',
    ],
    [
      'the watch was interrupted',
      { 'memory-series': flat({ seconds: 12, ended: 'interrupted' }), 'heap-growth': QUIET },
      'Nothing was seen to grow in 12 s: look longer with --for 60s.',
    ],
    [
      'the process did nothing',
      { 'memory-series': flat({ cpuSeconds: 0 }), 'heap-growth': QUIET },
      'Nothing grows, but the process did little work while it was watched: look again under load.',
    ],
    [
      'an event loop only waited: one tick in 20 s',
      { 'memory-series': flat({ cpuSeconds: 0.01 }), 'heap-growth': QUIET },
      'Nothing grows, but the process did little work while it was watched: look again under load.',
    ],
    [
      'two ticks were used and next to nothing changed',
      {
        'memory-series': flat({ cpuSeconds: 0.02 }),
        'heap-growth': growthOf([grownBy([3, 3, 4, 4, 5])], { types: [{ type: 'int', count: -9, bytes: -252 }] }),
      },
      'Nothing grows, but the process did little work while it was watched: look again under load.',
    ],
    [
      'containers were counted for less time than memory',
      { 'memory-series': flat(), 'heap-growth': growthOf([], { seconds: 3 }) },
      'Containers were counted for only 3 s: look longer with --for 60s.',
    ],
    [
      'the first look was partial',
      { heap: look({ partial: '7 MiB were not copied' }), 'memory-series': flat(), 'heap-growth': QUIET },
      'Memory does not grow, but the heap was read only in part: 7 MiB were not copied.',
    ],
    [
      'a look was partial',
      { 'memory-series': flat(), 'heap-growth': growthOf([], { second: look({ partial: '9 MiB were not copied' }) }) },
      'Memory does not grow, but the heap was read only in part: 9 MiB were not copied.',
    ],
    [
      'there was no second look',
      { 'memory-series': flat(), 'heap-growth': growthOf([], { second: undefined }) },
      'Nothing was seen to grow steadily: look again later, or longer with --for 5m.',
    ],
  ];
  test.each(cases)('%s', (_, given, headline) => expect(told(given)).toEqual({ verdict: 'undecided', headline }));
});

describe('what is said of memory beside the verdict', () => {
  test('limit, usage, growth and the time to the limit', () => {
    const { limit, usage, growth, eta } = reportOn({
      'memory-series': rising(1),
      'memory-limit': limitOf(100),
      heap: look(),
    });
    expect(limit).toEqual({ bytes: 100 * MIB, scope: 'container' });
    expect(usage).toEqual({ bytes: 70 * MIB, measure: 'rss', source: 'process', at: '2026-11-18T11:07:00.000Z' });
    expect(growth).toMatchObject({ bytesPerSecond: { value: MIB }, with: 'undecided' });
    expect(eta).toMatchObject({ status: 'estimated', seconds: { value: 30 } });
  });
  test('a warm-up that has settled does not grow', () => {
    const settled = series((seconds) => 50 + Math.min(seconds, 8));
    const { growth, eta } = reportOn({ 'memory-series': settled, 'memory-limit': limitOf(100), heap: look() });
    expect(growth?.bytesPerSecond.value).toBe(0);
    expect(eta).toEqual({ status: 'no-growth' });
  });
  test('nothing where nothing was gathered', () => {
    expect(judge({}, [])).toEqual({
      verdict: 'undecided',
      headline: 'Memory could not be watched, so growth is not known.',
    });
  });
});

test('what could not be gathered is unknown, with the detectors that miss it', () => {
  const all = gathered({ 'memory-series': rising(1), heap: DENIED, 'heap-growth': DENIED });
  expect(reportOf(all).unknown).toEqual([
    {
      needed: 'heap',
      by: ['reference-leak', 'retained-objects', 'unbounded-cache', 'global-accumulation', 'unbounded-collection'],
      problem: DENIED,
    },
    { needed: 'heap-growth', by: [], problem: DENIED },
  ]);
});
