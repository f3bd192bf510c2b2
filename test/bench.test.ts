import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { parseOptions } from '../bench/heap/options.ts';
import { counted } from './counted.ts';

const run = promisify(execFile);
const OBJECTS = 50_000;
const bench = join(import.meta.dirname, '../bench/heap.ts');

/** The cells of the row that a table under a heading has for the first target. */
function rowUnder(report: string, heading: string): string[] {
  const table = report.split('\n## ').find((part) => part.startsWith(heading))!;
  const rows = table.split('\n').filter((line) => line.startsWith('| '));
  return rows[1]!
    .split('|')
    .map((cell) => cell.trim())
    .slice(1, -1);
}

const numbersIn = (cells: readonly string[]): number[] =>
  cells.flatMap((cell) => cell.match(/[\d.]+|NaN/g) ?? []).map(Number);

test('the bench of the heap reader looks at a program that it starts, and every figure is a number', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const out = join(folder, 'table.md');
  const options = ['--objects', String(OBJECTS), '--fresh', '--only', 'whyoom', '--rounds', '1', '--out', out];
  const { stdout } = await run(process.execPath, [bench, ...options]);
  const report = readFileSync(out, 'utf8');
  expect(stdout).toBe(report);
  for (const heading of ['Pause', 'Seconds a phase', 'Memory of the reader']) {
    const [target, ...cells] = rowUnder(report, heading);
    expect(target).toContain(String(OBJECTS));
    const numbers = numbersIn(cells);
    expect(numbers.length).toBeGreaterThan(4);
    expect(numbers.filter((number) => !Number.isFinite(number))).toEqual([]);
  }
  // What the program says it has made, the look has found.
  const [, objects] = rowUnder(report, 'Pause');
  expect(Number.parseFloat(objects!) * 1e6).toBeGreaterThanOrEqual(OBJECTS);
  counted('programs', 'bench objects');
});

test('a whole run of the bench has every target and tool, and is kept by its date', () => {
  const whole = parseOptions([], '2026-11-23');
  expect(whole.targets.map(({ name }) => name)).toEqual([
    '1 M objects, fresh',
    '1 M objects, shuffled',
    '10 M objects, fresh',
    '10 M objects, shuffled',
    'Django, tests loaded',
    'pandas',
    'scikit-learn',
  ]);
  expect(whole.peers).toEqual(['guppy3', 'pympler', 'memray', 'pyheap']);
  expect(whole.out).toBe('bench/results/heap-2026-11-23.md');
});

test('a part of the bench is what was asked for, and is kept nowhere', () => {
  const part = parseOptions(['--objects', '1e6', '--shuffled', '--only', 'whyoom'], '2026-11-23');
  expect(part).toMatchObject({ peers: [], out: undefined });
  expect(part.targets.map(({ name }) => name)).toEqual(['1 M objects, shuffled']);
  expect(parseOptions(['--program', 'django'], '').targets.map(({ name }) => name)).toEqual(['Django, tests loaded']);
  expect(() => parseOptions(['--program', 'flask'], '')).toThrow('django, pandas, scikit-learn');
  expect(() => parseOptions(['--objects', '1.5'], '')).toThrow('whole number');
});
