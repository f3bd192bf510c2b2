import { giveBack } from '../graph/give-back.ts';
import type { MemoryReader } from './reader.ts';

export const PAGE_BYTES = 4096;
const WORDS_A_PAGE = PAGE_BYTES / 8;
/** One table covers 1 GiB of addresses: 2^18 pages. */
const PAGES_A_TABLE = 1 << 18;
/** User space ends at 2^47: 2^17 tables. */
const TABLES = 1 << 17;

/**
 * Pages of a process, copied. A place in it is a *word*: the index of an 8-byte word in the copy, 32 bits for up to
 * 32 GiB, so that a reference is one number in a typed array. Hot code reads `words` (two 32-bit halves a word)
 * directly; everything else goes through the methods. A place that was not copied is -1.
 */
export class Snapshot {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly tables: (Int32Array | undefined)[] = new Array(TABLES);
  private readonly addresses: Float64Array;
  private pages = 0;
  private readonly constant: MemoryReader | undefined;

  /** `constant` serves what does not change and was not copied (read-only file pages), as long as it lives. */
  constructor(capacityBytes: number, constant?: MemoryReader) {
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
  }

  get copiedBytes(): number {
    return this.pages * PAGE_BYTES;
  }

  get roomBytes(): number {
    return this.bytes.length - this.copiedBytes;
  }

  /** Where the next pages go: read into this, then `add` what came. */
  next(length: number): Uint8Array {
    return this.bytes.subarray(this.copiedBytes, this.copiedBytes + length);
  }

  /** Takes the whole pages that were just written to `next()` as those at `address` (page-aligned). */
  add(address: number, bytes: number): void {
    for (let at = 0; at + PAGE_BYTES <= bytes; at += PAGE_BYTES) this.addPage(address + at, true);
  }

  /** Takes the next page; one that is not `found` is reached from the one before it alone, never by its address. */
  protected addPage(address: number, found: boolean): void {
    this.addresses[this.pages] = address;
    this.pages += 1;
    if (found) this.register(address);
  }

  private register(address: number): void {
    const page = address / PAGE_BYTES;
    const slot = Math.floor(page / PAGES_A_TABLE);
    let table = this.tables[slot];
    if (table === undefined) {
      table = new Int32Array(PAGES_A_TABLE);
      this.tables[slot] = table;
    }
    table[page % PAGES_A_TABLE] = this.pages;
  }

  /** The word at an address given as its two 32-bit halves, or -1. The three low bits are ignored. */
  wordAt(low: number, high: number): number {
    if (high >= 0x8000) return -1;
    const table = this.tables[(high << 2) | (low >>> 30)];
    if (table === undefined) return -1;
    const page = table[(low >>> 12) & 0x3ffff]!;
    return page === 0 ? -1 : (page - 1) * WORDS_A_PAGE + ((low >>> 3) & 511);
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
    return Math.min(length, count);
  }

  /** Up to `length` bytes at an address, across pages; shorter where the copy ends. */
  slice(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = address + done;
      const word = this.word(at);
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
