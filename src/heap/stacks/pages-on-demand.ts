import { ABSENT, FILE_PAGE, isCopied, PRESENT } from '../memory/copy.ts';
import type { MemoryMap, MemoryReader } from '../memory/reader.ts';
import { PAGE_BYTES, Snapshot } from '../memory/snapshot.ts';

/**
 * What is read where a page is missing: one before it, it, and some behind it. It and the next ones are known by their addresses from
 * then on; the others are only there to be reached from those.
 */
const PAGES_BEFORE = 1;
const WINDOW_PAGES = 8;
const KNOWN_PAGES = 4;

/** Bytes of the file behind a mapping; returns how many came. */
type ReadFile = (map: MemoryMap, offset: number, into: Uint8Array) => number;

/** Pages that were read in one go. */
interface Run {
  readonly address: number;
  readonly into: Uint8Array;
}

/**
 * A snapshot that is empty at first, and reads what is asked for. Stacks take a few pages of a process of gigabytes. What is
 * read and what is left alone is as in a whole copy (`planCopy`): private writable pages that are present.
 * What was read while the process ran is read again, in its place, by `refresh` while it stands still.
 * The code that reads a structure may go on from its first word to its last, or to what is kept before it, without looking: so
 * with each page that was asked for come its neighbours, in the same order.
 */
export class PagesOnDemand extends Snapshot {
  /** Pages that were asked for and read since the last `refresh`: they are not of the same moment. */
  late = 0;
  /** Pages that were wanted and not read, for want of room. */
  missed = 0;
  private readonly reader: MemoryReader;
  private readonly readFile: ReadFile;
  private readonly maps: readonly MemoryMap[];
  private readonly images: ReadonlySet<string>;
  private readonly asked = new Set<number>();
  private readonly runs: Run[] = [];

  constructor(capacityBytes: number, reader: MemoryReader, readFile: ReadFile) {
    super(capacityBytes, reader);
    this.reader = reader;
    this.readFile = readFile;
    this.maps = reader.maps.filter(isCopied).sort((a, b) => a.start - b.start);
    this.images = new Set(reader.maps.filter((map) => map.executable && map.inode !== 0).map((map) => map.path));
  }

  override wordAt(low: number, high: number): number {
    const word = super.wordAt(low, high);
    if (word >= 0 || high >= 0x8000) return word;
    const page = high * (2 ** 32 / PAGE_BYTES) + (low >>> 12);
    return this.fetch(page) ? super.wordAt(low, high) : -1;
  }

  /** Reads all of it once more; false where `mustEnd` said so before the end. */
  refresh(mustEnd: () => boolean): boolean {
    for (const { address, into } of this.runs) {
      if (mustEnd()) return false;
      this.readMemory(address, into);
    }
    this.late = 0;
    return true;
  }

  /** Whether the page is there now. */
  private fetch(page: number): boolean {
    if (this.asked.has(page)) return false;
    const start = page * PAGE_BYTES;
    const map = this.mapOf(start);
    if (map === undefined) return false;
    this.asked.add(page);
    if (this.roomBytes < WINDOW_PAGES * PAGE_BYTES) {
      this.missed += 1;
      return false;
    }
    const from = start - PAGES_BEFORE * PAGE_BYTES;
    const states = this.statesOf(from, map);
    const isImage = this.images.has(map.path);
    const wanted = Array.from(states, (state) => isWanted(state, isImage));
    if (wanted[PAGES_BEFORE] !== true) return false;
    this.take(map, from / PAGE_BYTES, wanted, states);
    this.late += 1;
    return true;
  }

  /** The states of the pages of a window that may begin before its mapping does. */
  private statesOf(from: number, map: MemoryMap): Uint8Array {
    const [start, end] = [Math.max(map.start, from), Math.min(map.end, from + WINDOW_PAGES * PAGE_BYTES)];
    const states = new Uint8Array((end - from) / PAGE_BYTES).fill(OUTSIDE);
    const inside = states.subarray((start - from) / PAGE_BYTES);
    inside.set(this.reader.pages?.(start, end) ?? new Uint8Array(inside.length).fill(PRESENT));
    return states;
  }

  /** Reads a window that begins at a page. */
  private take(map: MemoryMap, page: number, wanted: readonly boolean[], states: Uint8Array): void {
    const window = this.next(wanted.length * PAGE_BYTES);
    for (let at = 0; at < wanted.length; ) {
      const to = endOfRun(at, wanted, states);
      const address = (page + at) * PAGE_BYTES;
      const into = window.subarray(at * PAGE_BYTES, to * PAGE_BYTES);
      if (wanted[at] && states[at] === ABSENT) into.fill(0, this.readFile(map, map.offset + address - map.start, into));
      else if (wanted[at]) {
        this.readMemory(address, into);
        this.runs.push({ address, into });
      }
      at = to;
    }
    for (const [at, isThere] of wanted.entries()) {
      const isFirst = at === PAGES_BEFORE;
      const isNear = at >= PAGES_BEFORE && at < PAGES_BEFORE + KNOWN_PAGES;
      const isKnown = isThere && isNear && (isFirst || !this.asked.has(page + at));
      if (isKnown) this.asked.add(page + at);
      this.addPage((page + at) * PAGE_BYTES, isKnown);
    }
  }

  private readMemory(address: number, into: Uint8Array): void {
    const { reader } = this;
    into.fill(0, reader.copy ? reader.copy(address, into) : reader.read(address, into));
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

/** No state of a page: it belongs to another mapping. */
const OUTSIDE = 255;

const isWanted = (state: number, isImage: boolean): boolean =>
  state === PRESENT || (isImage && (state === FILE_PAGE || state === ABSENT));

/** Pages next to one another that come from the same place. */
function endOfRun(from: number, wanted: readonly boolean[], states: Uint8Array): number {
  let to = from + 1;
  const isFile = states[from] === ABSENT;
  while (to < wanted.length && wanted[to] === wanted[from] && (states[to] === ABSENT) === isFile) to += 1;
  return to;
}
