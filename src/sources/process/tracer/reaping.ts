import { Worker } from 'node:worker_threads';

/** Places in the memory that the two threads share: whether to reap, how many thread ids there are, and they. */
export const GATE = 0;
export const COUNT = 1;
export const FIRST = 2;
export const SHUT = 0;
export const OPEN = 1;
/** Of more threads than this the rest is not reaped; then the alarm frees both. */
const MOST_THREADS = 32_768;

const REAPER = new URL(import.meta.url.endsWith('.ts') ? './reaper.ts' : './reaper.js', import.meta.url);
let shared: Int32Array | undefined;

/**
 * Runs `seizing` while another thread of this process reaps those of `tids` that die under our trace. Without it an exec
 * of the target locks both up: the exec holds the lock that PTRACE_SEIZE waits for (cred_guard_mutex: ptrace_attach in
 * kernel/ptrace.c), and waits itself until its other threads are gone (de_thread in fs/exec.c), of which we must reap
 * those that were seized already. The thread is started at the first call and not waited for: if it comes late, both
 * stand still that much longer.
 */
export function whileReaping<T>(tids: readonly number[], seizing: () => T): T {
  shared ??= startReaper();
  const watched = tids.slice(0, MOST_THREADS);
  shared.set(watched, FIRST);
  shared[COUNT] = watched.length;
  Atomics.store(shared, GATE, OPEN);
  Atomics.notify(shared, GATE);
  try {
    return seizing();
  } finally {
    Atomics.store(shared, GATE, SHUT);
  }
}

function startReaper(): Int32Array {
  const memory = new Int32Array(new SharedArrayBuffer((FIRST + MOST_THREADS) * Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(REAPER, { workerData: memory, execArgv: [] });
  // Without it the alarm still frees both.
  worker.on('error', () => {});
  worker.unref();
  return memory;
}
