import type { Cgroup } from '../../core/artifacts.ts';
import { groupFolders } from './cgroup-folders.ts';
import { numbersByName, type ProcFiles, THIS_MACHINE, textOf } from './proc-files.ts';

/** Where a group is and how it is read. */
type Group = Pick<Cgroup, 'version' | 'path'>;

/**
 * The control group whose limit a process meets first, of its own and those above it: the one with the least room. A
 * limit above `machineBytes` (memory and swap) is none: the machine gives out before. Without any limit, the process's
 * own group. `path` is the folder of its files. Undefined where no memory group can be seen.
 */
export function readCgroup(pid: number, machineBytes: number, files: ProcFiles = THIS_MACHINE): Cgroup | undefined {
  const found = groupFolders(pid, files);
  if (found === undefined) return undefined;
  const groups = found.folders.map((path) => readGroup({ version: found.version, path }, machineBytes, files));
  const tightest = groups.reduce((best, group) => (roomBytes(group) < roomBytes(best) ? group : best));
  return found.version === 1 ? withKillsBelow(tightest, found.folders[0]!, files) : tightest;
}

const roomBytes = ({ limitBytes, usageBytes, reclaimableBytes }: Cgroup) =>
  limitBytes === undefined ? Number.POSITIVE_INFINITY : limitBytes - (usageBytes - reclaimableBytes);

/**
 * What counts against the limit now: usage less the file pages that the kernel takes back before it kills. In steps of
 * up to 64 pages a processor, which the kernel charges ahead (mm/memcontrol.c, MEMCG_CHARGE_BATCH). Undefined if gone.
 */
export function unreclaimableBytes(group: Group, files: ProcFiles = THIS_MACHINE): number | undefined {
  if (numberIn(group, USAGE[group.version], files) === undefined) return undefined;
  const { usageBytes, reclaimableBytes } = readUsage(group, files);
  return usageBytes - reclaimableBytes;
}

const USAGE = { 1: 'memory.usage_in_bytes', 2: 'memory.current' } as const;
const LIMIT = { 1: 'memory.limit_in_bytes', 2: 'memory.max' } as const;

function readGroup(group: Group, machineBytes: number, files: ProcFiles): Cgroup {
  const limitBytes = limitIn(group, machineBytes, files);
  const events = group.version === 2 ? eventsOfV2(group, files) : eventsOfV1(group, files);
  return {
    ...group,
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...readUsage(group, files),
    ...(events === undefined ? {} : { events }),
  };
}

/**
 * "max" in version 2; in version 1 the largest number of pages (PAGE_COUNTER_MAX, 9223372036854771712 with pages of
 * 4 KiB). 2^62 is far above any machine and below that number for every size of page.
 */
function limitIn(group: Group, machineBytes: number, files: ProcFiles): number | undefined {
  const bytes = numberIn(group, LIMIT[group.version], files);
  return bytes === undefined || bytes >= 2 ** 62 || bytes > machineBytes ? undefined : bytes;
}

/**
 * Active and inactive file pages can be taken back; shared memory and tmpfs are on the anonymous lists and cannot
 * (Documentation/admin-guide/cgroup-v2.rst, memory.stat). Version 1 gives the sums with the groups below as total_*.
 */
function readUsage(group: Group, files: ProcFiles) {
  const stat = numbersByName(textOf(`${group.path}/memory.stat`, files) ?? '');
  const of = (name: string) => stat.get(group.version === 1 ? `total_${name}` : name);
  const usageBytes = numberIn(group, USAGE[group.version], files) ?? 0;
  const reclaimable = (of('active_file') ?? 0) + (of('inactive_file') ?? 0);
  const kernelBytes = group.version === 1 ? numberIn(group, 'memory.kmem.usage_in_bytes', files) : kernelOfV2(stat);
  const swapBytes = group.version === 1 ? of('swap') : numberIn(group, 'memory.swap.current', files);
  return {
    usageBytes,
    // The statistics lag behind the usage by a moment: never more than all.
    reclaimableBytes: Math.min(usageBytes, reclaimable),
    sharedMemoryBytes: of('shmem') ?? 0,
    ...(kernelBytes === undefined ? {} : { kernelBytes }),
    ...(swapBytes === undefined ? {} : { swapBytes }),
  };
}

/** `kernel` is there from Linux 5.18; before, its parts. */
function kernelOfV2(stat: ReadonlyMap<string, number>): number | undefined {
  if (stat.size === 0) return undefined;
  const parts = ['kernel_stack', 'pagetables', 'sec_pagetables', 'percpu', 'slab', 'vmalloc'];
  return stat.get('kernel') ?? parts.reduce((sum, part) => sum + (stat.get(part) ?? 0), 0);
}

/** Kills in the group and below; `max` counts how often the limit was met. */
function eventsOfV2(group: Group, files: ProcFiles): Cgroup['events'] {
  const events = numbersByName(textOf(`${group.path}/memory.events`, files) ?? '');
  return eventsFrom(events.get('oom_kill'), events.get('max'));
}

/** `oom_kill` is there from Linux 4.13. */
function eventsOfV1(group: Group, files: ProcFiles): Cgroup['events'] {
  const control = numbersByName(textOf(`${group.path}/memory.oom_control`, files) ?? '');
  return eventsFrom(control.get('oom_kill'), numberIn(group, 'memory.failcnt', files));
}

const eventsFrom = (oomKills: number | undefined, limitHits: number | undefined): Cgroup['events'] =>
  oomKills === undefined ? undefined : { oomKills, ...(limitHits === undefined ? {} : { limitHits }) };

/** Version 1 counts a kill in the victim's own group alone (mm/memcontrol.c, memcg_memory_event), not in the limit's. */
function withKillsBelow(group: Cgroup, ownPath: string, files: ProcFiles): Cgroup {
  if (group.path === ownPath || group.events === undefined) return group;
  const own = eventsOfV1({ version: 1, path: ownPath }, files)?.oomKills ?? 0;
  return { ...group, events: { ...group.events, oomKills: group.events.oomKills + own } };
}

function numberIn(group: Group, file: string, files: ProcFiles): number | undefined {
  const text = textOf(`${group.path}/${file}`, files)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
