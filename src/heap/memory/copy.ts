import { HeapError } from '../heap-error.ts';
import type { MemoryMap, MemoryReader } from './reader.ts';
import { PAGE_BYTES, Snapshot } from './snapshot.ts';

/** Bytes asked for in one read. 1 MiB gave the best bandwidth of /proc/PID/mem into a buffer that is used again. */
const READ_BYTES = 1 << 20;
/** Pages next to one another that are copied in one go although some between are absent. */
interface Range {
  readonly start: number;
  readonly end: number;
}

export interface CopyPlan {
  readonly ranges: readonly Range[];
  readonly bytes: number;
  /** Swapped out: reading them would bring them back into the target's memory, against its limit. */
  readonly swappedBytes: number;
}

/**
 * What to copy: private writable memory that is present. Absent pages are skipped in anonymous mappings only: a page
 * of a file that nobody touched yet still holds data (the static objects of libpython).
 * Small mappings come first: they hold the interpreter's own state, without which the rest cannot be read.
 */
export function planCopy(reader: MemoryReader): CopyPlan {
  const maps = reader.maps.filter(isCopied).sort((a, b) => a.end - a.start - (b.end - b.start));
  const ranges: Range[] = [];
  let swappedPages = 0;
  for (const map of maps) {
    if (map.inode !== 0 || !reader.pages) {
      ranges.push({ start: map.start, end: map.end });
      continue;
    }
    const pages = reader.pages(map.start, map.end);
    ranges.push(...presentRanges(map, pages));
    for (const state of pages) if (state === 2) swappedPages += 1;
  }
  const bytes = ranges.reduce((sum, range) => sum + range.end - range.start, 0);
  return { ranges, bytes, swappedBytes: swappedPages * PAGE_BYTES };
}

function isCopied(map: MemoryMap): boolean {
  return map.readable && map.writable && map.private && !map.path.startsWith('[v') && !map.path.startsWith('/dev/');
}

function presentRanges(map: MemoryMap, pages: Uint8Array): Range[] {
  const ranges: Range[] = [];
  for (let from = 0; from < pages.length; ) {
    if (pages[from] !== 1) {
      from += 1;
      continue;
    }
    let to = from + 1;
    while (to < pages.length && pages[to] === 1) to += 1;
    ranges.push({ start: map.start + from * PAGE_BYTES, end: map.start + to * PAGE_BYTES });
    from = to;
  }
  return ranges;
}

/**
 * A buffer for the plan, with room for what the target may still take before it stops, touched so that the copy meets
 * no page fault (first-touch faults dominate a cold copy). Throws HeapError `refused` where this machine lacks room.
 */
export function prepareSnapshot(plan: CopyPlan, reader: MemoryReader, availableBytes: number): Snapshot {
  const capacity = Math.ceil(plan.bytes * 1.05) + (16 << 20);
  if (capacity > availableBytes * 0.8) {
    throw new HeapError(
      'refused',
      `A copy of the heap takes ${mebibytes(capacity)} MiB here, and only ${mebibytes(availableBytes)} MiB are free.`,
      'Free memory on this machine, or run whyoom where there is more.',
    );
  }
  const snapshot = new Snapshot(capacity, reader);
  for (let at = 0; at < snapshot.bytes.length; at += PAGE_BYTES) snapshot.bytes[at] = 1;
  return snapshot;
}

const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);

/**
 * Copies the plan's ranges until `mustEnd` says so, and returns the bytes that were left out for want of time, room
 * or readability. Runs while the target stands still: it must not allocate much, and it never waits.
 */
export function copyInto(snapshot: Snapshot, plan: CopyPlan, reader: MemoryReader, mustEnd: () => boolean): number {
  let missed = 0;
  for (const range of plan.ranges) {
    for (let at = range.start; at < range.end; ) {
      const want = Math.min(READ_BYTES, range.end - at, snapshot.roomBytes);
      if (want < PAGE_BYTES || mustEnd()) {
        missed += range.end - at;
        break;
      }
      const got = reader.read(at, snapshot.next(want));
      const whole = got - (got % PAGE_BYTES);
      snapshot.add(at, whole);
      // A hole: this page cannot be read, the next one may.
      if (whole === 0) missed += PAGE_BYTES;
      at += whole === 0 ? PAGE_BYTES : whole;
    }
  }
  return missed;
}
