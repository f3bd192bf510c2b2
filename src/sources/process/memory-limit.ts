import type { Cgroup, MemoryLimit } from '../../core/artifacts.ts';
import { readCgroup } from './cgroup.ts';
import { firstTextOf, numbersByName, type ProcFiles, THIS_MACHINE, textOf } from './proc-files.ts';
import { livingProcess, processStatus } from './process-state.ts';

/**
 * The limit that a process will meet first and the measure that runs into it: of the control group's and the address
 * space's (RLIMIT_AS), the one of which the smaller share is left. Throws a ProblemError `absent` without the process.
 */
export function readMemoryLimit(pid: number, files: ProcFiles = THIS_MACHINE): MemoryLimit {
  livingProcess(pid, files);
  const machine = numbersByName(textOf('/proc/meminfo', files) ?? '');
  const cgroup = readCgroup(pid, machineBytes(files), files);
  const addressSpaceLimitBytes = addressSpaceLimit(textOf(`/proc/${pid}/limits`, files) ?? '');
  const rollup = readRollup(pid, files);
  return {
    ...metFirst(cgroup, addressSpaceLimitBytes, processStatus(pid, files)?.virtualBytes ?? 0),
    ...(cgroup === undefined ? {} : { cgroup }),
    ...(addressSpaceLimitBytes === undefined ? {} : { addressSpaceLimitBytes }),
    ...(rollup === undefined ? {} : { rollup }),
    machineAvailableBytes: machine.get('MemAvailable') ?? machine.get('MemFree') ?? 0,
  };
}

/** Memory and swap of the whole machine. */
export function machineBytes(files: ProcFiles = THIS_MACHINE): number {
  const machine = numbersByName(textOf('/proc/meminfo', files) ?? '');
  return (machine.get('MemTotal') ?? Number.POSITIVE_INFINITY) + (machine.get('SwapTotal') ?? 0);
}

function metFirst(
  cgroup: Cgroup | undefined,
  addressSpaceLimitBytes: number | undefined,
  virtualBytes: number,
): Pick<MemoryLimit, 'limit' | 'measure'> {
  const container = cgroup?.limitBytes;
  const left = (bytes: number | undefined, used: number) =>
    bytes === undefined ? Number.POSITIVE_INFINITY : 1 - used / bytes;
  const containerLeft = left(container, (cgroup?.usageBytes ?? 0) - (cgroup?.reclaimableBytes ?? 0));
  if (addressSpaceLimitBytes !== undefined && left(addressSpaceLimitBytes, virtualBytes) < containerLeft) {
    return { limit: { bytes: addressSpaceLimitBytes, scope: 'rlimit' }, measure: 'virtual' };
  }
  return container === undefined
    ? { measure: 'rss' }
    : { limit: { bytes: container, scope: 'container' }, measure: 'unreclaimable' };
}

/** The soft limit of the line "Max address space  <soft>  <hard>  bytes"; undefined where unlimited. */
function addressSpaceLimit(limits: string): number | undefined {
  const soft = /^Max address space +(\d+) /m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/**
 * Sums over all mappings, from smaps_rollup, or added up from smaps where the kernel is older than 4.14. Undefined
 * where neither may be read: the proportional size (PSS) is known nowhere else.
 */
export function readRollup(pid: number, files: ProcFiles = THIS_MACHINE): MemoryLimit['rollup'] {
  const text = firstTextOf([`/proc/${pid}/smaps_rollup`, `/proc/${pid}/smaps`], files);
  if (text === undefined || !text.includes('Rss:')) return undefined;
  const sums = new Map<string, number>();
  for (const [, name, kilobytes] of text.matchAll(/^(\w+): +(\d+) kB$/gm)) {
    sums.set(name!, (sums.get(name!) ?? 0) + Number(kilobytes) * 1024);
  }
  const of = (name: string) => sums.get(name) ?? 0;
  return {
    rssBytes: of('Rss'),
    pssBytes: of('Pss'),
    privateDirtyBytes: of('Private_Dirty'),
    anonymousBytes: of('Anonymous'),
    sharedBytes: of('Shared_Clean') + of('Shared_Dirty'),
    swapBytes: of('Swap'),
  };
}
