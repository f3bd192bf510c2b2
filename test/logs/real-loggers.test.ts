import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interpreters } from '../python/programs.ts';
import { withPackages } from '../python/venv.ts';
import { readLog } from './read-lines.ts';
import { LOGGER_PACKAGES } from './servers/server-log.ts';

const PROGRAM = join(import.meta.dirname, 'loggers.py');
const SAID = ['cache has 12 items', 'disk is 91 % full', 'task 7 failed'];

/** What each format tells besides the words; with a time and a level where nothing else is said. */
const FORMATS: [
  name: string,
  tells: { time?: false; level?: false; logger?: string; source?: RegExp; writer?: RegExp },
][] = [
  ['basic', { time: false, logger: 'shop.cache' }],
  ['dashes', { logger: 'shop.cache' }],
  ['brackets', { writer: /^\d+$/ }],
  ['celery', { writer: /^MainProcess$/ }],
  ['pipes', { source: /^shop\.cache:say:\d+$/ }],
  ['thread', { logger: 'shop.cache', writer: /^MainThread$/ }],
  ['clock', {}],
  ['message', { time: false, level: false }],
  ['structlog console', {}],
  ['structlog JSON', {}],
  ['structlog JSON, dict_tracebacks', {}],
  ['structlog pairs', {}],
  ['structlog logfmt', {}],
  ['python-json-logger', { logger: 'shop.cache' }],
  ['loguru', { source: /^__main__:say:\d+$/ }],
  ['loguru JSON', { logger: '__main__', source: /loggers\.py:say:\d+$/, writer: /^\d+$/ }],
  ['rich', { source: /^loggers\.py:\d+$/ }],
  ['rich, boxed tracebacks', { source: /^loggers\.py:\d+$/ }],
  ['structlog console, boxed tracebacks', {}],
  ['tornado', { source: /^loggers:\d+$/ }],
  ['absl', { source: /^loggers\.py:\d+$/, writer: /^\d+$/ }],
];

const python = interpreters().find(({ path, version }) => path.includes('pyenv') && version.startsWith('3.12'));
const made = python && withPackages(python, LOGGER_PACKAGES);

test.skipIf(!made).each(FORMATS)('what %s writes is read: words, level, time, traceback', (name, tells) => {
  const before = Date.now() / 1000;
  const text = execFileSync(made!.path, [PROGRAM, name], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { lines } = readLog(text, { nearUnixSeconds: before });
  expect(lines.map(({ message }) => message)).toEqual(SAID);
  if (tells.level !== false) expect(lines.map(({ level }) => level)).toEqual(['info', 'warning', 'error']);
  for (const { atUnixSeconds, logger, source, writer } of lines) {
    if (tells.time !== false) expect(Math.abs(atUnixSeconds! - before)).toBeLessThan(600);
    if (tells.logger) expect(logger).toBe(tells.logger);
    if (tells.source) expect(source).toMatch(tells.source);
    if (tells.writer) expect(writer).toMatch(tells.writer);
  }
  const traceback = lines[2]!.traceback!;
  expect(traceback.at(-1)).toBe('ZeroDivisionError: division by zero');
  if (name.includes('boxed')) return expect(traceback[0]).toMatch(/^╭─+ Traceback/);
  expect(traceback[0]).toBe('Traceback (most recent call last):');
  expect(traceback[1]).toMatch(/^ {2}File ".*loggers\.py", line \d+, in say$/);
});
