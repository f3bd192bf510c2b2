import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LogDigester } from '../../../src/logs/digest.ts';
import type { LogLine } from '../../../src/logs/log-line.ts';
import { LogReader } from '../../../src/logs/log-reader.ts';
import { TableReader } from '../../../src/logs/tables/reader.ts';
import type { LogRow } from '../../../src/logs/tables/row.ts';
import { type LogTables, TableDigest } from '../../../src/logs/tables/tables.ts';
import { type Interpreter, interpreters } from '../../python/programs.ts';
import { withPackages } from '../../python/venv.ts';
import { temporaryFolder } from '../../temporary.ts';

/** What a section of outputs.py printed, and what it says that it printed. */
export interface ToolOutput {
  readonly lines: readonly string[];
  readonly rows: readonly ExpectedRow[];
}
/** A row as Python knows it: exact sizes, and by how much the printed ones may be off. */
export type ExpectedRow = { kind: string; within?: number; diffWithin?: number } & Record<string, unknown>;

const PROGRAM = join(import.meta.dirname, 'outputs.py');
/** Of the standard library, and of packages that are the same files for every version. */
export const SECTIONS = ['tracemalloc', 'gc', 'resource', 'memory_error'] as const;
export const PORTABLE = ['memory_profiler', 'psutil', 'objgraph', 'pympler'] as const;
export const COMPILED = ['guppy', 'numpy'] as const;
const PACKAGES = ['memory_profiler', 'psutil', 'objgraph', 'pympler', 'guppy3', 'numpy'];

/** Runs a section. Through logging, or as plain prints. */
export function toolOutput(python: Interpreter, section: string, { logged = false, path = '' } = {}): ToolOutput {
  const file = join(temporaryFolder(), 'rows.json');
  const text = execFileSync(python.path, ['-u', PROGRAM, section, file, ...(logged ? ['log'] : [])], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 2 ** 26,
  });
  return { lines: text.trimEnd().split('\n'), rows: JSON.parse(readFileSync(file, 'utf8')) };
}

/** A Python with the tools, for which they are kept from run to run; its version has ready-made packages of all of them. */
export const withTools = (python: Interpreter): Interpreter | undefined => withPackages(python, PACKAGES);

/**
 * Where a Python that has no `venv` finds those tools that are the same files for every version: copied, as it may run in a
 * root of its own that has the temporary folder, but not the one with the packages.
 */
export function toolsFolder(): string | undefined {
  const other = interpreters().findLast((each) => hasVenv(each));
  const made = other && withTools(other);
  if (!made) return undefined;
  const [major, minor] = made.version.split('.');
  const packages = join(dirname(made.path), '..', 'lib', `python${major}.${minor}`, 'site-packages');
  const folder = temporaryFolder();
  for (const name of ['memory_profiler.py', 'objgraph.py', 'pympler', 'psutil'])
    if (existsSync(join(packages, name))) cpSync(join(packages, name), join(folder, name), { recursive: true });
  return folder;
}

/** Those of Debian's roots have none. */
export const hasVenv = ({ path }: Interpreter): boolean => path.includes('pyenv');

/** The rows of lines that are given as they are, and of the same read as a log. */
export function rowsOf(lines: readonly string[]): { plain: LogRow[]; read: LogRow[] } {
  const given: LogLine[] = [];
  const reader = new LogReader((line) => given.push(line));
  reader.push(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  reader.end();
  return { plain: rowsIn(lines.map((message, number) => ({ message, number }))), read: rowsIn(given) };
}

/** What the digest of a log tells of tables among many other lines, and what is gathered of them where every line is looked at. */
export function gathered(lines: readonly string[]): { digested: LogTables | undefined; looked: LogTables } {
  const digester = new LogDigester();
  const reader = new TableReader();
  const rows = new TableDigest();
  const log = new LogReader((line) => {
    digester.add(line);
    for (const row of reader.take(line)) rows.add(row);
  });
  // Every line is said again and again: the words of its template are known by then.
  const others = Array.from({ length: 40 }, (_, at) => `request ${at} took ${at % 7} ms`);
  for (let round = 0; round < 4; round++) log.push(Buffer.from([...others, ...lines, ''].join('\n')));
  log.end();
  for (const row of reader.end()) rows.add(row);
  return { digested: digester.finish().tables, looked: rows.result() };
}

function rowsIn(lines: readonly LogLine[]): LogRow[] {
  const reader = new TableReader();
  return [...lines.flatMap((line) => reader.take(line)), ...reader.end()];
}

/** As they are compared: without the place in the log, sizes that are close enough replaced by the exact ones. */
export function compared(
  rows: readonly LogRow[],
  expected: readonly ExpectedRow[],
): { got: unknown[]; wanted: unknown[] } {
  const wanted = expected.map(({ within: _, diffWithin: __, ...row }) => row);
  const got = rows.map(({ lineNumber: _, life: __, writer: ___, atUnixSeconds: ____, ...row }, at) => {
    const truth = expected[at];
    if (!truth) return row;
    const known = Object.fromEntries(Object.entries(row).filter(([name]) => name in truth || name in NOT_LEFT_OUT));
    return {
      ...known,
      ...snapped(row, truth, 'bytes', truth.within),
      ...snapped(row, truth, 'bytesDiff', truth.diffWithin),
    };
  });
  return { got, wanted };
}
/** What a row may not have where the truth has it not. */
const NOT_LEFT_OUT = { bytesDiff: 0, countDiff: 0, frames: 0, code: 0, line: 0 };

function snapped(row: object, truth: ExpectedRow, name: string, within: number | undefined): object {
  const value = (row as Record<string, unknown>)[name];
  const exact = truth[name];
  if (typeof value !== 'number' || typeof exact !== 'number' || within === undefined) return {};
  return Math.abs(value - exact) <= within + 0.5 ? { [name]: exact } : {};
}
