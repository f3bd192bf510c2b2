import type { ProcFiles } from '../process/proc-files.ts';
import { processState } from '../process/process-state.ts';

/**
 * The first process of the container that the reader was started in: 1, but where the containers of a pod share their processes
 * (`shareProcessNamespace`) and 1 is the pod's own. Then it is the oldest without a parent to be seen that counts in the same control
 * groups as the reader: these can be read whoever owns the process.
 */
export function firstProcess(readerPid: number, files: ProcFiles): number {
  const own = files.read('/proc/self/cgroup').text;
  if (own === undefined || own === files.read('/proc/1/cgroup').text) return 1;
  const firsts = files
    .list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processState(Number(name), files) ?? [])
    .filter(({ pid, parentPid }) => parentPid === 0 && pid !== readerPid)
    .filter(({ pid }) => files.read(`/proc/${pid}/cgroup`).text === own)
    .sort((a, b) => a.startedAfterBootSeconds - b.startedAfterBootSeconds || a.pid - b.pid);
  return firsts[0]?.pid ?? 1;
}
