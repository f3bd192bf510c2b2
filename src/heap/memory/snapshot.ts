import { giveBack } from '../graph/give-back.ts';
import { indexAt, joined, type Range, touching } from './ranges.ts';
import type { MemoryReader } from './reader.ts';

export const PAGE_BYTES = 4096;
const WORDS_A_PAGE = PAGE_BYTES / 8;
/** One table covers 1 GiB of addresses: 2^18 pages. */
const PAGES_A_TABLE = 1 << 18;
/** User space ends at 2^47: 2^17 tables. */
const TABLES = 1 << 17;
/** Marks of a page that is wanted: by itself, or as part of a table that goes on behind it. */
const WANTED = 1;
const WANTED_THROUGH = 2;

/** What belongs to an object and lies before it: a collector's head, and two words for its attributes. */
const MOST_BEFORE_BYTES = 32;

/** Addresses with places of their own in the copy, one behind the other from `place` on. */
interface Kept extends Range {
  readonly place: number;
}

/**
 * Pages of a process, copied. A place in it is a *word*: the index of an 8-byte word in the copy, 32 bits for up to
 * 32 GiB, so that a reference is one number in a typed array. Hot code reads `words` (two 32-bit halves a word)
 * directly; everything else goes through the methods. A place that was not copied is -1.
 *
 * A page can be *withheld*: it is known to be there, and has a place, but was not fetched. It counts as not copied; that somebody asked
 * for it is noted (`takeWanted`).
 */
export class Snapshot {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** By page: the number of its place and 1; the same below zero where it is withheld; 0 where it has none. */
  private readonly tables: (Int32Array | undefined)[] = new Array(TABLES);
  /** By place: the address; of a withheld page the negative one. */
  private readonly addresses: Float64Array;
  private pages = 0;
  private filled = 0;
  private kept: readonly Kept[] = [];
  /** By the address of a page: further places of it, at the edges of kept ranges that it lies beside. */
  private readonly edges = new Map<number, number[]>();
  private wanted: Uint8Array | undefined;
  private readonly constant: Pick<MemoryReader, 'read'> | undefined;

  /** `constant` serves what does not change and was not copied (read-only file pages), as long as it lives. */
  constructor(capacityBytes: number, constant?: Pick<MemoryReader, 'read'>) {
    const buffer = new ArrayBuffer(Math.ceil(capacityBytes / PAGE_BYTES) * PAGE_BYTES);
    this.words = new Uint32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.addresses = new Float64Array(buffer.byteLength / PAGE_BYTES);
    this.constant = constant;
  }

  /** Gives the memory back at once, without waiting for a collection. The snapshot must not be used again. */
  release(): void {
    giveBack(this.bytes);
    this.pages = 0;
    this.filled = 0;
  }

  get copiedBytes(): number {
    return this.filled * PAGE_BYTES;
  }

  /** Words that there are places for, those of withheld pages among them: no word has a higher number. */
  get places(): number {
    return this.pages * WORDS_A_PAGE;
  }

  get roomBytes(): number {
    return this.bytes.length - this.pages * PAGE_BYTES;
  }

  /** Where the next pages go: read into this, then `add` what came. */
  next(length: number): Uint8Array {
    const start = this.pages * PAGE_BYTES;
    return this.bytes.subarray(start, start + length);
  }

  /** Takes the whole pages that were just written to `next()` as those at `address` (page-aligned). */
  add(address: number, bytes: number): void {
    for (let at = 0; at + PAGE_BYTES <= bytes; at += PAGE_BYTES) this.addPage(address + at, true);
  }

  /** Takes the next page; one that is not `found` is reached from the one before it alone, never by its address. */
  protected addPage(address: number, found: boolean): void {
    this.addresses[this.pages] = address;
    this.pages += 1;
    this.filled += 1;
    if (found) this.register(address);
  }

  private register(address: number): void {
    const page = address / PAGE_BYTES;
    this.table(page)[page % PAGES_A_TABLE] = this.pages;
  }

  private table(page: number): Int32Array {
    const slot = Math.floor(page / PAGES_A_TABLE);
    this.tables[slot] ??= new Int32Array(PAGES_A_TABLE);
    return this.tables[slot];
  }

  /** What `tables` has for the page at an address. */
  private known(address: number): number {
    const page = address / PAGE_BYTES;
    return this.tables[Math.floor(page / PAGES_A_TABLE)]?.[page % PAGES_A_TABLE] ?? 0;
  }

  /**
   * Keeps places for pages that may come, so that neighbours in the process are neighbours in the copy. The ranges must have none yet.
   * Ranges that touch are to come one after the other. What comes beside a range later has its places elsewhere: so that what reaches from one into
   * the other is read whole all the same, the page beside each end of a range is there as well, at that end.
   * Returns the bytes of those for which there is no room.
   */
  keep(ranges: readonly Range[]): number {
    const kept = [...this.kept];
    let without = 0;
    for (const { start, end } of touching(ranges).map(asOne)) {
      if (end - start + 2 * PAGE_BYTES > this.roomBytes) {
        without += end - start;
        continue;
      }
      this.addEdge(start - PAGE_BYTES);
      kept.push({ start, end, place: this.pages });
      this.pages += (end - start) / PAGE_BYTES;
      this.addEdge(end);
    }
    this.kept = kept.sort((a, b) => a.start - b.start);
    return without;
  }

  /** Takes the next place for a page that is reached from the one beside it, never by its address. */
  private addEdge(address: number): void {
    const place = this.pages;
    this.pages += 1;
    this.edges.set(address, [...(this.edges.get(address) ?? []), place]);
    const known = this.known(address);
    if (known <= 0) return;
    this.addresses[place] = address;
    this.bytes.copyWithin(place * PAGE_BYTES, (known - 1) * PAGE_BYTES, known * PAGE_BYTES);
  }

  /** Says of pages that they are there and were not fetched. Those at hand stay as they are, and what has no place is left out. */
  withhold({ start, end }: Range): void {
    this.wanted ??= new Uint8Array(this.addresses.length);
    for (let address = start; address < end; address += PAGE_BYTES) {
      const page = address / PAGE_BYTES;
      const table = this.table(page);
      if (table[page % PAGES_A_TABLE] !== 0) continue;
      const place = this.placeOf(address);
      if (place < 0) continue;
      table[page % PAGES_A_TABLE] = -(place + 1);
      this.addresses[place] = -address;
    }
  }

  /** Takes whole pages from `address` on: in the places that they have or that are kept for them. Returns how many had none. */
  put(address: number, bytes: Uint8Array): number {
    let refused = 0;
    for (let at = 0; at + PAGE_BYTES <= bytes.length; at += PAGE_BYTES) {
      const page = (address + at) / PAGE_BYTES;
      const table = this.table(page);
      const known = table[page % PAGES_A_TABLE]!;
      const place = known === 0 ? this.placeOf(address + at) : Math.abs(known) - 1;
      if (place < 0) {
        refused += 1;
        continue;
      }
      if (known <= 0) this.filled += 1;
      table[page % PAGES_A_TABLE] = place + 1;
      for (const each of [place, ...(this.edges.get(address + at) ?? [])]) {
        this.addresses[each] = address + at;
        this.bytes.set(bytes.subarray(at, at + PAGE_BYTES), each * PAGE_BYTES);
      }
    }
    return refused;
  }

  private placeOf(address: number): number {
    const kept = this.kept[indexAt(this.kept, address)];
    return kept === undefined ? -1 : kept.place + (address - kept.start) / PAGE_BYTES;
  }

  /**
   * To be called for what is about to be read as a structure of so many bytes: wants the pages that it lies on beside the one of its
   * word, what is before it (a collector's head) with it. Costs nothing where nothing is withheld.
   */
  span(word: number, bytes: number): void {
    if (this.wanted === undefined) return;
    const inPage = word % WORDS_A_PAGE;
    if (inPage * 8 + bytes > PAGE_BYTES) this.run(word, Math.ceil(bytes / 8));
    if (inPage * 8 < MOST_BEFORE_BYTES) this.want(this.address(word) - MOST_BEFORE_BYTES, MOST_BEFORE_BYTES);
  }

  /** The withheld pages that were asked for since the last call, in the order of their addresses. */
  takeWanted(): Range[] {
    const ranges: Range[] = [];
    const { wanted } = this;
    if (wanted === undefined) return ranges;
    for (let place = 0; place < this.pages; place += 1) {
      const address = -this.addresses[place]!;
      if (wanted[place] !== 0 && address > 0) ranges.push({ start: address, end: address + PAGE_BYTES });
    }
    wanted.fill(0);
    return joined(ranges);
  }

  /** Wants the withheld pages of a table that starts at `address`, until one of them is none. Returns -1. */
  want(address: number, bytes: number): -1 {
    const { wanted } = this;
    if (wanted === undefined || !(address >= 0 && address < 2 ** 47)) return -1;
    const last = Math.min(2 ** 47, address + bytes);
    for (let at = address - (address % PAGE_BYTES); at < last; at += PAGE_BYTES) {
      const known = this.known(at);
      if (known === 0) break;
      if (known > 0) continue;
      // Tables laid over one another are damage, and not to be gone through again and again.
      if (wanted[-known - 1] === WANTED_THROUGH) break;
      wanted[-known - 1] = WANTED_THROUGH;
    }
    return -1;
  }

  /** The word at an address given as its two 32-bit halves, or -1. The three low bits are ignored. */
  wordAt(low: number, high: number): number {
    if (high >= 0x8000) return -1;
    const table = this.tables[(high << 2) | (low >>> 30)];
    if (table === undefined) return -1;
    const page = table[(low >>> 12) & 0x3ffff]!;
    return page <= 0 ? this.missing(page) : (page - 1) * WORDS_A_PAGE + ((low >>> 3) & 511);
  }

  private missing(page: number): -1 {
    if (page < 0) this.wanted![-page - 1] ||= WANTED;
    return -1;
  }

  /** The word at an address, or -1. */
  word(address: number): number {
    return address < 0 || address >= 2 ** 47 ? -1 : this.wordAt(address >>> 0, Math.floor(address / 2 ** 32));
  }

  /** The word that the pointer stored at `word` leads to, or -1. */
  follow(word: number): number {
    const low = this.words[2 * word]!;
    return (low & 7) !== 0 ? -1 : this.wordAt(low, this.words[2 * word + 1]!);
  }

  /** The address of a word. */
  address(word: number): number {
    return this.addresses[Math.floor(word / WORDS_A_PAGE)]! + (word % WORDS_A_PAGE) * 8;
  }

  /** The unsigned 64-bit number at a word; exact below 2^53. */
  unsigned(word: number): number {
    return this.words[2 * word]! + this.words[2 * word + 1]! * 2 ** 32;
  }

  /** The signed 64-bit number at a word; exact within 2^53. */
  signed(word: number): number {
    return this.words[2 * word]! + (this.words[2 * word + 1]! | 0) * 2 ** 32;
  }

  /** The 32-bit number at `offset` bytes (a multiple of 4) behind a word's start. */
  int32(word: number, offset: number): number {
    return this.words[2 * word + offset / 4]! | 0;
  }

  uint8(word: number, offset: number): number {
    return this.bytes[word * 8 + offset]!;
  }

  /**
   * How many words lie behind one another in the copy from `word` on, at most `count`. What is contiguous in the
   * target need not be in the copy: walk arrays in such runs.
   */
  run(word: number, count: number): number {
    let length = WORDS_A_PAGE - (word % WORDS_A_PAGE);
    let page = Math.floor(word / WORDS_A_PAGE);
    while (length < count && page + 1 < this.pages && this.addresses[page + 1] === this.addresses[page]! + PAGE_BYTES) {
      length += WORDS_A_PAGE;
      page += 1;
    }
    if (length < count && this.wanted !== undefined)
      this.want(this.addresses[page]! + PAGE_BYTES, (count - length) * 8);
    return Math.min(length, count);
  }

  /** All pages that are at hand or withheld, in the order of their places: neighbours in both as one. */
  pageRuns(): Range[] {
    const runs: { start: number; end: number }[] = [];
    for (let place = 0; place < this.pages; place += 1) {
      const address = Math.abs(this.addresses[place]!);
      if (address === 0) continue;
      const last = runs.at(-1);
      if (last?.end === address) last.end += PAGE_BYTES;
      else runs.push({ start: address, end: address + PAGE_BYTES });
    }
    return runs;
  }

  /** The withheld pages of these ranges. */
  withheldIn(ranges: readonly Range[]): Range[] {
    const found: Range[] = [];
    for (const { start, end } of ranges) {
      for (let address = start; address < end; address += PAGE_BYTES) {
        if (this.known(address) < 0) found.push({ start: address, end: address + PAGE_BYTES });
      }
    }
    return joined(found);
  }

  /** Bytes of the pages that are withheld. */
  get withheldBytes(): number {
    let pages = 0;
    for (let place = 0; place < this.pages; place += 1) if (this.addresses[place]! < 0) pages += 1;
    return pages * PAGE_BYTES;
  }

  /**
   * Forgets withheld pages of these ranges: they are not there. Their places stay kept. With `isGone` those at hand are asked about, and
   * withheld ones are left.
   */
  drop(ranges: readonly Range[], isGone?: (bytes: Uint8Array) => boolean): void {
    for (const { start, end } of ranges) {
      for (let address = start; address < end; address += PAGE_BYTES) {
        const known = this.known(address);
        if (known === 0 || known > 0 !== (isGone !== undefined)) continue;
        const place = Math.abs(known) - 1;
        if (isGone && !isGone(this.bytes.subarray(place * PAGE_BYTES, (place + 1) * PAGE_BYTES))) continue;
        const page = address / PAGE_BYTES;
        this.table(page)[page % PAGES_A_TABLE] = 0;
        for (const each of [place, ...(this.edges.get(address) ?? [])]) this.addresses[each] = 0;
        if (known > 0) this.filled -= 1;
      }
    }
  }

  /** Up to `length` bytes at an address, across pages; shorter where the copy ends. */
  slice(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = address + done;
      const word = this.word(at);
      if (word < 0 && done > 0 && this.wanted !== undefined) {
        this.want(at, length - done);
        done += this.constant?.read(at, out.subarray(done)) ?? 0;
      }
      if (word < 0) break;
      const inPage = Math.min(PAGE_BYTES - (at % PAGE_BYTES), length - done);
      const from = word * 8 + (at % 8);
      out.set(this.bytes.subarray(from, from + inPage), done);
      done += inPage;
    }
    if (done === 0 && this.constant) done = this.constant.read(address, out);
    return out.subarray(0, done);
  }
}

const asOne = (ranges: readonly Range[]): Range => ({ start: ranges[0]!.start, end: ranges.at(-1)!.end });
