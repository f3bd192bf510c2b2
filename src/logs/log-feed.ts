import { Buffer } from 'node:buffer';
import type { LogDigester } from './digest.ts';
import { HashTable, SeenCounts } from './hash-table.ts';
import { type Recipe, RecipeFinder } from './line-recipe.ts';
import { LineShape } from './line-shape.ts';
import { opened } from './log-envelope.ts';
import { LogReader, type LogReaderOptions, type LogTally } from './log-reader.ts';

/**
 * Lines of one shape that are read as others before a recipe is sought, which costs as much as reading some forty: few where the recipes so far
 * were worth it, many in a log that says everything in other words.
 */
const SEEN_BEFORE = 4;
const SEEN_BEFORE_AT_MOST = 32;
const WORTH_LINES = 40;
const MOST_FAILURES = 4;
/** Of one shape, by the digits that must be the same. */
const MOST_VARIANTS = 200;
const MOST_NUMBERS = 64;

interface Shape {
  seen: number;
  failures: number;
  variants: number;
  /** Places that must have the same digits as in the line that the recipe was made for; undefined: not known yet. */
  constant: readonly number[] | undefined;
  /** The recipe of the line of this shape that was last. */
  last: Recipe | undefined;
  generation: number;
}

/** A line that was understood by its recipe, and waits for the next: only then it is known that no traceback follows. */
interface Understood {
  recipe: Recipe | undefined;
  start: number;
  end: number;
  at: number;
  readonly values: Float64Array;
}

const understood = (): Understood => ({
  recipe: undefined,
  start: 0,
  end: 0,
  at: Number.NaN,
  values: new Float64Array(MOST_NUMBERS),
});

/**
 * The bytes of a log on their way into a digest. Nearly all lines of a log differ from others in their digits alone: of those that were seen
 * before a recipe says where the time and the numbers are, and nothing else of them is read. All others go through `LogReader`, and give the
 * recipes; the digest is the same.
 */
export class LogFeed {
  readonly #digester: LogDigester;
  readonly #reader: LogReader;
  readonly #finder = new RecipeFinder();
  readonly #shape = new LineShape();
  /** Most shapes come seldom or never again: those are not kept. */
  readonly #seen = new SeenCounts(2 ** 15);
  readonly #shapes = new HashTable<Shape>(2 ** 15);
  readonly #recipes = new HashTable<Recipe>(2 ** 15);
  #waiting = understood();
  #next = understood();
  /** Nothing that was pushed waits in the reader. */
  #isSettled = false;
  /** From here on the chunk at hand is in the digest nowhere yet. */
  #unread = 0;
  #isWithinLine = false;
  #generation = 0;
  /** Recipes that were sought, and lines that were said by one. */
  #sought = 0;
  #said = 0;

  constructor(digester: LogDigester, options: LogReaderOptions = {}) {
    this.#digester = digester;
    this.#reader = new LogReader((line) => digester.add(line), options);
    digester.lineOf = (text) => this.#finder.lineOf(text);
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = this.#isWithinLine ? bytes.indexOf(10) + 1 : 0;
    if (this.#isWithinLine && at === 0) at = bytes.length;
    this.#unread = 0;
    while (at < bytes.length) {
      const end = this.#shape.read(bytes, at, bytes.length);
      if (end < 0) break;
      if (this.#understands(bytes, at, end) && this.#follows(bytes, at)) {
        this.#unread = at;
        this.#swap();
      } else this.#giveUp(bytes, at, end);
      at = end + 1;
    }
    this.#waiting.recipe = undefined;
    this.#readTo(bytes, bytes.length);
    if (bytes.length > 0) this.#isWithinLine = bytes[bytes.length - 1] !== 10;
    this.#digester.letGo(bytes);
  }

  end(): LogTally {
    // The digest is made of what is kept elsewhere, and needs room.
    this.#recipes.clear();
    this.#shapes.clear();
    return this.#reader.end();
  }

  #swap(): void {
    const waiting = this.#next;
    this.#next = this.#waiting;
    this.#waiting = waiting;
    this.#next.recipe = undefined;
  }

  /** Whether the digest has all before this line: what waited is said now, or the reader takes what is unread and has nothing open. */
  #follows(bytes: Buffer, at: number): boolean {
    const { recipe } = this.#waiting;
    const next = this.#next.recipe!.known;
    if (recipe) {
      if (!this.#digester.passes(next)) return false;
      this.#sayWaiting(bytes);
      return true;
    }
    this.#readTo(bytes, at);
    this.#isSettled ||= this.#reader.settle();
    return this.#isSettled && this.#digester.passes(next);
  }

  #sayWaiting(bytes: Buffer): void {
    const { recipe, start, end, at, values } = this.#waiting;
    this.#said++;
    const number = this.#reader.skip(end + 1 - start, at);
    this.#digester.sayAgain(recipe!.known, { at, number, values }, bytes, start, end);
    this.#waiting.recipe = undefined;
  }

  /** A line is next that must be read; what waits is said where that one is surely no traceback of it. */
  #giveUp(bytes: Buffer, at: number, end: number): void {
    const { recipe, start } = this.#waiting;
    if (
      recipe &&
      this.#shape.isPlain &&
      !mayBelong(bytes.toString('latin1', start, at), bytes.toString('latin1', at, end))
    ) {
      this.#sayWaiting(bytes);
      this.#unread = at;
    }
    this.#waiting.recipe = undefined;
  }

  #readTo(bytes: Buffer, to: number): void {
    if (this.#unread >= to) return;
    this.#isSettled = false;
    this.#reader.push(bytes.subarray(this.#unread, to));
    this.#unread = to;
  }

  /** Whether there is a recipe for the line that the shape was taken of, and it holds; the values are in `#next` then. */
  #understands(bytes: Buffer, start: number, end: number): boolean {
    const shape = this.#shape;
    if (!shape.isPlain || end === start) return false;
    const known = this.#shapes.get(shape.hash, shape.otherHash);
    if (!known) {
      if (this.#seen.see(shape.hash, shape.otherHash) >= SEEN_BEFORE - 1)
        this.#shapes.set(shape.hash, shape.otherHash, {
          seen: SEEN_BEFORE,
          failures: 0,
          variants: 0,
          constant: undefined,
          last: undefined,
          generation: 0,
        });
      return false;
    }
    if (known.seen < SEEN_BEFORE_AT_MOST && !known.constant && this.#said < this.#sought * WORTH_LINES) {
      known.seen++;
      return false;
    }
    if (known.failures >= MOST_FAILURES) return false;
    if (this.#generation !== this.#digester.generation) {
      this.#recipes.clear();
      this.#generation = this.#digester.generation;
    }
    if (known.generation !== this.#generation) {
      known.last = undefined;
      known.variants = 0;
      known.generation = this.#generation;
    }
    const recipe = this.#recipeFor(known, bytes, start, end);
    if (!recipe) return false;
    if (this.#digester.isStale(recipe.known)) {
      this.#readBefore(bytes, start);
      this.#digester.refresh(recipe.known);
    }
    return this.#evaluate(recipe, bytes, start, end);
  }

  /** What is known of the lines before is known to the digest then, too. */
  #readBefore(bytes: Buffer, start: number): void {
    this.#readTo(bytes, start);
    this.#waiting.recipe = undefined;
  }

  #recipeFor(known: Shape, bytes: Buffer, start: number, end: number): Recipe | undefined {
    const shape = this.#shape;
    if (known.constant) {
      // Nearly always it is the one that it was before.
      if (known.last && isSame(shape, known.constant, known.last.constantDigits, bytes)) return known.last;
      shape.mixPlaces(known.constant);
      known.last = this.#recipes.get(shape.hash, shape.otherHash);
      if (known.last) return known.last;
    }
    if (known.variants >= MOST_VARIANTS) {
      known.failures = MOST_FAILURES;
      return undefined;
    }
    this.#readBefore(bytes, start);
    this.#sought++;
    this.#finder.nearUnixSeconds = this.#reader.nearUnixSeconds;
    const found = this.#finder.find(bytes.toString('latin1', start, end), shape, start, (line, numbers, hasRandom) =>
      this.#digester.known(line, numbers, hasRandom),
    );
    if (!found || (known.constant && String(found.constant) !== String(known.constant))) {
      known.failures++;
      return undefined;
    }
    if (!known.constant) {
      known.constant = found.constant;
      shape.mixPlaces(found.constant);
    }
    known.variants++;
    this.#recipes.set(shape.hash, shape.otherHash, found.recipe);
    known.last = found.recipe;
    return found.recipe;
  }

  #evaluate(recipe: Recipe, bytes: Buffer, start: number, end: number): boolean {
    const { starts, ends } = this.#shape;
    const next = this.#next;
    const { values } = next;
    const { code } = recipe;
    let time = code[0]!;
    let i = 2;
    for (let clocks = code[1]!; clocks > 0; clocks--) {
      const from = starts[code[i]!]!;
      const to = ends[code[i]!]!;
      if (to - from !== code[i + 1]!) return false;
      i += 2;
      for (let at = from; at < to; at++) time += code[i++]! * (bytes[at]! - 48);
    }
    const numbers = code[i++]!;
    for (let number = 0; number < numbers; number++) values[number] = 0;
    for (let parts = code[i++]!; parts > 0; parts--, i += 4) {
      const raw = numberInBytes(bytes, starts[code[i + 1]!]!, ends[code[i + 2]!]!);
      if (Number.isNaN(raw)) return false;
      values[code[i]!]! += raw * code[i + 3]!;
    }
    next.recipe = recipe;
    next.start = start;
    next.end = end;
    next.at = time / 1e6;
    return true;
  }
}

function isSame(shape: LineShape, places: readonly number[], wanted: string, bytes: Uint8Array): boolean {
  let i = 0;
  for (let at = 0; at < places.length; at++) {
    const to = shape.ends[places[at]!]!;
    for (let byte = shape.starts[places[at]!]!; byte < to; byte++)
      if (bytes[byte] !== wanted.charCodeAt(i++)) return false;
  }
  return i === wanted.length;
}

/**
 * Whether the second line may begin a traceback of the first, with its words or a part of them that the runtime cut; says nothing, so that the one
 * behind it may; or is of another's log.
 */
function mayBelong(line: string, next: string): boolean {
  if (next.includes('Traceback') || next.startsWith('{"log"')) return true;
  const { isPartial, source, content } = opened(next);
  return isPartial === true || content.trim() === '' || opened(line).source !== source;
}

/** Digits with one point at most; NaN where there are more than a double holds. */
function numberInBytes(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > 15) return Number.NaN;
  let value = 0;
  let scale = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === 46) {
      if (scale !== 0) return Number.NaN;
      scale = 1;
      continue;
    }
    if (byte < 48 || byte > 57) return Number.NaN;
    value = value * 10 + byte - 48;
    scale *= 10;
  }
  return scale > 1 ? value / scale : value;
}
