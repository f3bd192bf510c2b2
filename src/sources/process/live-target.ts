import { freemem, platform } from 'node:os';
import type { LiveTarget } from '../../heap/live-target.ts';
import { readImage, readImageAt } from './image.ts';
import { readKernelMemory } from './kernel-memory.ts';
import { type LiveMemory, openLiveMemory } from './live-memory.ts';
import { statesWhileStopped, threadStates } from './thread-states.ts';
import { readStat, readText } from './tracer/proc-status.ts';
import { explainRefusal, gatherAccessFacts } from './tracer/refusal.ts';

/**
 * The process as the heap reader wants it. The same one all the time: a pid that is used again is not alive, nor is a
 * process that runs another program by now (exec), whose heap has nothing to do with the one before.
 */
export function liveTarget(pid: number): LiveTarget {
  const born = readStat(`/proc/${pid}`);
  if (born === undefined) throw explainRefusal(gatherAccessFacts(pid));
  const memory: LiveMemory = openLiveMemory(pid);
  return {
    pid,
    reader: memory.reader,
    readImage: (map) => readImage(pid, map),
    readFile: (map, offset, into) => readImageAt(pid, map, offset, into),
    alive() {
      const now = readStat(`/proc/${pid}`);
      if (now === undefined || now.state === 'Z' || now.state === 'X') return false;
      return now.startTicks === born.startTicks && now.program === born.program;
    },
    availableBytes: availableHere,
    kernelMemory: () => readKernelMemory(pid),
    threads: () => threadStates(pid),
    threadsStopped: (before) => statesWhileStopped(pid, before),
    nowUnixSeconds: () => Date.now() / 1000,
    nowMs: () => performance.now(),
  };
}

/** Bytes that this machine can give to a copy without harm: to this process, which may have a limit of its own. */
export const availableHere = (): number =>
  platform() === 'linux' ? Math.min(machineAvailableBytes(), ownGroupHeadroomBytes()) : freemem();

/** MemAvailable of /proc/meminfo: what can be taken without swapping. 0 where it cannot be read. */
function machineAvailableBytes(): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readText('/proc/meminfo') ?? '')?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Where the two versions of the memory controller keep limit, use and file pages that nobody used lately. */
const MEMORY_CONTROLLERS = [
  { line: /^0::(\/.*)$/m, root: '/sys/fs/cgroup', limit: 'memory.max', used: 'memory.current', stale: 'inactive_file' },
  {
    line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m,
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    stale: 'total_inactive_file',
  },
];
type MemoryController = (typeof MEMORY_CONTROLLERS)[number];

/**
 * What this process's own cgroup, or a group above it, still lets it take: it may share the target's limit.
 * File pages that nobody used lately count as free. Infinity where there is no limit to be seen.
 */
function ownGroupHeadroomBytes(): number {
  const membership = readText('/proc/self/cgroup') ?? '';
  return Math.min(...MEMORY_CONTROLLERS.flatMap((controller) => groupsOf(membership, controller)));
}

function groupsOf(membership: string, controller: MemoryController): number[] {
  const parts = (controller.line.exec(membership)?.[1] ?? '').split('/').filter(Boolean);
  // In a container the path may be the host's, of which only the root is mounted here.
  const groups = parts.map((_, at) => `${controller.root}/${parts.slice(0, at + 1).join('/')}`);
  return [controller.root, ...groups].map((group) => headroomBytes(group, controller));
}

function headroomBytes(group: string, { limit, used, stale }: MemoryController): number {
  const limitBytes = Number(readText(`${group}/${limit}`)); // "max", or no such file: not a number
  if (Number.isNaN(limitBytes)) return Number.POSITIVE_INFINITY;
  const usedBytes = Number(readText(`${group}/${used}`) ?? 0);
  const staleBytes = new RegExp(`^${stale} (\\d+)$`, 'm').exec(readText(`${group}/memory.stat`) ?? '')?.[1];
  return Math.max(0, limitBytes - usedBytes + Number(staleBytes ?? 0));
}
