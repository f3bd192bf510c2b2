/** Processes that the bench has started and not seen end. */
const running = new Set<number>();

/** Notes a process, to be killed with the bench. A negative number is a process group. */
export const started = (pid: number): void => void running.add(pid);

export const ended = (pid: number): void => void running.delete(pid);

/** Kills everything that still runs. */
export function endAll(): void {
  for (const pid of running) kill(pid);
}

/** Kills a process, or a group by its negative number; no complaint where it has ended by itself. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
