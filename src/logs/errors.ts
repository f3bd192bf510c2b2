import { Buffer } from 'node:buffer';
import { eventKind, OUT_OF_MEMORY } from './event-kind.ts';
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

/** What the lives of workers tell is said by its level here. */
function kindOf(line: LogLine): SaidKind | undefined {
  const kind = eventKind(line);
  if (kind === 'killed' || kind === 'out-of-memory') return kind;
  if (line.level === 'warning') return line.level;
  return line.level === 'error' || line.level === 'critical' ? 'error' : undefined;
}

const said = ({ atUnixSeconds }: LogLine, kind: SaidKind, message: string): Said => ({
  kind,
  message: message.slice(0, MESSAGE_CHARACTERS),
  ...(atUnixSeconds === undefined ? {} : { atUnixSeconds }),
});
