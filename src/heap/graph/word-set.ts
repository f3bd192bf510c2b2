import { giveBack } from './give-back.ts';

/** Bits a block of the rank directory. */
const BLOCK_BITS = 512;
const BLOCK_WORDS = BLOCK_BITS / 32;

/**
 * A set of places in a snapshot as one bit each, and their ranks: from a place to its number with 1.1 bits a place
 * instead of a hash table's tens of bytes an object (G. Jacobson, "Space-efficient Static Trees and Graphs", 1989).
 */
export class WordSet {
  private bits: Uint32Array<ArrayBuffer>;
  private ranks: Uint32Array | undefined;

  constructor(words: number) {
    this.bits = new Uint32Array(Math.ceil(words / BLOCK_BITS) * BLOCK_WORDS);
  }

  has(word: number): boolean {
    return (this.bits[word >>> 5]! & (1 << (word & 31))) !== 0;
  }

  add(word: number): void {
    this.bits[word >>> 5]! |= 1 << (word & 31);
  }

  delete(word: number): void {
    this.bits[word >>> 5]! &= ~(1 << (word & 31));
  }

  /** How many members lie below `word`. The set must not change after the first call. */
  rank(word: number): number {
    this.ranks ??= countBlocks(this.bits);
    let rank = this.ranks[word >>> 9]!;
    const last = word >>> 5;
    for (let at = last - (last % BLOCK_WORDS); at < last; at += 1) rank += ones(this.bits[at]!);
    return rank + ones(this.bits[last]! & ((1 << (word & 31)) - 1));
  }

  /** Calls `visit` with each member, in their order. Where it is known that all lie from one place to another, only there is looked. */
  each(visit: (word: number) => void, lowest = 0, highest = 2 ** 32 - 1): void {
    const end = Math.min(this.bits.length, (highest >>> 5) + 1);
    for (let at = lowest >>> 5; at < end; at += 1) {
      for (let left = this.bits[at]!; left !== 0; left &= left - 1) visit(at * 32 + lowestBit(left));
    }
  }

  /** Keeps what is in `one`, or not in `other`. */
  keepWhere(one: WordSet, other: WordSet): void {
    for (let at = 0; at < this.bits.length; at += 1) this.bits[at]! &= one.bits[at]! | ~other.bits[at]!;
  }

  /** Keeps what is in the other set too. */
  keepBoth(other: WordSet): void {
    for (let at = 0; at < this.bits.length; at += 1) this.bits[at]! &= other.bits[at]!;
  }

  copy(): WordSet {
    const copy = new WordSet(0);
    copy.bits = this.bits.slice();
    return copy;
  }

  /** Gives the memory back at once, without waiting for a collection. The set must not be used again. */
  release(): void {
    giveBack(this.bits);
  }
}

/** The number of the lowest bit set in a 32-bit number that is not 0. */
export function lowestBit(value: number): number {
  return 31 - Math.clz32(value & -value);
}

function countBlocks(bits: Uint32Array): Uint32Array {
  const ranks = new Uint32Array(bits.length / BLOCK_WORDS);
  let rank = 0;
  for (let block = 0; block < ranks.length; block += 1) {
    ranks[block] = rank;
    for (let at = block * BLOCK_WORDS; at < (block + 1) * BLOCK_WORDS; at += 1) rank += ones(bits[at]!);
  }
  return ranks;
}

/** Bits set in a 32-bit number (H. Warren, "Hacker's Delight", 5-1). */
function ones(value: number): number {
  let count = value - ((value >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
