import { Buffer } from 'node:buffer';
import { EventGroups, type KnownEvents } from './events.ts';
import { finishedDigest } from './finish-digest.ts';
import { lifeLine } from './life-lines.ts';
import type { LetGo, LifeEnd, LogDigest, LogLife } from './log-digest.ts';
import type { Level, LogLine } from './log-line.ts';
import { quantityOf } from './quantities.ts';
import { redact } from './redact.ts';
import { baseUnit, type NumberPlace, NumbersInLog, type Saying, sharedPlace, take } from './series-of-numbers.ts';
import { TablesInLog } from './tables/tables-in-log.ts';
import { TemplateMiner } from './templates.ts';
import { Wordings } from './wordings.ts';

const MOST_LIVES = 200;
const LAST_MESSAGES = 20;
const MESSAGE_CHARACTERS = 300;
/** Workers, threads and processes that are told apart; what is said by more is as if nobody said who. */
const MOST_WRITERS = 64;

/** A number of a line that is known: in a place of its message, or a field with its text. */
export type KnownNumber =
  | {
      readonly place: number;
      readonly token: number;
      readonly inToken: number;
      readonly unit: number;
      readonly isApart: boolean;
    }
  | { readonly field: string; readonly text: string | undefined };

/** A line that differs from one before in its digits alone. */
export interface KnownLine {
  readonly slot: number;
  readonly isShared: boolean;
  readonly level: Level | undefined;
  readonly writer: string | undefined;
  readonly hasFields: boolean;
  readonly events: KnownEvents;
  readonly numbers: readonly KnownNumber[];
  readonly units: readonly number[];
  /** Where its numbers go, in their order; undefined: there is no series for one. */
  series: readonly (NumberPlace | undefined)[];
  /** Series of which generation they are. */
  seriesGeneration: number;
}

/** What such a line says otherwise. */
export interface SaidAgain {
  readonly at: number;
  readonly number: number;
  readonly values: Float64Array;
}

/** A log, or several of one program one after the other, line by line to what is kept of them, in memory that does not grow. */
export class LogDigester {
  /** Reads a line of text: set by who feeds known lines. */
  lineOf: (text: string) => LogLine | undefined = () => undefined;
  readonly #miner = new TemplateMiner();
  readonly #numbers = new NumbersInLog();
  readonly #wordings = new Wordings();
  readonly #events = new EventGroups();
  readonly #tables = new TablesInLog();
  readonly #saying: Saying = {
    slot: 0,
    isShared: false,
    writer: 0,
    writerName: undefined,
    at: Number.NaN,
    line: 0,
    life: 0,
  };
  #lines = 0;
  /** Lines of the logs before this one. */
  #base = 0;
  #lastLine = -1;
  #firstAt = Number.NaN;
  #lastAt = Number.NaN;
  readonly #levels: Record<string, number> = {};
  readonly #writers = new Map<string, number>();
  #lastWriter: string | undefined;
  #lastWriterNumber = 0;
  readonly #lives: LogLife[] = [];
  #livesLetGo = 0;
  #life = 0;
  #lifeFirstLine = 0;
  #lifeFirstAt = Number.NaN;
  readonly #lastMessages: string[] = new Array(LAST_MESSAGES).fill('');
  /** Known lines among them, not read yet. */
  readonly #lastBytes: (Buffer | undefined)[] = new Array(LAST_MESSAGES).fill(undefined);
  readonly #lastStarts = new Int32Array(LAST_MESSAGES);
  readonly #lastEnds = new Int32Array(LAST_MESSAGES);
  #messagesInLife = 0;
  /** Slots of lines of a start, in this life. */
  readonly #starts = new Set<number>();

  constructor() {
    this.#miner.onRelease = (slots) => {
      this.#numbers.release(slots);
      this.#tables.release(slots);
    };
  }

  add(line: LogLine): void {
    const { message } = line;
    const saying = this.#saying;
    const miner = this.#miner;
    const slot = miner.read(message, line.fields);
    const isFirst = miner.countOf(slot) === 1;
    const at = line.atUnixSeconds ?? Number.NaN;
    if (isFirst) this.#wordings.begin(slot, line, this.#base + line.number, lifeLine(message));
    if (this.#wordings.tells(slot) !== undefined) this.#lifeLine(slot, line.writer);
    saying.slot = slot;
    saying.isShared = miner.isShared(slot);
    saying.at = at;
    saying.line = this.#base + line.number;
    this.#lastLine = saying.line;
    saying.life = this.#life;
    this.#setWriter(line.writer);
    this.#wordings.say(slot, line, saying);
    this.#events.add(line, saying.line, saying.life);
    const isRow = this.#tables.add(line, slot, miner.countOf(slot), saying.line, saying.life);
    this.#count(line, at);
    if (!isRow) this.#numbers.addMessage(miner.scan, saying);
    if (line.fields) this.#addFields(line.fields);
    const ring = this.#messagesInLife++ % LAST_MESSAGES;
    this.#lastMessages[ring] = message;
    this.#lastBytes[ring] = undefined;
    this.#lines++;
  }

  /** Another one: lines that were known are no more (see `isStale` for those whose series may be gone). */
  get generation(): number {
    return this.#numbers.generation;
  }

  /** Says what is needed to count lines like this one without reading them; undefined: they must be read. One was added before. @param hasRandom there are words like `3f2a8c1e` in it */
  known(line: LogLine, numbers: readonly KnownNumber[], hasRandom: boolean): KnownLine | undefined {
    const slot = this.#miner.find(line.message, line.fields);
    if (slot === undefined || this.#wordings.tells(slot) !== undefined) return undefined;
    const events = this.#events.known(line);
    // Events are told apart by what is left of such words.
    if (!events || (hasRandom && events.length > 0)) return undefined;
    const known: KnownLine = {
      slot,
      isShared: this.#miner.isShared(slot),
      level: line.level,
      writer: line.writer,
      hasFields: line.fields !== undefined,
      events,
      numbers,
      units: numbers.map((each) => ('field' in each ? unitOf(each.text) : each.unit)),
      series: [],
      seriesGeneration: -1,
    };
    this.refresh(known);
    return known;
  }

  /** Whether series of such a line may have been let go since; then it must be refreshed before it is said again. */
  isStale({ seriesGeneration }: KnownLine): boolean {
    return seriesGeneration !== this.#numbers.seriesGeneration;
  }

  refresh(known: KnownLine): void {
    const { slot, isShared, units } = known;
    this.#setWriter(known.writer);
    const saying = { ...this.#saying, slot, isShared };
    known.seriesGeneration = this.#numbers.seriesGeneration;
    known.series = known.numbers.map((each, at) => {
      if ('field' in each) return this.#numbers.inField(saying, each.field, units[at]!);
      const place = isShared ? sharedPlace(each) : each.place;
      return this.#numbers.inMessage(saying, place, each.inToken, each.unit, each.isApart);
    });
  }

  /** Whether such a line is a sentence now, and no row of a table. */
  passes({ slot, hasFields, writer }: KnownLine): boolean {
    return this.#tables.passes(slot, hasFields, writer);
  }

  /** Counts a known line, which is in these bytes: they stay as they are until `letGo`. */
  sayAgain(known: KnownLine, { at, number, values }: SaidAgain, bytes: Buffer, start: number, end: number): void {
    const saying = this.#saying;
    const { slot, series, units } = known;
    saying.slot = slot;
    saying.isShared = false;
    saying.at = at;
    saying.line = this.#base + number;
    this.#lastLine = saying.line;
    saying.life = this.#life;
    this.#setWriter(known.writer);
    this.#miner.again(slot);
    this.#wordings.sayAgain(slot, saying);
    this.#events.again(known.events, saying, start, end);
    this.#count(known, at);
    for (let i = 0; i < series.length; i++) if (series[i]) take(series[i]!, values[i]!, units[i]!, saying);
    const ring = this.#messagesInLife++ % LAST_MESSAGES;
    this.#lastBytes[ring] = bytes;
    this.#lastStarts[ring] = start;
    this.#lastEnds[ring] = end;
    this.#lines++;
  }

  /** The bytes of known lines may be filled anew. */
  letGo(bytes: Buffer): void {
    for (let ring = 0; ring < LAST_MESSAGES; ring++) if (this.#lastBytes[ring] === bytes) this.#decode(ring);
    this.#events.keepTexts((start, end) => bytes.toString('latin1', start, end));
  }

  #decode(ring: number): void {
    const bytes = this.#lastBytes[ring];
    if (!bytes) return;
    const text = bytes.toString('latin1', this.#lastStarts[ring], this.#lastEnds[ring]);
    this.#lastMessages[ring] = this.lineOf(text)?.message ?? text;
    this.#lastBytes[ring] = undefined;
  }

  /** What comes now is of the next life: another log of the same program. */
  nextLog(): void {
    if (this.#messagesInLife > 0) this.#endLife('next-log');
    this.#base = this.#lastLine + 1;
    this.#lifeFirstLine = this.#base;
  }

  finish(): LogDigest {
    if (this.#messagesInLife > 0) this.#endLife('end');
    this.#events.readLast((text) => this.lineOf(text));
    const { templates, series, letGo } = finishedDigest(this.#miner, this.#wordings, this.#numbers);
    const tables = this.#tables.finish();
    return {
      lines: this.#lines,
      ...timed(this.#firstAt, this.#lastAt),
      levels: this.#levels,
      templates,
      series,
      events: this.#events.finish(),
      ...(tables ? { tables } : {}),
      lives: this.#lives.map((life) => ({ ...life, lastMessages: life.lastMessages.map((each) => redact(each).text) })),
      letGo: { ...letGo, lives: this.#livesLetGo } satisfies LetGo,
    };
  }

  #count({ level }: { level?: Level | undefined }, at: number): void {
    const name = level ?? 'none';
    this.#levels[name] = (this.#levels[name] ?? 0) + 1;
    if (Number.isNaN(at)) return;
    if (Number.isNaN(this.#firstAt)) this.#firstAt = at;
    if (Number.isNaN(this.#lifeFirstAt)) this.#lifeFirstAt = at;
    this.#lastAt = at;
  }

  #addFields(fields: NonNullable<LogLine['fields']>): void {
    for (const [name, value] of fields) {
      if (typeof value === 'boolean') continue;
      // A name says at its first character whether a text may be a number.
      if (typeof value === 'string' && !(value.charCodeAt(0) < 58)) continue;
      this.#numbers.addField(name, value, this.#saying);
    }
  }

  #setWriter(writer: string | undefined): void {
    const saying = this.#saying;
    if (writer !== this.#lastWriter) {
      this.#lastWriter = writer;
      this.#lastWriterNumber = this.#numberOf(writer);
    }
    saying.writer = this.#lastWriterNumber;
    saying.writerName = this.#lastWriterNumber > 0 ? writer : undefined;
  }

  #numberOf(writer: string | undefined): number {
    if (writer === undefined) return 0;
    const known = this.#writers.get(writer);
    if (known !== undefined) return known;
    if (this.#writers.size >= MOST_WRITERS) return 0;
    this.#writers.set(kept(writer), this.#writers.size + 1);
    return this.#writers.size;
  }

  /** One start has several lines; the same one again is another start. Of many writers one that ends takes its own numbers along only. */
  #lifeLine(slot: number, writer: string | undefined): void {
    if (this.#wordings.tells(slot) === 'kill') {
      if (this.#writers.size === 0 && this.#messagesInLife > 0) this.#endLife('kill');
      return;
    }
    const isMany = writer !== undefined && this.#writers.size > 1;
    const isAnother = this.#starts.has(slot) || (this.#starts.size === 0 && this.#messagesInLife > LAST_MESSAGES);
    if (isAnother && !isMany && this.#messagesInLife > 0) this.#endLife('restart');
    this.#starts.add(slot);
  }

  #endLife(end: LifeEnd): void {
    const messages = Math.min(this.#messagesInLife, LAST_MESSAGES);
    for (let ring = 0; ring < LAST_MESSAGES; ring++) this.#decode(ring);
    const lastMessages = Array.from({ length: messages }, (_, i) =>
      kept(this.#lastMessages[(this.#messagesInLife - messages + i) % LAST_MESSAGES]!),
    );
    const life = { life: this.#life, firstLine: this.#lifeFirstLine, lastLine: this.#lastLine };
    if (this.#lives.length < MOST_LIVES)
      this.#lives.push({ ...life, ...timed(this.#lifeFirstAt, this.#lastAt), end, lastMessages });
    else this.#livesLetGo++;
    this.#life++;
    this.#lifeFirstLine = this.#lastLine + 1;
    this.#lifeFirstAt = Number.NaN;
    this.#messagesInLife = 0;
    this.#starts.clear();
  }
}

/** Of `UNITS`, of a field that says a number in this way. */
const unitOf = (text: string | undefined): number => baseUnit(quantityOf(text ?? '')?.unit ?? 'unknown');

/**
 * What is kept of all the lines, for a log that is at hand as a whole.
 * @public
 */
export function digestLog(lines: Iterable<LogLine>): LogDigest {
  const digester = new LogDigester();
  for (const line of lines) digester.add(line);
  return digester.finish();
}

const timed = (first: number, last: number) =>
  Number.isNaN(first) ? {} : { firstAtUnixSeconds: first, lastAtUnixSeconds: last };

/** A copy: a piece of a long text would keep all of it in memory. */
const kept = (text: string): string => Buffer.from(text.slice(0, MESSAGE_CHARACTERS)).toString();
