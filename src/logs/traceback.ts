import { flat } from './flat-text.ts';
import type { LogLine } from './log-line.ts';
import { quotedEnd, unquoted } from './logfmt.ts';
import { tracebackLines } from './traceback-fields.ts';

/** A line that is read, and may still get a traceback. */
export type Draft = { -readonly [Key in keyof LogLine]-?: LogLine[Key] | Absent<Key> };
type Absent<Key extends keyof LogLine> = undefined extends LogLine[Key] ? undefined : never;

/** All of one shape: millions are made. */
export const draftOf = (number: number, text: string): Draft => ({
  number,
  message: '',
  atUnixSeconds: undefined,
  level: undefined,
  logger: undefined,
  writer: undefined,
  source: undefined,
  fields: undefined,
  traceback: undefined,
  text,
});

export const TRACEBACK = 'Traceback (most recent call last):';
/** rich draws a box around it; the exception is below. */
const BOX_BEGIN = /^\s*[╭┌+]─.{0,200} Traceback \(most recent call last\) ─/;
const BOX = /^[│╰└┃]/;

/** Where a traceback begins in a line, or -1. */
export function tracebackStart(words: string): number {
  const at = words.indexOf(TRACEBACK);
  if (at >= 0 || !words.includes('─ Traceback')) return at;
  return BOX_BEGIN.test(words) ? words.search(/\S/) : -1;
}

/** A traceback without an end: the process was killed, or another thread wrote between. */
const MOST_TRACEBACK_LINES = 400;
const MOST_LINE_CHARACTERS = 1000;
/** `MemoryError`, `redis.exceptions.ConnectionError: Error 111 …`; also behind a group's stroke. */
const EXCEPTION = /^(?:\s*\| )?[A-Za-z_][\w.]{0,200}(?::|$)/;
const GROUP = /^\s*(?:\+ Exception Group |\||\+-)/;
const GROUP_END = /^[\s|]*\+-+$/;
const CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;

/** Whether a line of a traceback names an exception: chained ones and groups have several. */
export const isException = (line: string): boolean => EXCEPTION.test(line) && !CHAIN.test(line);

/** A group's strokes are no part of the name. */
export const exceptionOf = (line: string): string => line.replace(/^\s*\| /, '');

/** What a line is to a traceback that is open. */
export type Part = 'part' | 'other' | 'after';

/** Follows one traceback over its lines. Blank and indented ones belong to it; the exception ends it, unless another is chained to it. */
export class OpenTraceback {
  readonly line: Draft;
  readonly #lines: string[] = [];
  #state: 'open' | 'told' | 'chained' = 'open';
  #count = 0;
  /** Each of its lines has a head of its own: it went through the logger line by line. */
  readonly #isHeaded: boolean;
  #isFileBefore = false;
  /** tornado and rich move all of it to the right. */
  readonly #indent: number;
  readonly #hasOwner: boolean;

  constructor(line: Draft, first: string, kind: { hasOwner: boolean; isHeaded: boolean; indent: number }) {
    this.line = line;
    this.#hasOwner = kind.hasOwner;
    this.#isHeaded = kind.isHeaded;
    this.#indent = kind.indent;
    this.#keep(first);
  }

  /** @param isHeaded whether the line has a time or a level of its own: then it is another's, but where all have. */
  take(line: string, isHeaded: boolean): Part {
    const content = this.#indent > 0 ? withoutIndent(line, this.#indent) : line;
    if (++this.#count > MOST_TRACEBACK_LINES) return 'after';
    if (content === '') return 'part';
    if (isHeaded && !this.#isHeaded) return this.#state === 'open' ? 'other' : 'after';
    const part = this.#partOf(content, isHeaded);
    if (part === 'part') this.#keep(content);
    return part;
  }

  #partOf(content: string, isHeaded: boolean): Part {
    if (BOX.test(content) && this.#state === 'open') return 'part';
    if (tracebackStart(content) >= 0) {
      if (this.#state !== 'chained' && !GROUP.test(content)) return 'after';
      this.#state = 'open';
      return 'part';
    }
    if (CHAIN.test(content) && this.#state === 'told') {
      this.#state = 'chained';
      return 'part';
    }
    if (this.#state !== 'open') return GROUP.test(content) ? 'part' : 'after';
    if (GROUP_END.test(content)) this.#state = 'told';
    if (isHeaded ? this.#isPlace(content) : /^[\s|+]/.test(content)) return 'part';
    if (!isException(content)) return 'other';
    this.#state = 'told';
    return 'part';
  }

  /** Of lines that lost their indentation: the place, the source under it, the marks under that. */
  #isPlace(content: string): boolean {
    const wasFile = this.#isFileBefore;
    this.#isFileBefore = content.startsWith('File "');
    return this.#isFileBefore || wasFile || /^[\^~ ]+$/.test(content);
  }

  #keep(content: string): void {
    const short = content.slice(0, MOST_LINE_CHARACTERS).trimEnd().toWellFormed();
    this.#lines.push(short.length < content.length ? flat(short) : short);
  }

  /** The line with the traceback; one that nothing announced is called by its last exception. */
  ended(): Draft {
    this.line.traceback = this.#lines;
    if (!this.#hasOwner) this.line.message = exceptionOf(this.#lines.findLast(isException) ?? this.#lines[0]!);
    return this.line;
  }
}

function withoutIndent(line: string, most: number): string {
  let at = 0;
  while (at < most && line.charCodeAt(at) === 32) at++;
  return line.slice(at);
}

const ANNOUNCES = /exception|error|fail/i;

/** Whether a line tells of the failure of which the traceback follows. */
export const announces = ({ level, message, traceback }: Draft): boolean =>
  traceback === undefined &&
  (level === undefined || level === 'info' || level === 'debug' ? ANNOUNCES.test(message) : true);

/**
 * Of a traceback within one line, as JSON and `repr` have it: what is before it, and its lines; undefined: there is none.
 */
export function tracebackWithin(text: string): { words: string; lines: string[] } | undefined {
  const at = text.indexOf(TRACEBACK);
  if (at < 0) return undefined;
  const behind = text.slice(at);
  const isEscaped = behind.includes('\\n');
  if (!isEscaped && !behind.includes('\n')) return undefined;
  const lines = tracebackLines(isEscaped ? unescaped(text, at) : behind);
  return { words: text.slice(0, at).replace(/[\s"']{1,100}$/, ''), lines };
}

function unescaped(text: string, at: number): string {
  const quote = text[at - 1];
  if (quote !== '"' && quote !== "'") return text.slice(at).replaceAll('\\n', '\n');
  const end = quotedEnd(text, at - 1);
  return unquoted(text.slice(at - 1, end < 0 ? undefined : end));
}
