import type { MemoryLimit } from '../../core/artifacts.ts';
import type { MemorySample } from '../../core/ports.ts';
import { ProblemError } from '../../core/problem.ts';
import { unreclaimableBytes } from './cgroup.ts';
import { readRollup } from './memory-limit.ts';
import { type ProcFiles, THIS_MACHINE } from './proc-files.ts';
import { livingProcess, processStatus } from './process-state.ts';

/** Up to this size the exact RSS is cheap: the kernel walks the page tables, about 10 ms a GiB. */
const CHEAP_RSS_BYTES = 1024 ** 3;

/**
 * The process's memory now, by the measure that counts against its limit. Throws a ProblemError `absent` once it has ended.
 *
 * RSS is taken from smaps_rollup where the first look could and the process is small: VmRSS of status is summed up from
 * counters of each processor from Linux 6.2 on, which lag by up to 32 pages and more a processor (lib/percpu_counter.c);
 * exact again in newer kernels. Which of the two is decided once, so that a series does not jump from one to the other.
 */
export function readSample(
  pid: number,
  limit: MemoryLimit,
  atUnixSeconds: number,
  files: ProcFiles = THIS_MACHINE,
): MemorySample {
  const { cpuSeconds } = livingProcess(pid, files);
  const status = processStatus(pid, files);
  const exact = limit.rollup !== undefined && limit.rollup.rssBytes < CHEAP_RSS_BYTES;
  const rssBytes = (exact ? readRollup(pid, files)?.rssBytes : status?.rssBytes) ?? status?.rssBytes;
  const bytes = measured(limit, rssBytes, status?.virtualBytes, files);
  // A process that ends between two reads has no memory any more: not a sample of 0, but none.
  if (bytes === undefined || !rssBytes) {
    throw new ProblemError('absent', `Process ${pid} has ended while it was watched.`);
  }
  return { atUnixSeconds, bytes, rssBytes, cpuSeconds };
}

function measured(
  limit: MemoryLimit,
  rssBytes: number | undefined,
  virtualBytes: number | undefined,
  files: ProcFiles,
): number | undefined {
  switch (limit.measure) {
    case 'unreclaimable':
    case 'working-set':
      return limit.cgroup === undefined ? rssBytes : unreclaimableBytes(limit.cgroup, files);
    case 'virtual':
      return virtualBytes;
    case 'rss':
      return rssBytes;
  }
}
