import { Buffer } from 'node:buffer';
import type { KnownLine, KnownNumber } from './digest.ts';
import { flat } from './flat-text.ts';
import { IS_RANDOM, type LineShape } from './line-shape.ts';
import type { LogLine } from './log-line.ts';
import { LogReader } from './log-reader.ts';
import { MessageScan, NUMBER } from './message-scan.ts';
import { quantityOf } from './quantities.ts';
import { UNITS } from './units.ts';

/** How lines of one shape are read without reading them: what in them is where. */
export interface Recipe {
  readonly known: KnownLine;
  /** What stands in the places that must be the same, one behind the other. */
  readonly constantDigits: string;
  /**
   * One number behind the other, so that they are together in memory: the time in microseconds without what digits add (NaN: the line has none);
   * how many places tell the time, and of each the place, its digits and what each of them adds; how many numbers there are, how many parts
   * they have (most one, `1,234` and `2m3s` two), and of each part the number, the places from which to which it goes, and what one of it is in
   * the number's unit.
   */
  readonly code: readonly number[];
}

/** A part of a number, in one place or in two with a point between. */
interface Part {
  readonly first: number;
  readonly last: number;
  readonly factor: number;
}

/** Where a message is in a line, and the line in the bytes of its shape. */
interface Where {
  readonly shape: LineShape;
  readonly start: number;
  readonly messageStart: number;
  readonly messageEnd: number;
}

/** What the places around a message say; those behind it are counted from the end. */
interface Around {
  readonly constant: number[];
  readonly clock: ClockPlace[];
  readonly inField: Map<number, number[]>;
}

interface ClockPlace {
  readonly place: number;
  readonly weights: readonly number[];
}

/** What a line may say otherwise when the digits of one of its places are others. */
type Effect = 'nothing' | 'time' | 'other' | number;

const DAY_MICROSECONDS = 86_400e6;
const EPOCH_DIGITS = 10;
const MOST_TRIALS = 120;
const MOST_KNOWN = 2000;

/** Finds out by trial what in a line depends on which of its digits. */
export class RecipeFinder {
  #line: LogLine | undefined;
  #lines = 0;
  readonly #reader = new LogReader((line) => {
    this.#line = line;
    this.#lines++;
  });
  readonly #scan = new MessageScan();
  readonly #known = new Map<string, Around>();
  #trials = 0;
  /** Of the log: gives times without a year theirs. A recipe keeps it, for its day must stay; a time without a day has none. */
  nearUnixSeconds: number | undefined;

  /** The line as it would be read alone; undefined where it is none, or more. */
  lineOf(text: string): LogLine | undefined {
    this.#trials++;
    this.#lines = 0;
    this.#reader.nearUnixSeconds = this.nearUnixSeconds;
    this.#reader.push(Buffer.from(`${text}\n`, 'latin1'));
    const isSettled = this.#reader.settle();
    if (!isSettled) this.#reader.end();
    return isSettled && this.#lines === 1 ? this.#line : undefined;
  }

  /**
   * The recipe for lines of this shape in which the places that it names have the same digits; undefined where they cannot be read so.
   * @param start of the line in the shape's bytes
   */
  find(
    text: string,
    shape: LineShape,
    start: number,
    knownOf: (line: LogLine, numbers: KnownNumber[], hasRandom: boolean) => KnownLine | undefined,
  ): { recipe: Recipe; constant: number[] } | undefined {
    this.#trials = 0;
    const line = this.lineOf(text);
    if (!line || line.traceback || line.message === '') return undefined;
    const messageStart = text.indexOf(line.message);
    if (messageStart < 0 || text.indexOf(line.message, messageStart + 1) >= 0) return undefined;
    const messageEnd = messageStart + line.message.length;
    const around = this.#around(text, line, { shape, start, messageStart, messageEnd });
    if (!around) return undefined;
    const at = (place: number) => (place < 0 ? place + shape.places : place);
    const found = {
      constant: around.constant.map(at),
      clock: around.clock.map(({ place, weights }) => ({ place: at(place), weights })),
      inField: new Map([...around.inField].map(([field, places]) => [field, places.map(at)])),
    };
    const numbers: Part[][] = [];
    const known: KnownNumber[] = [];
    if (!this.#numbersInMessage(line.message, text, shape, start, messageStart, numbers, known)) return undefined;
    if (!numbersInFields(line, text, shape, start, found.inField, numbers, known)) return undefined;
    const about = knownOf(line, known, shape.isRandom.subarray(0, shape.places).includes(IS_RANDOM));
    if (!about) return undefined;
    const timeBase =
      line.atUnixSeconds === undefined ? Number.NaN : baseOf(text, line.atUnixSeconds, found.clock, shape, start);
    return {
      recipe: recipeOf(about, timeBase, found.clock, numbers, digitsIn(shape, text, start, found.constant)),
      constant: found.constant,
    };
  }

  /** What the digits before and behind the message say: the same around every message. */
  #around(text: string, line: LogLine, where: Where): Around | undefined {
    const { messageStart, messageEnd } = where;
    const key = `${text.slice(0, messageStart)}\n${text.slice(messageEnd)}`.replace(/\d/g, '0');
    const known = this.#known.get(key);
    if (known) return known;
    const around = this.#tryAround(text, line, where);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    if (around) this.#known.set(key, around);
    return around;
  }

  #tryAround(text: string, line: LogLine, { shape, start, messageStart, messageEnd }: Where): Around | undefined {
    const found: Around = { constant: [], clock: [], inField: new Map() };
    let isDated = line.atUnixSeconds === undefined;
    for (let place = 0; place < shape.places; place++) {
      const from = shape.starts[place]! - start;
      const to = shape.ends[place]! - start;
      if (from >= messageStart && to <= messageEnd) continue;
      const told = from < messageStart ? place : place - shape.places;
      const effect = this.#effectOf(text, line, from, to);
      if (effect === undefined) return undefined;
      if (effect === 'other') found.constant.push(told);
      else if (typeof effect === 'number') found.inField.set(effect, [...(found.inField.get(effect) ?? []), told]);
      else if (effect === 'time') {
        const weights = this.#weightsOf(text, line.atUnixSeconds!, from, to);
        if (weights) found.clock.push({ place: told, weights });
        else found.constant.push(told);
        isDated ||= !weights || weights.length >= EPOCH_DIGITS;
      }
    }
    return isDated ? found : undefined;
  }

  #effectOf(text: string, line: LogLine, from: number, to: number): Effect | undefined {
    const effects = new Set<Effect>();
    // The first digit and the last: of a year, a status or an id they may say different things.
    for (const at of new Set([firstDigit(text, from, to), to - 1])) {
      if (this.#trials > MOST_TRIALS) return undefined;
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) continue;
      const other = this.lineOf(withDigit(text, at, digit < 9 ? digit + 1 : digit - 1));
      effects.add(other ? difference(line, other) : 'other');
    }
    effects.delete('nothing');
    if (effects.size === 0) return 'nothing';
    // A day that is none makes the line another: what stands there must stay.
    return effects.size === 1 ? [...effects][0]! : effects.has('time') ? 'time' : 'other';
  }

  /** What each digit adds, in microseconds; undefined where it is not always the same, or a day and more. */
  #weightsOf(text: string, at: number, from: number, to: number): number[] | undefined {
    const weights: number[] = [];
    const isEpoch = to - from >= EPOCH_DIGITS;
    for (let i = from; i < to; i++) {
      const digit = text.charCodeAt(i) - 48;
      const trials = [digit - 1, digit + 1]
        .filter((other) => other >= 0 && other <= 9)
        .flatMap((other) => {
          if (this.#trials > MOST_TRIALS) return [];
          const changed = this.lineOf(withDigit(text, i, other))?.atUnixSeconds;
          return changed === undefined ? [] : [Math.round(((changed - at) * 1e6) / (other - digit))];
        });
      const weight = trials[0];
      // Seconds of 1970 on in doubles: the sixth decimal is not exact.
      if (weight === undefined || trials.some((each) => Math.abs(each - weight) > 1)) return undefined;
      if (Math.abs(weight) >= DAY_MICROSECONDS && !isEpoch) return undefined;
      weights.push(rounded(weight));
    }
    return weights;
  }

  #numbersInMessage(
    message: string,
    text: string,
    shape: LineShape,
    start: number,
    messageStart: number,
    numbers: Part[][],
    known: KnownNumber[],
  ): boolean {
    const scan = this.#scan;
    scan.read(message);
    for (let place = 0, inToken = 0; place < scan.places; place++) {
      inToken = place > 0 && scan.placeTokens[place] === scan.placeTokens[place - 1] ? inToken + 1 : 0;
      if (scan.placeKinds[place] !== NUMBER) continue;
      const parts = this.#partsOf(message, place, text, shape, start, messageStart);
      if (!parts) return false;
      numbers.push(parts);
      known.push({
        place,
        inToken,
        token: scan.placeTokens[place]!,
        unit: scan.placeUnits[place]!,
        isApart: scan.isPlaceApart(place),
      });
    }
    return true;
  }

  #partsOf(
    message: string,
    place: number,
    text: string,
    shape: LineShape,
    start: number,
    messageStart: number,
  ): Part[] | undefined {
    const scan = this.#scan;
    const value = scan.placeValues[place]!;
    const from = scan.placeStarts[place]! + messageStart;
    const runs = runsIn(shape, from + start, scan.placeEnds[place]! + messageStart + start);
    if (!runs) return undefined;
    const sign = text.charCodeAt(from) === 45 ? -1 : 1;
    const raws = runs.map(({ first, last }) => numberIn(text, shape.starts[first]! - start, shape.ends[last]! - start));
    const unit = UNITS[scan.placeUnits[place]!]!.factor * sign;
    const factors =
      runs.length === 1
        ? [unit]
        : runs.map(({ last }, at) =>
            this.#factorOf(message, place, value, shape.ends[last]! - 1 - start - messageStart, raws[at]!),
          );
    const sum = raws.reduce((so, raw, at) => so + raw * factors[at]!, 0);
    this.#scan.read(message);
    return isValue(sum, value) ? runs.map((run, at) => ({ ...run, factor: factors[at]! })) : undefined;
  }

  /** What the number gains where the last digit of one of its parts is another; for whole ones only. */
  #factorOf(message: string, place: number, value: number, at: number, raw: number): number {
    const digit = message.charCodeAt(at) - 48;
    const other = digit < 9 ? digit + 1 : digit - 1;
    if (!Number.isInteger(raw)) return Number.NaN;
    this.#scan.read(withDigit(message, at, other));
    const factor = (this.#scan.placeValues[place]! - value) / (other - digit);
    return Math.abs(factor - Math.round(factor)) < 1e-6 ? Math.round(factor) : factor;
  }
}

function recipeOf(
  known: KnownLine,
  timeBase: number,
  clock: readonly ClockPlace[],
  numbers: readonly (readonly Part[])[],
  constantDigits: string,
): Recipe {
  const parts = numbers.flatMap((each, number) => each.map(({ first, last, factor }) => [number, first, last, factor]));
  const times = clock.flatMap(({ place, weights }) => [place, weights.length, ...weights]);
  const code = [timeBase, clock.length, ...times, numbers.length, parts.length, ...parts.flat()];
  return { known, constantDigits, code };
}

function numbersInFields(
  { fields = [] }: LogLine,
  text: string,
  shape: LineShape,
  start: number,
  inField: ReadonlyMap<number, readonly number[]>,
  numbers: Part[][],
  known: KnownNumber[],
): boolean {
  for (const [field, places] of inField) {
    const [name, value] = fields[field]!;
    const quantity = typeof value === 'number' ? { value } : typeof value === 'string' ? quantityOf(value) : undefined;
    if (!quantity) continue;
    const first = places[0]!;
    const last = places.at(-1)!;
    const raw = numberIn(text, shape.starts[first]! - start, shape.ends[last]! - start);
    if (last - first > 1 || shape.isRandom[first] || !(Math.abs(raw) > 0)) return false;
    const factor = quantity.value / raw;
    numbers.push([{ first, last, factor: Math.abs(Math.abs(factor) - 1) < 1e-12 ? Math.sign(factor) : factor }]);
    known.push({ field: name, text: typeof value === 'string' ? value : undefined });
  }
  return true;
}

/** The runs of digits that a number has, a point within them; undefined where it begins or ends in the middle of one. */
function runsIn(shape: LineShape, from: number, to: number): { first: number; last: number }[] | undefined {
  const runs: { first: number; last: number }[] = [];
  for (let place = 0; place < shape.places; place++) {
    if (shape.ends[place]! <= from || shape.starts[place]! >= to) continue;
    if (shape.isRandom[place] || shape.starts[place]! < from || shape.ends[place]! > to) return undefined;
    const before = runs.at(-1);
    if (before && before.first === before.last && shape.hasPointBefore(place)) before.last = place;
    else runs.push({ first: place, last: place });
  }
  return runs.length === 0 || runs.length > 4 ? undefined : runs;
}

/** The number in digits, with one point at most; NaN where there is anything else. */
export function numberIn(text: string, from: number, to: number): number {
  const digits = text.slice(from, to);
  return digits.length <= 16 && /^\d+(?:\.\d+)?$/.test(digits) ? Number(digits) : Number.NaN;
}

const isValue = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(b);

function difference(line: LogLine, other: LogLine): Effect {
  if (
    line.message !== other.message ||
    line.level !== other.level ||
    line.logger !== other.logger ||
    line.writer !== other.writer ||
    other.traceback
  )
    return 'other';
  const fields = line.fields ?? [];
  const others = other.fields ?? [];
  if (fields.length !== others.length) return 'other';
  const changed = fields.flatMap(([name, value], at) =>
    name === others[at]![0] ? (Object.is(value, others[at]![1]) ? [] : [at]) : [-1, -1],
  );
  const isOtherTime = line.atUnixSeconds !== other.atUnixSeconds;
  if (changed.length > 1 || (changed.length === 1 && isOtherTime)) return 'other';
  if (changed.length === 1) return changed[0]!;
  if (!isOtherTime) return 'nothing';
  return other.atUnixSeconds === undefined ? 'other' : 'time';
}

const digitsIn = (shape: LineShape, text: string, start: number, places: readonly number[]): string =>
  flat(places.map((place) => text.slice(shape.starts[place]! - start, shape.ends[place]! - start)).join(''));

const withDigit = (text: string, at: number, digit: number): string =>
  `${text.slice(0, at)}${digit}${text.slice(at + 1)}`;

function firstDigit(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) if (text.charCodeAt(at) < 58) return at;
  return to - 1;
}

/** To what the digits of times add: whole powers of ten, and 6 and 36 of them. */
const rounded = (microseconds: number): number => {
  const near = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 6e7, 6e8, 3.6e9, 3.6e10].find(
    (each) => Math.abs(each - microseconds) <= 1,
  );
  return near ?? microseconds;
};

function baseOf(text: string, at: number, clock: readonly ClockPlace[], shape: LineShape, start: number): number {
  let base = Math.round(at * 1e6);
  for (const { place, weights } of clock)
    for (const [i, weight] of weights.entries())
      base -= weight * (text.charCodeAt(shape.starts[place]! - start + i) - 48);
  return base;
}
