import { EventGroups } from './events.ts';
import { finishedDigest } from './finish-digest.ts';
import { lifeLine } from './life-lines.ts';
import type { LetGo, LifeEnd, LogDigest, LogLife } from './log-digest.ts';
import type { LogLine } from './log-line.ts';
import { redact } from './redact.ts';
import { NumbersInLog, type Saying } from './series-of-numbers.ts';
import { TablesInLog } from './tables/tables-in-log.ts';
import { TemplateMiner } from './templates.ts';
import { Wordings } from './wordings.ts';

const MOST_LIVES = 200;
const LAST_MESSAGES = 20;
const MESSAGE_CHARACTERS = 300;
/** Workers, threads and processes that are told apart; what is said by more is as if nobody said who. */
const MOST_WRITERS = 64;

/** A log, or several of one program one after the other, line by line to what is kept of them, in memory that does not grow. */
export class LogDigester {
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
    this.#lastMessages[this.#messagesInLife++ % LAST_MESSAGES] = message;
    this.#lines++;
  }

  /** What comes now is of the next life: another log of the same program. */
  nextLog(): void {
    if (this.#messagesInLife > 0) this.#endLife('next-log');
    this.#base = this.#lastLine + 1;
    this.#lifeFirstLine = this.#base;
  }

  finish(): LogDigest {
    if (this.#messagesInLife > 0) this.#endLife('end');
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

  #count({ level }: LogLine, at: number): void {
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
