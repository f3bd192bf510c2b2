import { Frontier } from './frontier.ts';
import { WordSet } from './word-set.ts';

/** How often the whole copy may be read. In a sane heap few words are read twice. */
const READINGS = 8;

/**
 * What a walk has reached, and the references that it has read: places as bits, references one number each. Room for
 * all that can be is asked for at the start: memory that is not written to is not taken.
 */
export class Reached {
  readonly seen: WordSet;
  /** Reached by more than one reference. */
  readonly again: WordSet;
  readonly frontier: Frontier;
  /** Targets of all references, in the order of reading. */
  readonly targets: Uint32Array<ArrayBuffer>;
  references = 0;
  /** Pointers in exact places that lead nowhere: damage, or memory that was not copied. */
  lost = 0;

  /** Each reference lies in a word of its own: more of them than words are damage, tables laid over one another. */
  private most: number;
  /** Words that may still be read: such tables can be full of nothing, which makes no references. */
  private unread: number;

  constructor(words: number) {
    this.most = words;
    this.unread = words * READINGS;
    this.seen = new WordSet(words);
    this.again = new WordSet(words);
    this.frontier = new Frontier(words);
    // The roots come behind them.
    this.targets = new Uint32Array(words * 2);
  }

  get isFull(): boolean {
    return this.references === this.most;
  }

  /** Whether so many words may be read. Once they may not, it is as if there were no room for more references. */
  mayRead(words: number): boolean {
    this.unread -= words;
    if (this.unread >= 0) return true;
    this.most = this.references;
    this.lost += 1;
    return false;
  }

  /** A reference of the object that is being read. Whether an object is at its end is seen when its turn comes. */
  refer(target: number): void {
    if (this.isFull) {
      this.lost += 1;
      return;
    }
    this.targets[this.references] = target;
    this.references += 1;
    if (this.seen.has(target)) this.again.add(target);
    else {
      this.seen.add(target);
      this.frontier.add(target);
    }
  }
}
