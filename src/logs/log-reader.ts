import { accessLine } from './access-line.ts';
import { cleaned, unreadable } from './control-codes.ts';
import { type FieldLine, fieldLine, jsonLine, MOST_VALUE_CHARACTERS } from './field-line.ts';
import { LineSplitter } from './line-splitter.ts';
import { type Envelope, opened } from './log-envelope.ts';
import { type Head, headOf } from './log-head.ts';
import { levelOf } from './log-level.ts';
import type { LogLine } from './log-line.ts';
import { dated, type ReadTime } from './log-time.ts';
import { type Field, pairsBehind, pairsOf } from './logfmt.ts';
import { withoutSecret } from './secret-values.ts';
import { type Draft, draftOf, tracebackWithin } from './traceback.ts';
import { TracebackJoiner } from './traceback-joiner.ts';

const MOST_MESSAGE_CHARACTERS = 8 * 1024;
/** What a container's runtime parted is put together up to here. */
const MOST_JOINED_CHARACTERS = 64 * 1024;
const MOST_PARTIAL_SOURCES = 64;
const HEAD_CHARACTERS = 200;
/** A level somewhere near the beginning of a line of no known form: it says how bad it is, not where the words begin. */
const LEVEL = /(?<![\w-])(?:CRITICAL|FATAL|ERROR|WARNING|WARN)(?![\w=-])/;

export interface LogTally {
  readonly bytes: number;
  /** As Python counts them: a lone `\r` ends one, too. */
  readonly lines: number;
  /** Lines that were given: no blank ones, tracebacks and parted lines as one. */
  readonly given: number;
  /** Lines of which the end was left out: longer than 64 KiB. */
  readonly cut: number;
  /** Given without a time. */
  readonly withoutTime: number;
  /** Lines with bytes that are no UTF-8; the words around them are given. */
  readonly undecodable: number;
  /** Lines that are no text at all, and are not given. */
  readonly binary: number;
  /** Lines that became a part of another: of its traceback, or the rest of a parted one. */
  readonly merged: number;
}

export interface LogReaderOptions {
  /** A time near which the log was written, such as the file's last change: gives years and days to times that name none. */
  readonly nearUnixSeconds?: number;
}

/**
 * Reads a log of any length in one pass and bounded memory: bytes in, parted anywhere, and a call for each line in the order of the stream. Any bytes give a
 * result. A line is given when the next ones show that no traceback follows; `end` gives the last ones.
 */
export class LogReader {
  readonly #onLine: (line: LogLine) => void;
  readonly #splitter = new LineSplitter((text, isPlain) => this.#take(text, isPlain));
  readonly #joiner = new TracebackJoiner((line) => this.#give(line));
  readonly #partial = new Map<string, { number: number; envelope: Envelope; content: string }>();
  #near: number | undefined;
  #number = 0;
  #given = 0;
  #withoutTime = 0;
  #binary = 0;
  #merged = 0;

  constructor(onLine: (line: LogLine) => void, { nearUnixSeconds }: LogReaderOptions = {}) {
    this.#onLine = onLine;
    this.#near = nearUnixSeconds;
  }

  /** The time of the last line, or that near which the log was written. */
  get nearUnixSeconds(): number | undefined {
    return this.#near;
  }

  set nearUnixSeconds(at: number | undefined) {
    this.#near = at;
  }

  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
  }

  end(): LogTally {
    this.#splitter.end();
    for (const { number, envelope, content } of this.#partial.values()) this.#read(number, envelope, content);
    this.#partial.clear();
    this.#joiner.end();
    return {
      ...this.#splitter.tally,
      given: this.#given,
      withoutTime: this.#withoutTime,
      binary: this.#binary,
      merged: this.#merged + this.#joiner.merged,
    };
  }

  /** Gives what waits for a traceback that cannot come any more, since another line is next; false where one is open, or a line is not ended. */
  settle(): boolean {
    return this.#partial.size === 0 && this.#splitter.isBetweenLines && this.#joiner.settle();
  }

  /** A line of so many bytes was read by somebody else: returns its number. Only where all is settled. */
  skip(bytes: number, atUnixSeconds: number): number {
    this.#splitter.tally.bytes += bytes;
    this.#splitter.tally.lines++;
    this.#given++;
    if (Number.isNaN(atUnixSeconds)) this.#withoutTime++;
    else this.#near = atUnixSeconds;
    return this.#number++;
  }

  #give(line: Draft): void {
    this.#given++;
    if (line.atUnixSeconds === undefined) this.#withoutTime++;
    this.#onLine(line as LogLine);
  }

  #take(raw: string, isPlain: boolean): void {
    const number = this.#number++;
    const text = isPlain ? raw : cleaned(raw);
    if (!isPlain && (text !== raw || text.includes('\ufffd')) && unreadable(raw, text)) {
      this.#binary++;
      return;
    }
    const envelope = opened(text);
    if (envelope.isPartial || this.#partial.size > 0) return this.#join(number, envelope);
    this.#read(number, envelope, envelope.content);
  }

  /** Puts together what the runtime parted. */
  #join(number: number, envelope: Envelope): void {
    const known = this.#partial.get(envelope.source);
    if (known) this.#merged++;
    const content =
      known && known.content.length >= MOST_JOINED_CHARACTERS
        ? known.content
        : (known?.content ?? '') + envelope.content;
    const first = known ?? { number, envelope, content };
    this.#partial.delete(envelope.source);
    if (!envelope.isPartial) return this.#read(number, first.envelope, content);
    this.#partial.set(envelope.source, { ...first, content: content.slice(0, MOST_JOINED_CHARACTERS) });
    if (this.#partial.size <= MOST_PARTIAL_SOURCES) return;
    const [source, oldest] = this.#partial.entries().next().value!;
    this.#partial.delete(source);
    this.#read(oldest.number, oldest.envelope, oldest.content);
  }

  #read(number: number, envelope: Envelope, long: string): void {
    const content = long.trimEnd();
    const { source } = envelope;
    const isOpen = this.#joiner.isOpen(source);
    const first = content.charCodeAt(0);
    // What is blank, indented or behind a group's stroke has no head.
    const isBare = content === '' || first === 32 || first === 9 || first === 124 || first === 43;
    if (isOpen && isBare && this.#joiner.joins(source, content)) return;
    if (content === '') return;
    const head = headOf(content, 0);
    const isHeaded = head.time !== undefined || head.level !== undefined;
    if (isOpen && !isBare && !isHeaded && this.#joiner.joins(source, content)) return;
    const line = draftOf(number, content);
    const time = fill(line, content, head) ?? head.time;
    const at = head.isSameTime ? this.#near : this.#timeOf(time, envelope.atUnixSeconds);
    line.atUnixSeconds = at;
    if (envelope.writer)
      line.writer = line.writer === undefined ? envelope.writer : `${envelope.writer} ${line.writer}`;
    this.#joiner.take(source, line, line.message, isHeaded);
  }

  /** The line's own is the better one where it says of which zone it is; but of one that tells whole seconds, the stamp has their parts. */
  #timeOf(own: ReadTime | undefined, stamp: number | undefined): number | undefined {
    const isOwn = stamp === undefined || (own?.hasZone && Math.abs(own.unixSeconds - stamp) >= 1);
    const at = isOwn ? own && dated(own, this.#near) : stamp;
    if (at !== undefined) this.#near = at;
    return at;
  }
}

/** Puts into the line what its text says; returns a better time than that of the head. */
function fill(line: Draft, content: string, head: Head): ReadTime | undefined {
  line.level = head.level;
  line.logger = head.logger;
  line.writer = head.writer;
  line.source = head.source;
  const told = toldBy(content, head);
  if (told) return fillFields(line, told, content.slice(head.end));
  const access = accessLine(content, head.end);
  if (access) {
    line.message = clipped(access.message);
    line.fields = access.fields;
    return head.time ?? access.time;
  }
  const words = content.slice(head.end);
  const within = tracebackWithin(words);
  if (within) line.traceback = within.lines;
  line.message = clipped(within ? within.words || within.lines.at(-1)! : withoutPlace(line, words));
  if (!head.level) {
    const level = LEVEL.exec(content.length > HEAD_CHARACTERS ? content.slice(0, HEAD_CHARACTERS) : content);
    if (level) line.level = levelOf(level[0])!;
  }
  return undefined;
}

const PLACE_BEHIND = /\s{2,60}([\w./-]{1,60}\.py:\d{1,6})$/;

/** rich puts the place in the code to the right edge. */
function withoutPlace(line: Draft, words: string): string {
  const code = words.charCodeAt(words.length - 1);
  if (line.source !== undefined || !(code >= 48 && code <= 57) || !words.includes('.py:')) return words;
  const start = Math.max(0, words.length - 130);
  const found = PLACE_BEHIND.exec(words.slice(start));
  if (!found) return words;
  line.source = found[1]!;
  return words.slice(0, start + found.index).trimEnd();
}

/** Of a line of named values: JSON, logfmt, structlog's. */
function toldBy(content: string, head: Head): FieldLine | undefined {
  const at = head.end;
  if (content.charCodeAt(at) === 123) return jsonLine(at === 0 ? content : content.slice(at));
  if (head.hasFields) return structlogLine(content.slice(at));
  const equals = content.indexOf('=', at);
  if (equals < 0) return undefined;
  const blank = content.indexOf(' ', at);
  if (blank >= 0 && blank < equals) return undefined;
  const pairs = pairsOf(content, at);
  if (!pairs || pairs.length < 2) return undefined;
  const told = fieldLine(pairs);
  return told.message === undefined ? undefined : told;
}

const LOGGER_BEHIND = /\s{1,60}\[([\w.]{1,100})\]$/;

/** `message    [logger] name=value other='text'` */
function structlogLine(words: string): FieldLine {
  const parts = pairsBehind(words) ?? { words, pairs: [] as Field[] };
  const logger = LOGGER_BEHIND.exec(parts.words);
  const message = logger ? parts.words.slice(0, logger.index) : parts.words;
  return { message: message.trim(), fields: parts.pairs, ...(logger ? { logger: logger[1]! } : {}) };
}

function fillFields(line: Draft, told: FieldLine, content: string): ReadTime | undefined {
  // What the line itself does not hold, escapes may.
  const clean = content.includes('\\') ? unescapedText : sameText;
  const within = told.message === undefined ? undefined : tracebackWithin(told.message);
  const traceback = told.traceback ?? within?.lines;
  line.message = clipped(clean((within ? within.words : told.message) ?? ''));
  line.level = told.level ?? line.level;
  if (told.logger !== undefined) line.logger = clean(told.logger).slice(0, MOST_VALUE_CHARACTERS).toWellFormed();
  if (told.writer !== undefined) line.writer = clean(told.writer);
  if (told.source !== undefined) line.source = clean(told.source);
  if (told.fields.length > 0) line.fields = told.fields.map((field) => withoutSecret(cleanField(field, clean)));
  if (traceback) line.traceback = traceback.map(clean);
  // A dictionary that is no line of a log.
  if (told.message === undefined && told.fields.length === 0 && !traceback) line.message = clipped(content);
  return told.time;
}

const unescapedText = (text: string): string => cleaned(text).toWellFormed();
const sameText = (text: string): string => text;

const cleanField = ([name, value]: Field, clean: (text: string) => string): Field => [
  clean(name),
  typeof value === 'string' ? clean(value) : value,
];

const clipped = (text: string): string =>
  text.length > MOST_MESSAGE_CHARACTERS ? text.slice(0, MOST_MESSAGE_CHARACTERS).toWellFormed() : text;
