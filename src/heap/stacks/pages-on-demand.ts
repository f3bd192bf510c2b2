import { ABSENT, FILE_PAGE, isCopied, PRESENT } from '../memory/copy.ts';
import type { MemoryMap, MemoryReader } from '../memory/reader.ts';
import { PAGE_BYTES, Snapshot } from '../memory/snapshot.ts';

/** What is read where something is missing: of these pages the first half is known by its addresses from then on. */
const WINDOW_PAGES = 8;
const KNOWN_PAGES = 4;

export interface OnDemand {
  readonly reader: MemoryReader;
  /** Bytes of the file behind a mapping, for pages of an image that nobody touched. */
  readFile(map: MemoryMap, offset: number, into: Uint8Array): number;
  /** Nothing is read any more once this says so. */
  mustEnd(): boolean;
}

/**
 * A snapshot that is empty at first, and reads what is asked for, while the process stands still. Stacks take a few pages of
 * a process of gigabytes. What is read and what is left alone is as in a whole copy (`planCopy`): private writable pages that
 * are present.
 * The code that reads a structure may go on from its first word to its last without looking: so with each page that was
 * asked for come those behind it, in the same order.
 */
export class PagesOnDemand extends Snapshot {
  /** Pages that were wanted and not read, for want of time or room. */
  missedPages = 0;
  private readonly from: OnDemand;
  private readonly maps: readonly MemoryMap[];
  private readonly images: ReadonlySet<string>;
  private readonly asked = new Set<number>();

  constructor(capacityBytes: number, from: OnDemand) {
    super(capacityBytes, from.reader);
    this.from = from;
    const { maps } = from.reader;
    this.maps = maps.filter(isCopied).sort((a, b) => a.start - b.start);
    this.images = new Set(maps.filter((map) => map.executable && map.inode !== 0).map((map) => map.path));
  }

  override wordAt(low: number, high: number): number {
    const word = super.wordAt(low, high);
    if (word >= 0 || high >= 0x8000) return word;
    const page = high * (2 ** 32 / PAGE_BYTES) + (low >>> 12);
    return this.fetch(page) ? super.wordAt(low, high) : -1;
  }

  /** Whether the page is there now. */
  private fetch(page: number): boolean {
    if (this.asked.has(page)) return false;
    const map = this.mapOf(page * PAGE_BYTES);
    if (map === undefined) return false;
    if (this.roomBytes < WINDOW_PAGES * PAGE_BYTES || this.from.mustEnd()) {
      this.missedPages += 1;
      return false;
    }
    const start = page * PAGE_BYTES;
    const end = Math.min(map.end, start + WINDOW_PAGES * PAGE_BYTES);
    const states = this.from.reader.pages?.(start, end) ?? new Uint8Array((end - start) / PAGE_BYTES).fill(PRESENT);
    const isImage = this.images.has(map.path);
    const wanted = [...states].map((state) => isWanted(state, isImage));
    if (wanted[0] === true) this.take(map, start, wanted, states);
    this.asked.add(page);
    return wanted[0] === true;
  }

  private take(map: MemoryMap, start: number, wanted: readonly boolean[], states: Uint8Array): void {
    const into = this.next(wanted.length * PAGE_BYTES);
    for (let at = 0; at < wanted.length; ) {
      const to = endOfRun(at, wanted, states);
      const pages = into.subarray(at * PAGE_BYTES, to * PAGE_BYTES);
      if (wanted[at]) this.read(map, start + at * PAGE_BYTES, pages, states[at] === ABSENT);
      at = to;
    }
    for (const [at, isThere] of wanted.entries()) {
      const page = start / PAGE_BYTES + at;
      const isKnown = isThere && at < KNOWN_PAGES && !this.asked.has(page);
      if (isKnown) this.asked.add(page);
      this.addPage(page * PAGE_BYTES, isKnown);
    }
  }

  private read(map: MemoryMap, address: number, into: Uint8Array, fromFile: boolean): void {
    const { reader, readFile } = this.from;
    const got = fromFile
      ? readFile(map, map.offset + address - map.start, into)
      : (reader.copy?.(address, into) ?? reader.read(address, into));
    into.fill(0, got);
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

const isWanted = (state: number, isImage: boolean): boolean =>
  state === PRESENT || (isImage && (state === FILE_PAGE || state === ABSENT));

/** Pages next to one another that come from the same place. */
function endOfRun(from: number, wanted: readonly boolean[], states: Uint8Array): number {
  let to = from + 1;
  const isFile = states[from] === ABSENT;
  while (to < wanted.length && wanted[to] === wanted[from] && (states[to] === ABSENT) === isFile) to += 1;
  return to;
}
