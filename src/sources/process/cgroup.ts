import type { Cgroup } from '../../core/artifacts.ts';
import { groupFolders } from './cgroup-folders.ts';
import { numbersByName, textOf } from './proc-files.ts';

/** Where a group is and how it is read. */
type Group = Pick<Cgroup, 'version' | 'path'>;

/**
 * The control group whose limit a process meets first, of its own and those above it: the one with the least room. A
 * limit above `machineBytes` (memory and swap) is none: the machine gives out before. Without any limit, the process's
 * own group. `path` is the folder of its files. Undefined where no memory group can be seen.
 */
export function readCgroup(pid: number, machineBytes: number, root = ''): Cgroup | undefined {
  const found = groupFolders(pid, root);
  if (found === undefined) return undefined;
  const groups = found.folders.map((path) => readGroup({ version: found.version, path }, machineBytes, root));
  const tightest = groups.reduce((best, group) => (roomBytes(group) < roomBytes(best) ? group : best));
  return found.version === 1 ? withKillsBelow(tightest, found.folders[0]!, root) : tightest;
}

const roomBytes = ({ limitBytes, usageBytes, reclaimableBytes }: Cgroup) =>
  limitBytes === undefined ? Number.POSITIVE_INFINITY : limitBytes - (usageBytes - reclaimableBytes);

/**
 * What counts against the limit now: usage less the file pages that the kernel takes back before it kills. In steps of
 * up to 64 pages a processor, which the kernel charges ahead (mm/memcontrol.c, MEMCG_CHARGE_BATCH). Undefined if gone.
 */
export function unreclaimableBytes(group: Group, root = ''): number | undefined {
  if (numberIn(group, USAGE[group.version], root) === undefined) return undefined;
  const { usageBytes, reclaimableBytes } = readUsage(group, root);
  return usageBytes - reclaimableBytes;
}

const USAGE = { 1: 'memory.usage_in_bytes', 2: 'memory.current' } as const;
const LIMIT = { 1: 'memory.limit_in_bytes', 2: 'memory.max' } as const;

function readGroup(group: Group, machineBytes: number, root: string): Cgroup {
  const limitBytes = limitIn(group, machineBytes, root);
  const events = group.version === 2 ? eventsOfV2(group, root) : eventsOfV1(group, root);
  return {
    ...group,
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...readUsage(group, root),
    ...(events === undefined ? {} : { events }),
  };
}

/**
 * "max" in version 2; in version 1 the largest number of pages (PAGE_COUNTER_MAX, 9223372036854771712 with pages of
 * 4 KiB). 2^62 is far above any machine and below that number for every size of page.
 */
function limitIn(group: Group, machineBytes: number, root: string): number | undefined {
  const bytes = numberIn(group, LIMIT[group.version], root);
  return bytes === undefined || bytes >= 2 ** 62 || bytes > machineBytes ? undefined : bytes;
}

/**
 * Active and inactive file pages can be taken back; shared memory and tmpfs are on the anonymous lists and cannot
 * (Documentation/admin-guide/cgroup-v2.rst, memory.stat). Version 1 gives the sums with the groups below as total_*.
 */
function readUsage(group: Group, root: string) {
  const stat = numbersByName(textOf(`${root}${group.path}/memory.stat`) ?? '');
  const of = (name: string) => stat.get(group.version === 1 ? `total_${name}` : name);
  const usageBytes = numberIn(group, USAGE[group.version], root) ?? 0;
  const reclaimable = (of('active_file') ?? 0) + (of('inactive_file') ?? 0);
  const kernelBytes = group.version === 1 ? numberIn(group, 'memory.kmem.usage_in_bytes', root) : kernelOfV2(stat);
  const swapBytes = group.version === 1 ? of('swap') : numberIn(group, 'memory.swap.current', root);
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
function eventsOfV2(group: Group, root: string): Cgroup['events'] {
  const events = numbersByName(textOf(`${root}${group.path}/memory.events`) ?? '');
  return eventsFrom(events.get('oom_kill'), events.get('max'));
}

/** `oom_kill` is there from Linux 4.13. */
function eventsOfV1(group: Group, root: string): Cgroup['events'] {
  const control = numbersByName(textOf(`${root}${group.path}/memory.oom_control`) ?? '');
  return eventsFrom(control.get('oom_kill'), numberIn(group, 'memory.failcnt', root));
}

const eventsFrom = (oomKills: number | undefined, limitHits: number | undefined): Cgroup['events'] =>
  oomKills === undefined ? undefined : { oomKills, ...(limitHits === undefined ? {} : { limitHits }) };

/** Version 1 counts a kill in the victim's own group alone (mm/memcontrol.c, memcg_memory_event), not in the limit's. */
function withKillsBelow(group: Cgroup, ownPath: string, root: string): Cgroup {
  if (group.path === ownPath || group.events === undefined) return group;
  const own = eventsOfV1({ version: 1, path: ownPath }, root)?.oomKills ?? 0;
  return { ...group, events: { ...group.events, oomKills: group.events.oomKills + own } };
}

function numberIn(group: Group, file: string, root: string): number | undefined {
  const text = textOf(`${root}${group.path}/${file}`)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
