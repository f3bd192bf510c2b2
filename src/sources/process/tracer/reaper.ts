/**
 * A thread of the tracing process that takes dead threads off the kernel's books while another one seizes: see
 * `whileReaping`. The kernel lets every thread of a tracer wait for what any of them traces (do_wait in kernel/exit.c).
 */
import { workerData } from 'node:worker_threads';
import { loadLibc } from './libc.ts';
import { COUNT, FIRST, GATE, OPEN, SHUT } from './reaping.ts';

const NAP_MICROS = 200;
const shared = workerData as Int32Array;
const libc = loadLibc();

for (;;) {
  Atomics.wait(shared, GATE, SHUT);
  while (Atomics.load(shared, GATE) === OPEN) {
    // Asked for each: of thousands of threads not one is to be touched once the gate is shut.
    for (let at = 0; at < shared[COUNT]! && Atomics.load(shared, GATE) === OPEN; at++) reapDead(shared[FIRST + at]!);
    libc.napMicros(NAP_MICROS);
  }
}

/** Asked first what it does: a wait for exits alone takes a traced thread's stop as well (wait_task_stopped), unseen. */
function reapDead(tid: number): void {
  if (libc.peek(tid).is === 'exited') libc.reap(tid);
}
