import type { Level } from './log-line.ts';

const NAMES: Readonly<Record<string, Level>> = {
  trace: 'debug',
  debug: 'debug',
  verbose: 'debug',
  info: 'info',
  information: 'info',
  informational: 'info',
  notice: 'info',
  success: 'info',
  default: 'info',
  warn: 'warning',
  warning: 'warning',
  err: 'error',
  error: 'error',
  exception: 'error',
  severe: 'error',
  crit: 'critical',
  critical: 'critical',
  fatal: 'critical',
  alert: 'critical',
  emerg: 'critical',
  emergency: 'critical',
  panic: 'critical',
};
const LEVELS = new Map(
  Object.entries(NAMES).flatMap(([name, level]) => [name, name.toUpperCase()].map((word) => [word, level])),
);
const LETTERS: Readonly<Record<string, Level>> = {
  D: 'debug',
  I: 'info',
  W: 'warning',
  E: 'error',
  C: 'critical',
  F: 'critical',
};
const LONGEST = 13;

/** Of a word as a field or a log's head has it: `WARNING`, `info`. */
export const levelOf = (word: string): Level | undefined =>
  LEVELS.get(word) ?? (word.length <= LONGEST ? LEVELS.get(word.toLowerCase()) : undefined);

/** As glog and tornado shorten them. */
export const levelOfLetter = (letter: string): Level | undefined =>
  Object.hasOwn(LETTERS, letter) ? LETTERS[letter] : undefined;

/**
 * Of a number in a field: Python's (10–50, `logging`, also bunyan's and pino's, which are 10 higher in the middle: 30 is info there),
 * or syslog's severity (RFC 5424, 6.2.1; also GELF's).
 */
export function levelOfNumber(number: number, is: 'python' | 'node'): Level | undefined {
  if (number >= 0 && number < 8)
    return (['critical', 'critical', 'critical', 'error', 'warning', 'info', 'info', 'debug'] as const)[
      Math.floor(number)
    ];
  const step = Math.floor((is === 'node' ? number - 10 : number) / 10);
  return (['debug', 'debug', 'info', 'warning', 'error', 'critical'] as const)[step];
}

/** The level word in capitals that begins at a place, or ''. It is followed by no letter, digit, `=` or `-`. */
export function levelWordAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && end - at <= LONGEST) {
    const code = text.charCodeAt(end);
    if (code < 65 || code > 90) break;
    end++;
  }
  if (end - at < 3) return '';
  const next = text.charCodeAt(end);
  if (next === 61 || next === 45 || next === 95 || (next >= 48 && next <= 57) || (next >= 97 && next <= 122)) return '';
  const word = text.slice(at, end);
  return LEVELS.has(word) && word !== 'DEFAULT' && word !== 'EXCEPTION' ? word : '';
}
