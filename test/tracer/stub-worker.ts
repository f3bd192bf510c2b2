import { appendFileSync, readFileSync } from 'node:fs';
import { ProblemError } from '../../src/core/problem.ts';
import type { HeapGrowth, HeapLook } from '../../src/heap/answer.ts';
import { HeapError } from '../../src/heap/heap-error.ts';
import type { Stacks } from '../../src/heap/stacks/answer.ts';
import { serveHeap } from '../../src/sources/process/heap-server.ts';

/** A helper whose analysis is what WHYOOM_TEST_LOOK says: the pause, the pipe and the end of it are the real ones. */
const say = (line: string) => appendFileSync(process.env.WHYOOM_TEST_FILE!, `${line}\n`);
const hold = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);

serveHeap((target, stop, maxPauseMs) => {
  const looks: Record<string, () => unknown> = {
    maps: () => ({ maps: target.reader().maps.length, maxPauseMs }),
    process: () => ({
      pid: process.pid,
      session: Number(readFileSync('/proc/self/stat', 'utf8').split(' ')[5]),
      oomScore: readFileSync('/proc/self/oom_score_adj', 'utf8').trim(),
    }),
    spin() {
      for (;;);
    },
    hold() {
      say(`stopped ${process.pid}`);
      hold();
    },
    memory: () => process.kill(process.pid, 'SIGKILL'),
    crash: () => process.exit(9),
    unsupported() {
      throw new HeapError('unsupported', 'not this one', 'another one');
    },
    denied() {
      throw new ProblemError('denied', 'not you');
    },
  };
  return {
    first: () => stop(looks[process.env.WHYOOM_TEST_LOOK!]!) as unknown as HeapLook,
    overview: () => ({}) as HeapLook,
    pathsTo: () => ({ target: { of: 'type', type: '', count: 0, bytes: 0, examined: 0 }, paths: [], more: 0 }),
    encoded: () => [],
    stacks: () => stop(looks[process.env.WHYOOM_TEST_LOOK!]!) as unknown as Stacks,
    counts: () => ({ atUnixSeconds: 1, watched: 2, growing: 3, itemsGained: 4, bytesGained: 5, alive: target.alive() }),
    grownByCounts: () => ({ seconds: 1 }) as HeapGrowth,
    growth: () => stop(looks[process.env.WHYOOM_TEST_LOOK!]!) as unknown as HeapGrowth,
  };
});
