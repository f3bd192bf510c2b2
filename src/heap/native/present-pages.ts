import { joined, type Range } from '../memory/ranges.ts';
import type { MemoryMap } from '../memory/reader.ts';
import type { Snapshot } from '../memory/snapshot.ts';

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

/** What of the copy, and of what it withholds, is anonymous memory. */
export function presentPages(snapshot: Snapshot, maps: readonly MemoryMap[]): PresentPages {
  const anonymous = joined(maps.filter(isAnonymous));
  const runs = joined(snapshot.pageRuns().flatMap((run) => overlaps(run, anonymous)));
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
