import { closeSync, openSync, writeSync } from 'node:fs';
import { type Dice, diceOf, saidAs } from './messages.ts';

const START_MS = Date.UTC(2026, 10, 23, 9);
const PIECE_CHARACTERS = 2 ** 22;
const LEVELS = ['INFO', 'INFO', 'INFO', 'INFO', 'DEBUG', 'WARNING', 'ERROR'];
const TRACEBACK = [
  'Traceback (most recent call last):',
  '  File "/app/worker.py", line 120, in run',
  '    self.handle(job)',
  '  File "/app/worker.py", line 88, in handle',
  '    image = numpy.zeros(shape)',
];

/** The forms in which programs write: Python's logging, JSON, logfmt, an access log, kubectl's time stamps, nothing but words. */
const FORMS: readonly ((iso: string, level: string, message: string, dice: Dice) => string)[] = [
  (iso, level, message) =>
    `${iso.slice(0, 10)} ${iso.slice(11, 19)},${iso.slice(20, 23)} ${level} app.service: ${message}`,
  (iso, level, message) =>
    `${iso.slice(0, 10)} ${iso.slice(11, 19)},${iso.slice(20, 23)} ${level} app.worker: ${message}`,
  (iso, level, message, { int }) =>
    `{"timestamp": "${iso}", "level": "${level.toLowerCase()}", "logger": "app.api", "message": ${JSON.stringify(message)}, "queue_depth": ${int(100)}, "rss_mb": ${(int(4000) / 10 + 100).toFixed(1)}}`,
  (iso, level, message) => `time=${iso} level=${level.toLowerCase()} msg=${JSON.stringify(message)} worker=3`,
  (iso, _, __, { int, one }) =>
    `10.0.${int(256)}.${int(256)} - - [23/Nov/2026:${iso.slice(11, 19)} +0000] "GET ${one(['/api/v1/users', '/healthz', '/search'])} HTTP/1.1" 200 ${int(90_000)} "-" "python-requests/2.32"`,
  (iso, _, message) => `${iso.slice(0, 23)}456Z ${message}`,
  (_, level, message) => `[${level}] ${message}`,
];

/** Writes a log of at least so many bytes, the same for the same seed; returns its lines. */
export function generate(file: string, bytes: number, seed: number): number {
  const dice = diceOf(seed);
  const out = openSync(file, 'w');
  let written = 0;
  let lines = 0;
  let atMs = START_MS;
  for (let piece: string[] = [], length = 0, n = 0; written < bytes; n++) {
    atMs += dice.int(20);
    const text = entry(dice, n, new Date(atMs).toISOString());
    piece.push(text);
    length += text.length + 1;
    lines += text.split('\n').length;
    if (length < PIECE_CHARACTERS && written + length < bytes) continue;
    written += writeSync(out, `${piece.join('\n')}\n`);
    piece = [];
    length = 0;
  }
  closeSync(out);
  return lines;
}

function entry(dice: Dice, n: number, iso: string): string {
  const { message } = saidAs(dice, n);
  const line = dice.one(FORMS)(iso, dice.one(LEVELS), message, dice);
  return dice.int(2000) === 0 ? [line, ...TRACEBACK, `numpy.exceptions.MemoryError: ${message}`].join('\n') : line;
}
