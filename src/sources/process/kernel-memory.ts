import type { KernelMemory } from '../../heap/answer.ts';
import type { KernelNumbers } from '../../heap/live-target.ts';
import { readCgroup } from './cgroup.ts';
import { machineBytes, readRollup } from './memory-limit.ts';
import { numbersByName, type ProcFiles, THIS_MACHINE, textOf } from './proc-files.ts';

/** Of so many threads the stack pointers are asked for: one small file each. */
const MOST_THREADS = 4096;

/** The kernel's numbers on the memory of a process and of the group that it counts in; undefined where it has none. */
export function readKernelMemory(pid: number, files: ProcFiles = THIS_MACHINE): KernelNumbers | undefined {
  const status = numbersByName(textOf(`/proc/${pid}/status`, files) ?? '');
  if (status.get('VmRSS') === undefined) return undefined;
  const group = groupMemory(pid, files);
  const memory = { ...processMemory(pid, status, files), ...(group === undefined ? {} : { group }) };
  return { memory, stackPointers: readStackPointers(pid, files) };
}

/**
 * smaps_rollup is exact; the counters of status lag behind by some pages a processor on some kernels (see sample.ts). Only
 * status tells shared memory from files (proc_pid_status(5), from Linux 4.5 on).
 */
function processMemory(
  pid: number,
  status: ReadonlyMap<string, number>,
  files: ProcFiles,
): Omit<KernelMemory, 'group'> {
  const of = (name: string) => status.get(name) ?? 0;
  const rollup = readRollup(pid, files);
  const rssBytes = rollup?.rssBytes ?? of('VmRSS');
  const anonymousBytes = Math.min(rssBytes, rollup?.anonymousBytes ?? of('RssAnon'));
  const sharedMemoryBytes = Math.min(rssBytes - anonymousBytes, of('RssShmem'));
  return {
    rssBytes,
    anonymousBytes,
    sharedMemoryBytes,
    fileBytes: rssBytes - anonymousBytes - sharedMemoryBytes,
    virtualBytes: of('VmSize'),
    swapBytes: rollup?.swapBytes ?? of('VmSwap'),
    pageTableBytes: of('VmPTE'),
  };
}

/** proc_pid_syscall(5): of a thread that waits, its stack pointer is the last but one; one that runs says "running". */
function readStackPointers(pid: number, files: ProcFiles): number[] {
  return files
    .list(`/proc/${pid}/task`)
    .slice(0, MOST_THREADS)
    .flatMap((thread) => {
      const stackPointer = textOf(`/proc/${pid}/task/${thread}/syscall`, files)?.trim().split(' ').at(-2) ?? '';
      return /^0x[0-9a-f]{1,12}$/.test(stackPointer) ? [Number(stackPointer)] : [];
    });
}

/** Of the group whose limit is met first; undefined where none has a limit: then its use says nothing of the process. */
function groupMemory(pid: number, files: ProcFiles): KernelMemory['group'] {
  const group = readCgroup(pid, machineBytes(files), files);
  if (group?.limitBytes === undefined) return undefined;
  const stat = numbersByName(textOf(`${group.path}/memory.stat`, files) ?? '');
  const of = (inV1: string, inV2: string) => stat.get(group.version === 1 ? `total_${inV1}` : inV2) ?? 0;
  return {
    usageBytes: group.usageBytes,
    anonymousBytes: of('rss', 'anon'),
    sharedMemoryBytes: group.sharedMemoryBytes,
    reclaimableBytes: group.reclaimableBytes,
    mappedFileBytes: of('mapped_file', 'file_mapped'),
    swapBytes: group.swapBytes ?? 0,
  };
}
