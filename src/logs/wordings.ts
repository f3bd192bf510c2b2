import type { LifeLine } from './life-lines.ts';
import type { Level, LogLine } from './log-line.ts';
import type { Saying } from './series-of-numbers.ts';
import { MOST_SLOTS } from './templates.ts';

const EXAMPLE_CHARACTERS = 500;
const TRACEBACK_LINES = 12;
const MOST_LIVES = 100;
const MOST_FIELDS = 32;
/** From the least grave to the gravest. */
export const LEVELS: readonly Level[] = ['debug', 'info', 'warning', 'error', 'critical'];

/** What is known of a wording besides its template and its numbers. */
export interface Wording {
  readonly example: string;
  readonly tells: LifeLine | undefined;
  readonly logger: string | undefined;
  /** What fields said in words. */
  readonly words: ReadonlyMap<string, string> | undefined;
  traceback: readonly string[] | undefined;
  readonly lives: number[];
}

/** What is known of each wording, by slot. */
export class Wordings {
  readonly #wordings: Wording[] = [];
  readonly #firstLines = new Float64Array(MOST_SLOTS);
  readonly #lastLines = new Float64Array(MOST_SLOTS);
  readonly #firstAts = new Float64Array(MOST_SLOTS);
  readonly #lastAts = new Float64Array(MOST_SLOTS);
  readonly #lastLives = new Int32Array(MOST_SLOTS);
  /** One more than the place in `LEVELS`. */
  readonly #levels = new Uint8Array(MOST_SLOTS);

  begin(slot: number, { message, logger, fields }: LogLine, line: number, tells: LifeLine | undefined): void {
    const example = copyOf(message, EXAMPLE_CHARACTERS);
    this.#wordings[slot] = {
      example,
      tells,
      logger: logger && copyOf(logger, 200),
      words: fields && wordsIn(fields),
      traceback: undefined,
      lives: [],
    };
    this.#firstLines[slot] = line;
    this.#firstAts[slot] = Number.NaN;
    this.#lastAts[slot] = Number.NaN;
    this.#lastLives[slot] = -1;
    this.#levels[slot] = 0;
  }

  tells(slot: number): LifeLine | undefined {
    return this.#wordings[slot]!.tells;
  }

  say(slot: number, { level, traceback }: LogLine, { at, line, life }: Saying): void {
    this.#lastLines[slot] = line;
    if (!Number.isNaN(at)) {
      if (Number.isNaN(this.#firstAts[slot])) this.#firstAts[slot] = at;
      this.#lastAts[slot] = at;
    }
    if (level !== undefined) {
      const rank = LEVELS.indexOf(level) + 1;
      if (rank > this.#levels[slot]!) this.#levels[slot] = rank;
    }
    if (this.#lastLives[slot] !== life) this.#inLife(slot, life);
    if (traceback !== undefined)
      this.#wordings[slot]!.traceback ??= traceback.slice(-TRACEBACK_LINES).map((each) => copyOf(each, 300));
  }

  /** The same at another time, with the level that it had. */
  sayAgain(slot: number, { at, line, life }: Saying): void {
    this.#lastLines[slot] = line;
    if (!Number.isNaN(at)) {
      if (Number.isNaN(this.#firstAts[slot])) this.#firstAts[slot] = at;
      this.#lastAts[slot] = at;
    }
    if (this.#lastLives[slot] !== life) this.#inLife(slot, life);
  }

  of(slot: number): Wording {
    return this.#wordings[slot]!;
  }

  firstLine = (slot: number): number => this.#firstLines[slot]!;
  lastLine = (slot: number): number => this.#lastLines[slot]!;
  /** NaN: none. */
  firstAt = (slot: number): number => this.#firstAts[slot]!;
  lastAt = (slot: number): number => this.#lastAts[slot]!;
  /** 0: none; else one more than the place in `LEVELS`. */
  level = (slot: number): number => this.#levels[slot]!;

  #inLife(slot: number, life: number): void {
    this.#lastLives[slot] = life;
    const { lives } = this.#wordings[slot]!;
    if (lives.length < MOST_LIVES) lives.push(life);
  }
}

const wordsIn = (fields: NonNullable<LogLine['fields']>): ReadonlyMap<string, string> =>
  new Map(
    fields
      .slice(0, MOST_FIELDS)
      .flatMap(([name, value]) => (typeof value === 'string' ? [[copyOf(name, 64), copyOf(value, 64)]] : [])),
  );

/** A copy: a piece of a long text would keep all of it in memory. */
const copyOf = (text: string, most: number): string => Buffer.from(text.slice(0, most)).toString();
