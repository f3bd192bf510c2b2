/** What a program says of itself in a line: that something failed, or that a part of it was killed. */
export type SaidKind = 'out-of-memory' | 'killed' | 'error' | 'warning';

export interface Said {
  readonly kind: SaidKind;
  /** The line, or the last line of a traceback, from the message on. */
  readonly message: string;
  /** By the API's own timestamp at the line's beginning; absent where there is none. */
  readonly atUnixSeconds?: number;
}

/** Longer lines are cut: what a line says, it says at its beginning. */
const LINE_CHARACTERS = 16 * 1024;
const MESSAGE_CHARACTERS = 300;
/** Where the level of a line is looked for. */
const HEAD_CHARACTERS = 200;
/** A traceback without an end: the process was killed, or another thread wrote between. */
const MOST_TRACEBACK_LINES = 400;

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?/;
/** As logging, gunicorn, Celery, uvicorn and loguru write it; and as a field of JSON or logfmt. */
const LEVEL = /(?<![\w-])(CRITICAL|FATAL|ERROR|WARNING|WARN)(?![\w=-])/;
const LEVEL_FIELD =
  /["']?(?:level|levelname|log_level|severity|log\.level)["']?\s{0,4}[=:]\s{0,4}["']?(critical|fatal|error|warning|warn)\b/i;
const MESSAGE_FIELD =
  /["']?(?:message|msg|event)["']?\s{0,4}[=:]\s{0,4}(?:"((?:[^"\\]|\\.)*)|'((?:[^'\\]|\\.)*)|(\S+))/;
const TRACEBACK = 'Traceback (most recent call last):';
/** `MemoryError`, `redis.exceptions.ConnectionError: Error 111 …` */
const EXCEPTION = /^[A-Za-z_][\w.]{0,200}(?::|$)/;
const GROUP_END = /^[\s|]*\+-+$/;

const OUT_OF_MEMORY =
  /\bMemoryError\b|\bUnable to allocate\b|\b[Cc]annot allocate memory\b|\bstd::bad_alloc\b|\bout of memory\b|\bOutOfMemory/i;
/** A part of the program, or a command that it ran, was ended with SIGKILL. */
const KILLED = new RegExp(
  [
    'was sent SIGKILL', // gunicorn 20 and later: "Worker (pid:12) was sent SIGKILL! Perhaps out of memory?"
    'was terminated due to signal 9', // gunicorn before
    'WorkerLostError.{0,200}signal 9', // Celery with billiard
    'died, killed by signal 9', // uWSGI
    'terminated abruptly while the future was running', // concurrent.futures, BrokenProcessPool
    '\\bKilled process \\d', // the kernel
    '\\bSIGKILL\\b',
    '^(?:\\S+: line \\d+:\\s+\\d+ )?Killed(?:\\s|$)', // a shell
  ].join('|'),
);

/** Errors, warnings and kills, in the order of the text. A traceback is one, called by its last line. */
export function saidIn(text: string): Said[] {
  const said: Said[] = [];
  const traceback = new TracebackReader();
  for (const line of linesOf(text)) {
    const stamp = STAMP.exec(line)?.[0] ?? '';
    const content = line.slice(stamp.length).trimEnd();
    const atUnixSeconds = stamp === '' ? Number.NaN : Date.parse(stamp.trim()) / 1000;
    const told = traceback.take(content) ?? saidBy(content);
    if (told === 'within') continue;
    // A logged exception is one failure, though it is told twice.
    if (told === 'begun') {
      if (said.at(-1) === traceback.before) said.pop();
      continue;
    }
    const one = told && { ...told, ...(Number.isNaN(atUnixSeconds) ? {} : { atUnixSeconds }) };
    if (one) said.push(one);
    traceback.before = one;
  }
  return said;
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf('\n', start);
    const end = next < 0 ? text.length : next;
    yield text.slice(start, Math.min(end, start + LINE_CHARACTERS));
    start = end + 1;
  }
}

/** Follows a traceback over its lines. */
class TracebackReader {
  /** What the line just before said. */
  before: Said | undefined;
  #lines = 0;

  /** What the line is to a traceback; undefined: nothing. */
  take(content: string): 'begun' | 'within' | Said | undefined {
    const starts = content.includes(TRACEBACK) && !content.includes('\\n');
    if (starts) {
      const isNew = this.#lines === 0;
      this.#lines = 1;
      return isNew && this.before?.kind === 'error' ? 'begun' : 'within';
    }
    if (this.#lines === 0) return undefined;
    if (++this.#lines > MOST_TRACEBACK_LINES || GROUP_END.test(content)) {
      this.#lines = 0;
      return undefined;
    }
    if (content === '' || /^[\s|+]/.test(content)) return 'within';
    // Another thread's line; the traceback goes on.
    if (!EXCEPTION.test(content)) return undefined;
    this.#lines = 0;
    return failed(content);
  }
}

function saidBy(content: string): Said | undefined {
  if (content.includes(TRACEBACK)) return failed(lastOfEscaped(content));
  const head = content.slice(0, HEAD_CHARACTERS);
  const field = LEVEL_FIELD.exec(head);
  const level = field ?? LEVEL.exec(head);
  if (KILLED.test(content)) return told('killed', level ? messageOf(content, level) : content);
  if (!level) return OUT_OF_MEMORY.test(content) ? told('out-of-memory', content) : undefined;
  const message = field ? fieldMessage(content) : messageOf(content, level);
  if (OUT_OF_MEMORY.test(content)) return told('out-of-memory', message);
  return told(/^warn/i.test(level[1]!) ? 'warning' : 'error', message);
}

const failed = (message: string): Said => told(OUT_OF_MEMORY.test(message) ? 'out-of-memory' : 'error', message);

const told = (kind: SaidKind, message: string): Said => ({ kind, message: message.slice(0, MESSAGE_CHARACTERS) });

/** What comes after the level and its punctuation. */
function messageOf(content: string, { 0: { length }, index }: RegExpExecArray): string {
  const rest = content.slice(index + length).replace(/^(?:\/[\w-]{1,64})?[\s\]|:)>-]{1,64}/, '');
  return rest === '' ? content : rest;
}

function fieldMessage(content: string): string {
  const found = MESSAGE_FIELD.exec(content);
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? content;
}

/** Of a traceback in one line, as JSON has it, the last line. */
function lastOfEscaped(content: string): string {
  const [rest = ''] = content.slice(content.lastIndexOf(TRACEBACK) + TRACEBACK.length).split(/(?<!\\)["']\s*[,}]/);
  const lines = rest.split('\\n').filter((line) => EXCEPTION.test(line));
  return lines.at(-1)?.replace(/["'}\s]+$/, '') ?? content;
}

/** Messages of one shape differ in numbers, addresses and quoted values only. */
export const shapeOf = (message: string): string =>
  message
    .replace(/"[^"]{0,300}"|'[^']{0,300}'/g, '…')
    .replace(/\b(?:0x)?(?=[\da-f]*\d)[\da-f]{8,}\b|\b0x[\da-f]+\b/gi, '#')
    .replace(/\d+(?:[.,:]\d+)*/g, '#');
