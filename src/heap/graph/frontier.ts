import { giveBack } from './give-back.ts';
import { lowestBit } from './word-set.ts';

/** So many places are kept as a list and sorted; more of them as bits, which are in order by themselves. */
const FEW = 1 << 16;

/**
 * Places found and not yet visited, a level at a time, each level in the order of addresses: what lies together is read
 * together, however the references between run.
 */
export class Frontier {
  private found: Level;
  private visited: Level;
  /** The number of the level that is being visited. */
  level = 0;

  constructor(words: number) {
    this.found = new Level(words);
    this.visited = new Level(words);
  }

  /** Adds a place that was not added before. */
  add(word: number): void {
    this.found.add(word);
  }

  /**
   * Puts the next places of the level into the array and returns how many. When a level is through the next begins,
   * with all that was added in the meantime; 0 when nothing is left.
   */
  next(into: Uint32Array): number {
    const count = this.visited.take(into);
    if (count > 0) return count;
    [this.visited, this.found] = [this.found, this.visited];
    this.visited.sort();
    this.level += 1;
    return this.visited.take(into);
  }

  release(): void {
    this.found.release();
    this.visited.release();
  }
}

/** One level, first filled, then emptied. */
class Level {
  private readonly few = new Uint32Array(FEW);
  private readonly words: number;
  /** Made when it is first needed: a small heap never does. */
  private bits: Uint32Array<ArrayBuffer> | undefined;
  private count = 0;
  private taken = 0;
  /** Where in the bits members can be. */
  private first = Number.POSITIVE_INFINITY;
  private last = -1;

  constructor(words: number) {
    this.words = words;
  }

  add(word: number): void {
    if (this.count < FEW) this.few[this.count] = word;
    else {
      if (this.count === FEW) for (const each of this.few) this.addBit(each);
      this.addBit(word);
    }
    this.count += 1;
  }

  private addBit(word: number): void {
    this.bits ??= new Uint32Array(Math.ceil(this.words / 32));
    const at = word >>> 5;
    this.bits[at]! |= 1 << (word & 31);
    if (at < this.first) this.first = at;
    if (at > this.last) this.last = at;
  }

  sort(): void {
    if (this.count <= FEW) this.few.subarray(0, this.count).sort();
  }

  take(into: Uint32Array): number {
    const count = this.count <= FEW ? this.takeFew(into) : this.takeBits(into);
    this.taken += count;
    if (this.taken === this.count) this.clear();
    return count;
  }

  private takeFew(into: Uint32Array): number {
    const some = this.few.subarray(this.taken, Math.min(this.count, this.taken + into.length));
    into.set(some);
    return some.length;
  }

  private takeBits(into: Uint32Array): number {
    const bits = this.bits!;
    let count = 0;
    let at = this.first;
    for (; at <= this.last && count + 32 <= into.length; at += 1) {
      for (let left = bits[at]!; left !== 0; left &= left - 1) {
        into[count] = at * 32 + lowestBit(left);
        count += 1;
      }
      bits[at] = 0;
    }
    this.first = at;
    return count;
  }

  private clear(): void {
    this.count = 0;
    this.taken = 0;
    this.first = Number.POSITIVE_INFINITY;
    this.last = -1;
  }

  release(): void {
    if (this.bits) giveBack(this.bits);
  }
}
