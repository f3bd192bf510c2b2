import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { counted } from '../counted.ts';
import {
  checkProgram,
  healthyPrograms,
  interpreters,
  leakingPrograms,
  measureProgram,
  type Program,
  renamed,
  startProgram,
} from './programs.ts';

const OPERATIONS = 2000;
/** At 2000 operations the gentlest leak grows by more than 8 MB in the second half; the noise of malloc stays under 3. */
const GROWN_KB = 8000;
const NOISE_KB = 3000;

const folder = mkdtempSync(join(tmpdir(), 'whyoom-programs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const all = [...leakingPrograms(), ...healthyPrograms()];
const ends = [interpreters()[0]!, interpreters().at(-1)!];
const lastName = (holder: string) => holder.match(/[A-Za-z_]\w*(?=(\[.*\])*$)/)?.[0];
const linesOf = (program: Program) => readFileSync(program.entry, 'utf8').split('\n');

test('the oldest, the newest and a middle one of the supported interpreters are there to test with', () => {
  const minors = interpreters().map(({ version }) => version.split('.').slice(0, 2).join('.'));
  expect(minors).toEqual(expect.arrayContaining(['3.9', '3.11', '3.13', '3.14', '3.15']));
  for (const { version } of interpreters()) counted('interpreters', version);
});

test('there are thirty leaks and fifteen healthy programs, and no two leaks have the same holder', () => {
  expect(leakingPrograms().length).toBeGreaterThanOrEqual(30);
  expect(healthyPrograms().length).toBeGreaterThanOrEqual(15);
  const holders = leakingPrograms().flatMap((program) => program.expect.holders.map((holder) => holder.name));
  expect(new Set(holders).size).toBe(holders.length);
  expect(leakingPrograms().filter((program) => program.expect.holders.length === 0)).toEqual([]);
  expect(healthyPrograms().filter((program) => program.expect.verdict.includes('leak'))).toEqual([]);
});

test.each(interpreters())('every program does its work right on $version', async (interpreter) => {
  for (const program of all) {
    await checkProgram(interpreter, program.entry);
    counted('programs', `${program.name} on ${interpreter.version}`);
  }
});

test.each([1, 2, 3])('every program does its work right under other names (seed %i)', async (seed) => {
  for (const program of all) {
    const other = await renamed(program, seed, folder);
    expect(linesOf(other).length).toBe(linesOf(program).length);
    for (const interpreter of seed === 1 ? interpreters() : ends) await checkProgram(interpreter, other.entry);
    counted('programs', `${program.name} renamed by ${seed}`);
  }
});

test('renaming leaves no holder its name, and its feeding lines where they were', async () => {
  for (const program of leakingPrograms()) {
    const other = await renamed(program, 4, folder);
    program.expect.holders.forEach((holder, at) => {
      // What the library or the interpreter holds is called as they call it.
      if (!holder.name.startsWith('__main__.') && holder.feed.file.endsWith(`${program.name}.py`)) return;
      const now = other.expect.holders[at]!;
      expect(now.feed.lines).toEqual(holder.feed.lines);
      expect(lastName(now.name)).not.toBe(lastName(holder.name));
      const feeding = now.feed.lines.map((line) => readFileSync(now.feed.file, 'utf8').split('\n')[line - 1]);
      expect(readFileSync(now.feed.file, 'utf8')).toMatch(new RegExp(`\\b${lastName(now.name)}\\b`));
      expect(feeding.join('\n')).not.toMatch(new RegExp(`\\b${lastName(holder.name)}\\b`));
    });
  }
});

test.each(ends)('leaking programs grow and healthy ones do not on $version', async (interpreter) => {
  const grown: Record<string, number> = {};
  for (const program of all)
    grown[program.name] = (await measureProgram(interpreter, program.entry, OPERATIONS)).grown_kb;
  expect(leakingPrograms().filter(({ name }) => grown[name]! < GROWN_KB)).toEqual([]);
  expect(healthyPrograms().filter(({ name }) => grown[name]! > NOISE_KB)).toEqual([]);
});

test('a started program says when it is ready, and is gone once stopped', async () => {
  const program = leakingPrograms().find(({ name }) => name === 'module_list')!;
  const running = await startProgram(ends[1]!, program);
  await running.ready;
  expect(process.kill(running.pid, 0)).toBe(true);
  await running.stop();
  await running.stop();
  expect(() => process.kill(running.pid, 0)).toThrow('ESRCH');
});

test('a program that ends early is told apart from one that is ready', async () => {
  const running = await startProgram(ends[0]!, { entry: join(folder, 'no_such_file.py') });
  await expect(running.ready).rejects.toThrow('ended before it was ready');
  await running.stop();
});
