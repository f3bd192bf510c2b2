import { isCopied } from '../memory/copy.ts';
import { imagePaths, runsOf } from '../memory/page-states.ts';
import type { MemoryMap, MemoryReader } from '../memory/reader.ts';
import { PAGE_BYTES, Snapshot } from '../memory/snapshot.ts';
import { PAGE, type PageSource } from './page-source.ts';

/** Pages before one that is asked for: what is kept before an object may lie there. */
const PAGES_BEFORE = 1;

/** Bytes of the file behind a mapping; returns how many came. */
type ReadFile = (map: MemoryMap, offset: number, into: Uint8Array) => number;

/** Memory that was read in one go, and its place in the copy. */
export interface ReadRun {
  readonly address: number;
  readonly into: Uint8Array;
}

/**
 * A snapshot that is empty at first, and reads what is asked for. Stacks take a few pages of a process of gigabytes. What is
 * read and what is left alone is as in a whole copy (`planCopy`): private writable pages that are present.
 * The code that reads a structure may go on from its first word to its last, or to what is kept before it, without looking: so
 * with each page that is asked for come its neighbours, in the same order. The outer ones of such a window are only there to be
 * reached so, and not known by their addresses.
 * What was read while the process ran is read again, in its place (`runs`, `renew`), when it stands still.
 */
export class PagesOnDemand extends Snapshot {
  readonly runs: ReadRun[] = [];
  /** Pages that were asked for and read since somebody set this to 0: they are of a later moment than the rest. */
  late = 0;
  /** Pages that were wanted and not read, for want of room. */
  missed = 0;
  private readonly source: PageSource;
  private readonly readFile: ReadFile;
  private readonly maps: readonly MemoryMap[];
  private readonly images: ReadonlySet<string>;
  private readonly asked = new Set<number>();

  /** `constant` serves what does not change and is not writable, as in any snapshot. */
  constructor(capacityBytes: number, source: PageSource, readFile: ReadFile, constant: MemoryReader) {
    super(capacityBytes, constant);
    this.source = source;
    this.readFile = readFile;
    const { maps } = source;
    this.maps = maps.filter(isCopied).sort((a, b) => a.start - b.start);
    this.images = imagePaths(maps);
  }

  override wordAt(low: number, high: number): number {
    const word = super.wordAt(low, high);
    if (word >= 0 || high >= 0x8000) return word;
    const page = high * (2 ** 32 / PAGE_BYTES) + (low >>> 12);
    return this.fetch(page) ? super.wordAt(low, high) : -1;
  }

  /** Takes pages as they are by now, wherever they are in the copy; others are left out. */
  renew(address: number, bytes: Uint8Array): void {
    for (const { address: start, into } of this.runs) {
      const from = Math.max(start, address);
      const to = Math.min(start + into.length, address + bytes.length);
      if (from < to) into.set(bytes.subarray(from - address, to - address), from - start);
    }
  }

  /** Whether the page is there now. */
  private fetch(page: number): boolean {
    if (this.asked.has(page)) return false;
    const map = this.mapOf(page * PAGE_BYTES);
    if (map === undefined) return false;
    this.asked.add(page);
    if (this.roomBytes < this.source.window.pages * PAGE_BYTES) {
      this.missed += 1;
      return false;
    }
    const isThere = this.take(map, page - PAGES_BEFORE);
    if (isThere) this.late += 1;
    return isThere;
  }

  /** Reads a window that begins at a page, which may be before its mapping. Whether the page that was asked for is there. */
  private take(map: MemoryMap, first: number): boolean {
    const { pages, known } = this.source.window;
    const [from, end] = [first * PAGE_BYTES, Math.min(map.end, (first + pages) * PAGE_BYTES)];
    const window = this.next(end - from);
    const start = Math.max(map.start, from);
    const inside = window.subarray(start - from);
    const became = this.source.read(start, inside, this.images.has(map.path));
    for (const [at, to] of runsOf(became, (page) => page === PAGE.untouched)) {
      const into = inside.subarray(at * PAGE_BYTES, to * PAGE_BYTES);
      into.fill(0, this.readFile(map, map.offset + start + at * PAGE_BYTES - map.start, into));
    }
    for (const [at, to] of runsOf(became, (page) => page === PAGE.read))
      this.runs.push({ address: start + at * PAGE_BYTES, into: inside.subarray(at * PAGE_BYTES, to * PAGE_BYTES) });
    const outside = (start - from) / PAGE_BYTES;
    const asked = PAGES_BEFORE - outside;
    if (became[asked] === PAGE.none) return false;
    for (let at = 0; at < window.length / PAGE_BYTES; at += 1) {
      const isThere = at >= outside && became[at - outside] !== PAGE.none;
      const isNear = at >= PAGES_BEFORE && at < PAGES_BEFORE + known;
      const isKnown = isThere && isNear && (at === PAGES_BEFORE || !this.asked.has(first + at));
      if (isKnown) this.asked.add(first + at);
      this.addPage((first + at) * PAGE_BYTES, isKnown);
    }
    return true;
  }

  private mapOf(address: number): MemoryMap | undefined {
    let [low, high] = [0, this.maps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.maps[middle]!.end <= address) low = middle + 1;
      else high = middle;
    }
    const map = this.maps[low];
    return map !== undefined && map.start <= address ? map : undefined;
  }
}
