import { Buffer } from 'node:buffer';
import type { LogLine } from './log-line.ts';
import { LogReader } from './log-reader.ts';
import { exceptionOf, isException } from './traceback.ts';

/** What a program says of itself in a line: that something failed, or that a part of it was killed. */
export type SaidKind = 'out-of-memory' | 'killed' | 'error' | 'warning';

export interface Said {
  readonly kind: SaidKind;
  /** The line's words, or an exception's line of a traceback. */
  readonly message: string;
  /** As the line says, else by the API's own timestamp; absent where there is neither. */
  readonly atUnixSeconds?: number;
}

const MESSAGE_CHARACTERS = 300;

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

/** Errors, warnings and kills, in the order of the text. Of a traceback each exception is one, and the line that announced it is none: a logged exception is one failure. */
export function saidIn(text: string): Said[] {
  const said: Said[] = [];
  const reader = new LogReader((line) => said.push(...saidBy(line)));
  reader.push(Buffer.from(text));
  reader.end();
  return said;
}

/** What a line says; of chained exceptions each. */
export function saidBy(line: LogLine): Said[] {
  const own = line.traceback && isCalledByException(line) ? undefined : kindOf(line);
  const told = own && (own !== 'error' || !line.traceback) ? [said(line, own, line.message)] : [];
  const exceptions = (line.traceback ?? []).filter(isException).map(exceptionOf);
  return [...told, ...exceptions.map((name) => said(line, OUT_OF_MEMORY.test(name) ? 'out-of-memory' : 'error', name))];
}

const isCalledByException = ({ message, traceback }: LogLine): boolean => exceptionOf(traceback!.at(-1)!) === message;

function kindOf({ message, level, text = message }: LogLine): SaidKind | undefined {
  if (KILLED.test(message) || KILLED.test(text)) return 'killed';
  if (OUT_OF_MEMORY.test(message) || OUT_OF_MEMORY.test(text)) return 'out-of-memory';
  if (level === 'warning') return level;
  return level === 'error' || level === 'critical' ? 'error' : undefined;
}

const said = ({ atUnixSeconds }: LogLine, kind: SaidKind, message: string): Said => ({
  kind,
  message: message.slice(0, MESSAGE_CHARACTERS),
  ...(atUnixSeconds === undefined ? {} : { atUnixSeconds }),
});

/** Messages of one shape differ in numbers, addresses and quoted values only. */
export const shapeOf = (message: string): string =>
  message
    .replace(/"[^"]{0,300}"|'[^']{0,300}'/g, '…')
    .replace(/\b(?:0x)?(?=[\da-f]*\d)[\da-f]{8,}\b|\b0x[\da-f]+\b/gi, '#')
    .replace(/\d+(?:[.,:]\d+)*/g, '#');
