import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Stopper } from '../../src/heap/live-target.ts';
import { takeLook } from '../../src/heap/look.ts';
import { interpreters } from '../python/programs.ts';
import { endPrograms, start } from '../sources/process/programs.ts';
import { readerOf, record, targetOf } from './recorded.ts';

afterEach(endPrograms);

/** Of a pause of a second, so much was spent before the copy could begin. */
const after =
  (spentMs: number): Stopper =>
  (body) => ({ value: body(spentMs), pauseMs: spentMs });

test('what was spent on stopping is taken from the time for the copy', async () => {
  const wait = 'import time\nprint("ready", flush=True)\ntime.sleep(1000)\n';
  const { pid } = await start(interpreters().at(-1)!.path, ['-S', '-E', '-c', wait]);
  process.kill(pid, 'SIGSTOP');
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  const reader = readerOf(record(pid));
  const look = (spentMs: number) =>
    takeLook(
      targetOf(() => reader),
      after(spentMs),
      1000,
    );
  // The clock of this target stands still: all is copied as long as some time is left, and 80 % of the pause is for it.
  expect(look(799)).toMatchObject({ missedBytes: 0, partial: undefined });
  expect(() => look(801)).toThrow(/--max-pause \(1 s\).*no time was left to copy/);
});
