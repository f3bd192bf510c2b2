import { joined, type Range } from '../memory/ranges.ts';
import type { MemoryMap } from '../memory/reader.ts';
import { PAGE_BYTES, type Snapshot } from '../memory/snapshot.ts';

/** The pages of anonymous memory that were there when the copy was made: reserved memory without pages costs nothing. */
export interface PresentPages {
  /** Pages next to one another, in the order of their addresses. */
  readonly runs: readonly Range[];
  /** Bytes of the range that were there. */
  bytesIn(start: number, end: number): number;
}

/** Writable memory that belongs to no file. glibc and CPython may give it a name (`[anon:…]`, prctl(2) PR_SET_VMA). */
export function isAnonymous(map: MemoryMap): boolean {
  if (!map.readable || !map.writable || !map.private || map.inode !== 0) return false;
  return map.path === '' || map.path === '[heap]' || map.path.startsWith('[stack') || map.path.startsWith('[anon');
}

/** Bytes of ranges that do not overlap. */
export const lengthOf = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0);

/** What of the ranges none of the others covers. Both are joined, in the order of their addresses. */
export function uncovered(ranges: readonly Range[], others: readonly Range[]): Range[] {
  const left: Range[] = [];
  let next = 0;
  for (const { start, end } of ranges) {
    let from = start;
    while (next < others.length && others[next]!.end <= from) next += 1;
    for (let at = next; at < others.length && others[at]!.start < end; at += 1) {
      if (others[at]!.start > from) left.push({ start: from, end: others[at]!.start });
      from = Math.max(from, others[at]!.end);
    }
    if (from < end) left.push({ start: from, end });
  }
  return left;
}

/** What of the copy is anonymous memory. */
export function presentPages(snapshot: Snapshot, maps: readonly MemoryMap[]): PresentPages {
  const anonymous = joined(maps.filter(isAnonymous));
  const runs = joined(copiedRuns(snapshot).flatMap((run) => overlaps(run, anonymous)));
  const before = new Float64Array(runs.length + 1);
  runs.forEach(({ start, end }, at) => {
    before[at + 1] = before[at]! + end - start;
  });
  /** Bytes of all runs below an address. */
  const below = (address: number) => {
    const at = firstAbove(runs, address);
    const inside = at < runs.length ? Math.max(0, address - runs[at]!.start) : 0;
    return before[at]! + inside;
  };
  return { runs, bytesIn: (start, end) => (end > start ? below(end) - below(start) : 0) };
}

/** The copy has pages in the order in which they were read, which is that of the mappings by size. */
function copiedRuns(snapshot: Snapshot): Range[] {
  const pages = snapshot.copiedBytes / PAGE_BYTES;
  const runs: Range[] = [];
  for (let page = 0; page < pages; ) {
    const words = snapshot.run(page * (PAGE_BYTES / 8), snapshot.copiedBytes / 8);
    const start = snapshot.address(page * (PAGE_BYTES / 8));
    runs.push({ start, end: start + words * 8 });
    page += (words * 8) / PAGE_BYTES;
  }
  return runs;
}

function overlaps(run: Range, ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  for (let at = firstAbove(ranges, run.start); at < ranges.length && ranges[at]!.start < run.end; at += 1) {
    found.push({ start: Math.max(run.start, ranges[at]!.start), end: Math.min(run.end, ranges[at]!.end) });
  }
  return found;
}

/** The first range that ends above an address. */
function firstAbove(ranges: readonly Range[], address: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]!.end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
