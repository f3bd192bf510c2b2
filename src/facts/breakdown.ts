import type { Artifacts } from '../core/artifacts.ts';
import type { BreakdownPart, Measure, Report } from '../core/report.ts';
import type { Facts } from './verdict-facts.ts';

type Memory = NonNullable<Artifacts['heap']['memory']>;
type Kernel = NonNullable<Memory['kernel']>;
type Told = Pick<Facts, 'look' | 'growth' | 'limit'>;
type Rows = NonNullable<Report['breakdown']>;
type Whole = Pick<NonNullable<Report['usage']>, 'bytes' | 'measure' | 'source'>;

/**
 * Where the memory was at the last look that could tell: parts that sum to the kernel's number, which is `breakdownOf`, in the measure that
 * counts against the limit. What does not count there (swap, file pages that the kernel takes back) says so.
 */
export function breakdownOf({ look, growth, limit }: Told): Pick<Report, 'breakdown' | 'breakdownOf'> {
  const latest = [growth?.second, look].find((each) => each?.memory?.kernel !== undefined);
  const { native, kernel } = latest?.memory ?? {};
  if (latest === undefined || native === undefined || kernel === undefined || kernel.rssBytes <= 0) return {};
  const anonymous = anonymousRows(native, kernel.anonymousBytes);
  const { whole, rows } = measured(limit?.measure ?? 'rss', kernel, anonymous);
  const at = new Date(Math.round(latest.atUnixSeconds * 1000)).toISOString();
  return { breakdown: rows.filter(({ bytes }) => bytes > 0), breakdownOf: { ...whole, at } };
}

function measured(measure: Measure, kernel: Kernel, anonymous: Rows): { whole: Whole; rows: Rows } {
  const { group } = kernel;
  switch (measure) {
    case 'unreclaimable':
    case 'working-set':
      return group && isChargedTo(group, kernel) ? ofGroup(kernel, group, anonymous) : ofProcess(kernel, anonymous);
    case 'virtual': {
      const { rows } = ofProcess(kernel, anonymous);
      const reserved = { part: 'reserved', bytes: Math.max(0, kernel.virtualBytes - kernel.rssBytes) } as const;
      return {
        whole: { bytes: kernel.virtualBytes, measure: 'virtual', source: 'process' },
        rows: [...rows, reserved],
      };
    }
    case 'rss':
      return ofProcess(kernel, anonymous);
    default:
      return measure satisfies never;
  }
}

/** The group's statistics lag behind by up to 64 pages a processor (mm/memcontrol.c, MEMCG_CHARGE_BATCH). */
const LAG_BYTES = 2 << 20;

/** A process that was moved into a group brings none of its memory along: then the group's number says nothing of it. */
const isChargedTo = (group: NonNullable<Kernel['group']>, { anonymousBytes }: Kernel): boolean =>
  group.anonymousBytes + LAG_BYTES >= anonymousBytes * 0.97;

function ofProcess(kernel: Kernel, anonymous: Rows): { whole: Whole; rows: Rows } {
  const rows: Rows = [
    ...anonymous,
    { part: 'shared-memory', bytes: kernel.sharedMemoryBytes },
    { part: 'file-mapped', bytes: kernel.fileBytes },
    { part: 'kernel', bytes: kernel.pageTableBytes, counted: false },
    { part: 'swap', bytes: kernel.swapBytes, counted: false },
  ];
  return { whole: { bytes: kernel.rssBytes, measure: 'rss', source: 'process' }, rows };
}

/** What is left of the group's use, beside memory of processes and shared memory, is the kernel's own. */
function ofGroup(kernel: Kernel, group: NonNullable<Kernel['group']>, anonymous: Rows): { whole: Whole; rows: Rows } {
  const bytes = Math.max(0, group.usageBytes - group.reclaimableBytes);
  const others = Math.max(0, group.anonymousBytes - kernel.anonymousBytes);
  const otherProcesses = others > LAG_BYTES ? others : 0;
  const known = kernel.anonymousBytes + otherProcesses + group.sharedMemoryBytes;
  const mapped = Math.max(0, group.mappedFileBytes - Math.min(group.sharedMemoryBytes, kernel.sharedMemoryBytes));
  const fileMapped = Math.min(group.reclaimableBytes, mapped);
  const rows: Rows = [
    ...anonymous,
    { part: 'other-processes', bytes: otherProcesses },
    { part: 'shared-memory', bytes: group.sharedMemoryBytes },
    { part: 'kernel', bytes: Math.max(0, bytes - known) },
    { part: 'file-mapped', bytes: fileMapped, counted: false },
    { part: 'page-cache', bytes: group.reclaimableBytes - fileMapped, counted: false },
    { part: 'swap', bytes: group.swapBytes, counted: false },
  ];
  return { whole: { bytes, measure: 'unreclaimable', source: 'cgroup' }, rows };
}

/**
 * The parts of the anonymous memory, and what is left. They can come to more than the kernel counts: pages that were only read
 * are there and take no memory (the zero page), and the numbers are read a moment after the copy. Large blocks give way.
 */
function anonymousRows({ parts }: Memory['native'], anonymousBytes: number): Rows {
  const { pythonObjects, pythonArenasFree, cHeapUsed, cHeapFree, threadStacks } = parts;
  const sum = pythonObjects + pythonArenasFree + cHeapUsed + cHeapFree + threadStacks;
  const yielding = pythonObjects + cHeapUsed;
  const kept = yielding > 0 ? Math.max(0, 1 - Math.max(0, sum - anonymousBytes) / yielding) : 1;
  const rows: { part: BreakdownPart; bytes: number }[] = [
    { part: 'python-objects', bytes: Math.round(pythonObjects * kept) },
    { part: 'python-arenas-free', bytes: pythonArenasFree },
    { part: 'c-heap-used', bytes: Math.round(cHeapUsed * kept) },
    { part: 'c-heap-free', bytes: cHeapFree },
    { part: 'thread-stacks', bytes: threadStacks },
  ];
  const told = rows.reduce((total, { bytes }) => total + bytes, 0);
  return [...rows, { part: 'anonymous-other', bytes: Math.max(0, anonymousBytes - told) }];
}
