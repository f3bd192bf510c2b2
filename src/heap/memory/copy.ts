import { HeapError } from '../heap-error.ts';
import { imagePaths, isInFileAlone, isInMemory, PRESENT, SWAPPED } from './page-states.ts';
import { type Range, smallestFirst } from './ranges.ts';
import type { MemoryMap, MemoryReader } from './reader.ts';
import { PAGE_BYTES, Snapshot } from './snapshot.ts';

/** Bytes asked for in one read: little enough to look at the clock often, enough for the call itself not to count. */
const READ_BYTES = 1 << 22;
/** Page states are asked for in windows of this size: a mapping may be reserved far beyond what is in use. */
const WINDOW_BYTES = 16 << 20;

interface CopyRange extends Range {
  /**
   * Of an image, mapped and never touched: reading it would bring it into the target's memory. The file has what it would be. It
   * gets its place among the rest, as a structure may reach over it.
   */
  readonly file?: MemoryMap | undefined;
}

export interface CopyPlan {
  /** Pages next to one another, to be copied in one go. */
  readonly ranges: readonly CopyRange[];
  readonly bytes: number;
  /** Swapped out: reading them would bring them back into the target's memory, against its limit. */
  readonly swappedBytes: number;
  /** Windows of large mappings in which something was present, by their start. */
  readonly windows: ReadonlySet<number>;
}

/**
 * What to copy: private writable memory that is present. The data of the executable and its libraries is wanted whole, what
 * nobody touched yet from the file (the static objects of libpython); of other files only what was changed and so is
 * memory by now.
 * Small mappings come first: they hold the interpreter's own state, without which the rest cannot be read.
 * With an `earlier` plan only those windows of large mappings are asked for that had something in them, and the ones
 * behind: a pause is no time to look through terabytes that are only reserved.
 */
export function planCopy(reader: MemoryReader, earlier?: CopyPlan): CopyPlan {
  const maps = smallestFirst(reader.maps.filter(isCopied));
  const images = imagePaths(reader.maps);
  const ranges: CopyRange[] = [];
  const windows = new Set<number>();
  let swappedPages = 0;
  for (const map of maps) {
    const isImage = images.has(map.path);
    for (const window of windowsOf(map, earlier)) {
      const pages = reader.pages?.(window.start, window.end) ?? allPresent(window);
      const wanted = rangesOf(window.start, pages, (state) => sourceOf(state, isImage));
      if (wanted.length > 0) windows.add(window.start);
      for (const { start, end, from } of wanted) join(ranges, { start, end, file: from === 'file' ? map : undefined });
      for (const state of pages) if (state === SWAPPED) swappedPages += 1;
    }
  }
  const bytes = ranges.reduce((sum, range) => sum + range.end - range.start, 0);
  return { ranges, bytes, swappedBytes: swappedPages * PAGE_BYTES, windows };
}

/** Whether a mapping can hold objects: private, readable and writable, and no device's. */
export function isCopied(map: MemoryMap): boolean {
  return map.readable && map.writable && map.private && !map.path.startsWith('[v') && !map.path.startsWith('/dev/');
}

const allPresent = ({ start, end }: Range) => new Uint8Array((end - start) / PAGE_BYTES).fill(PRESENT);

/** A mapping in windows; of one that was looked through before, those that were in use, and the next. */
function* windowsOf(map: MemoryMap, earlier: CopyPlan | undefined): Generator<Range> {
  let behind = false;
  const isLarge = map.end - map.start > 16 * WINDOW_BYTES;
  for (let start = map.start; start < map.end; start += WINDOW_BYTES) {
    const inUse = earlier === undefined || !isLarge || earlier.windows.has(start);
    if (inUse || behind) yield { start, end: Math.min(map.end, start + WINDOW_BYTES) };
    behind = inUse;
  }
}

type Source = 'memory' | 'file' | 'none';

function sourceOf(state: number | undefined, isImage: boolean): Source {
  if (isInMemory(state, isImage)) return 'memory';
  return isInFileAlone(state, isImage) ? 'file' : 'none';
}

/** Runs of pages to copy, by where from. */
function rangesOf(start: number, pages: Uint8Array, isFrom: (state: number | undefined) => Source) {
  const ranges: { start: number; end: number; from: Source }[] = [];
  for (let at = 0; at < pages.length; ) {
    const from = isFrom(pages[at]);
    let to = at + 1;
    while (to < pages.length && isFrom(pages[to]) === from) to += 1;
    if (from !== 'none') ranges.push({ start: start + at * PAGE_BYTES, end: start + to * PAGE_BYTES, from });
    at = to;
  }
  return ranges;
}

/** Appends a range, or lengthens the last one where it goes on from there. */
function join(ranges: CopyRange[], range: CopyRange): void {
  const last = ranges.at(-1);
  if (last?.end === range.start && last.file === range.file)
    ranges[ranges.length - 1] = { ...range, start: last.start };
  else ranges.push(range);
}

/** Places in a copy are 31-bit numbers of 8-byte words. */
export const MOST_COPIED_BYTES = 2 ** 34 - 2 ** 30;

/**
 * A buffer for the plan, with room for what the target may still take before it stops, touched so that the copy meets
 * no page fault (first-touch faults dominate a cold copy). Throws HeapError `refused` where this machine lacks room.
 */
export function prepareSnapshot(plan: CopyPlan, reader: MemoryReader, availableBytes: number): Snapshot {
  const capacity = Math.ceil(plan.bytes * 1.05) + (16 << 20);
  if (capacity > MOST_COPIED_BYTES) {
    throw new HeapError(
      'refused',
      `A copy of the heap takes ${mebibytes(capacity)} MiB; whyoom reads copies of up to ${mebibytes(MOST_COPIED_BYTES)} MiB.`,
      'Look at a process that has run for less long, or with less work.',
    );
  }
  if (capacity > availableBytes * 0.8) {
    throw new HeapError(
      'refused',
      `A copy of the heap takes ${mebibytes(capacity)} MiB here, and only ${mebibytes(availableBytes)} MiB are free.`,
      'Free memory on this machine, or run whyoom where there is more.',
    );
  }
  const snapshot = allocate(capacity, reader);
  for (let at = 0; at < plan.bytes; at += PAGE_BYTES) snapshot.bytes[at] = 1;
  return snapshot;
}

function allocate(capacity: number, reader: MemoryReader): Snapshot {
  try {
    return new Snapshot(capacity, reader);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HeapError('refused', `This machine gives no ${mebibytes(capacity)} MiB for a copy of the heap.`);
  }
}

/** Whole ones, rounded up. */
export const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);

/** What a copy still lacks, and where it goes. */
interface Untouched {
  readonly range: CopyRange;
  readonly into: Uint8Array;
}

export interface Copied {
  /** Bytes that were left out for want of time, room or readability. */
  readonly missedBytes: number;
  readonly untouched: readonly Untouched[];
}

/**
 * Copies the plan's ranges until `mustEnd` says so. Runs while the target stands still: it must not allocate much, and it
 * never waits. Afterwards `fillUntouched` is due.
 */
export function copyInto(snapshot: Snapshot, plan: CopyPlan, reader: MemoryReader, mustEnd: () => boolean): Copied {
  const untouched: Untouched[] = [];
  let missedBytes = 0;
  for (const range of plan.ranges) {
    for (let at = range.start; at < range.end; ) {
      const want = Math.min(READ_BYTES, range.end - at, snapshot.roomBytes);
      if (want < PAGE_BYTES || mustEnd()) {
        missedBytes += range.end - at;
        break;
      }
      const into = snapshot.next(want);
      if (range.file) untouched.push({ range: { ...range, start: at, end: at + want }, into });
      const got = range.file ? want : read(reader, at, into);
      const whole = got - (got % PAGE_BYTES);
      snapshot.add(at, whole);
      // A hole: this page cannot be read, the next one may.
      if (whole === 0) missedBytes += PAGE_BYTES;
      at += whole === 0 ? PAGE_BYTES : whole;
    }
  }
  return { missedBytes, untouched };
}

const read = (reader: MemoryReader, address: number, into: Uint8Array): number =>
  reader.copy ? reader.copy(address, into) : reader.read(address, into);

/**
 * Puts into a copy what the process never touched, from the files themselves, once it runs again; where a file cannot be had,
 * from memory after all. Behind the end of a file a page is filled up with zeros.
 */
export function fillUntouched(
  { untouched }: Copied,
  reader: MemoryReader,
  readFile: (map: MemoryMap, offset: number, into: Uint8Array) => number,
): void {
  for (const { range, into } of untouched) {
    const map = range.file!;
    const got = readFile(map, map.offset + range.start - map.start, into) || reader.read(range.start, into);
    into.fill(0, got);
  }
}
