import type { ThreadState } from '../../heap/live-target.ts';
import { type ProcFiles, THIS_MACHINE, textOf } from './proc-files.ts';
import { readText, statIn } from './tracer/proc-status.ts';

/** Of so many threads the state is asked for: one or two small files each. */
const MOST_THREADS = 4096;
/** The same while the process stands still, and waits for it. */
const MOST_WHILE_STOPPED = 500;
/** futex(2) on x86-64: a thread in it waits for a lock, the GIL among them. */
const FUTEX = '202';

/**
 * The threads of a process and whether each runs at this moment; undefined where there is none to be seen. In a container
 * they have other numbers, which only `status` tells (proc_pid_status(5), NSpid).
 */
export function threadStates(pid: number, files: ProcFiles = THIS_MACHINE): readonly ThreadState[] | undefined {
  const isNested = innerIdOf(`/proc/${pid}`, files) !== pid;
  const ids = files.list(`/proc/${pid}/task`).slice(0, MOST_THREADS);
  const states = ids.flatMap((id) => {
    const path = `/proc/${pid}/task/${id}`;
    const text = textOf(`${path}/stat`, files);
    const innerId = isNested ? innerIdOf(path, files) : undefined;
    if (text === undefined) return [];
    return { id: Number(id), innerId: innerId ?? Number(id), isRunning: statIn(text).state === 'R' };
  });
  return states.length === 0 ? undefined : states;
}

/** The number in the innermost namespace: the last one. */
function innerIdOf(path: string, files: ProcFiles): number | undefined {
  const inner = /^NSpid:.*?(\d+)$/m.exec(textOf(`${path}/status`, files) ?? '')?.[1];
  return inner === undefined ? undefined : Number(inner);
}

/**
 * The same threads now that they stand still. One that was outside of system calls ran (proc_pid_syscall(5): -1), one that was
 * in futex waited; of others counts what was seen before.
 */
export function statesWhileStopped(pid: number, before: readonly ThreadState[]): readonly ThreadState[] {
  return before.map((thread, at) => {
    const call =
      at < MOST_WHILE_STOPPED ? readText(`/proc/${pid}/task/${thread.id}/syscall`)?.split(' ', 1)[0] : undefined;
    if (call === '-1' || call === FUTEX) return { ...thread, isRunning: call === '-1' };
    return thread;
  });
}
