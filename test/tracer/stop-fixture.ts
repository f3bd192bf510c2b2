import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { problemOf } from '../../src/core/problem.ts';
import { whileStopped } from '../../src/sources/process/tracer/while-stopped.ts';

/**
 * A tracer to be killed. argv: pid, longest pause in ms, what to do in the pause, how often.
 * Prints a line of JSON a pause, and "stopped" in the pause where it holds.
 */
const [pid, maxPauseMs, what, times] = process.argv.slice(2) as [string, string, string, string];
const say = (line: unknown) => writeSync(1, `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
const target = Number(pid);

/** How often the thread that reaps was woken. */
let wakings = 0;
let wokenMs = Number.NaN;
let begunMs = Number.NaN;
const { notify } = Atomics;
Atomics.notify = (array, index, count) => {
  wakings += 1;
  wokenMs = performance.now();
  return notify(array as Int32Array, index, count);
};

const bodies: Record<string, (spentMs: number) => unknown> = {
  /** Moments in their order: before the stop, the alarm, the first thread that was awaited, the body. */
  moments: (spentMs) => [begunMs, performance.now() - spentMs, wokenMs, performance.now()],
  nothing: () => undefined,
  states,
  wakings: () => wakings,
  hold() {
    say('stopped');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  },
  spin() {
    say('stopped');
    for (;;);
  },
  signal: () => process.kill(target, 'SIGUSR1'),
  kill: () => process.kill(target, 'SIGKILL'),
  fail() {
    throw new Error('the body failed');
  },
};

/** The letters of all threads: "t" stands for a tracing stop. */
function states(): string {
  return [...new Set(readdirSync(`/proc/${target}/task`).map(stateOf))].sort().join('');
}

function stateOf(tid: string): string {
  try {
    const stat = readFileSync(`/proc/${target}/task/${tid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2]!;
  } catch {
    return 'gone';
  }
}

for (let i = 0; i < Number(times ?? 1); i++) {
  try {
    begunMs = performance.now();
    say(whileStopped(target, { maxPauseMs: Number(maxPauseMs) }, bodies[what]!));
  } catch (thrown) {
    say(problemOf(thrown));
  }
}
