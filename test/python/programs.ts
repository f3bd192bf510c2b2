import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CAUSES, HOLDER_KINDS, VERDICTS } from '../../src/core/report.ts';
import { type Minor, pythonIn, RELEASES } from '../interpreters/debian.ts';

/** What the first line of a program says of it: `# expect: {…}`. */
const header = z.object({
  verdict: z.union([z.enum(VERDICTS), z.array(z.enum(VERDICTS))]).transform((given) => [given].flat()),
  causes: z.array(z.enum(CAUSES)).default([]),
  holders: z
    .array(
      z.object({
        name: z.string(),
        kind: z.enum(HOLDER_KINDS),
        feed: z.string().optional(),
        library: z.string().optional(),
      }),
    )
    .default([]),
  patchable: z.boolean().default(false),
});

/** The truth about a program: any of the verdicts and of the causes is right, and every holder must be found. */
export interface Expect extends Omit<z.infer<typeof header>, 'holders'> {
  readonly holders: readonly ExpectedHolder[];
}

export interface ExpectedHolder {
  /** As the report names it, `__main__` filled in. */
  readonly name: string;
  readonly kind: (typeof HOLDER_KINDS)[number];
  /** The lines that feed it, from 1. Any of them is right; none: no line of the program does. */
  readonly feed: { readonly file: string; readonly lines: readonly number[] };
  /** A file of Python's library that feeds it, where no line of the program does so itself: `queue.py`. */
  readonly library?: string | undefined;
}

export interface Program {
  /** `module_list`, or the folder's name for a program of several files. */
  readonly name: string;
  /** What belongs to it: a file, or a folder. */
  readonly path: string;
  /** The file to run. */
  readonly entry: string;
  readonly expect: Expect;
}

export interface Interpreter {
  /** The executable itself, not a link or a shim. */
  readonly path: string;
  /** As it says: `3.11.7`. */
  readonly version: string;
}

const here = import.meta.dirname;
const run = promisify(execFile);
const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };

export const leakingPrograms = (): Program[] => programsIn(join(here, 'leaks'));

export const healthyPrograms = (): Program[] => programsIn(join(here, 'healthy'));

function programsIn(folder: string): Program[] {
  const paths = readdirSync(folder, { withFileTypes: true })
    .filter((found) => (found.isDirectory() ? found.name !== '__pycache__' : found.name.endsWith('.py')))
    .map((found) => join(folder, found.name));
  return paths.sort().map((path) => readProgram(path));
}

/** Reads what a program says of itself. Throws where no file of it has a valid header. */
function readProgram(path: string): Program {
  const files = pythonFiles(path);
  const entry = files.find((file) => readFileSync(file, 'utf8').startsWith('# expect: '));
  if (entry === undefined) throw new Error(`${path}: no "# expect:" in the first line of any file`);
  return { name: basename(path, '.py'), path, entry, expect: readExpect(entry, files) };
}

const pythonFiles = (path: string): string[] =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.py'))
        .map((file) => join(path, file));

function readExpect(entry: string, files: readonly string[]): Expect {
  const line = readFileSync(entry, 'utf8').split('\n', 1)[0]!;
  const { holders, ...rest } = header.parse(JSON.parse(line.slice('# expect: '.length)));
  const named = holders.map((holder) => ({
    ...holder,
    name: holder.name.replace('{module}', '__main__'),
    feed: markedLines(files, holder.feed),
  }));
  return { ...rest, holders: named };
}

/** The lines that end in the comment `# MARKER`; they must all be in one file. */
function markedLines(files: readonly string[], marker: string | undefined): ExpectedHolder['feed'] {
  if (marker === undefined) return { file: files[0]!, lines: [] };
  for (const file of files) {
    const marked = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((text, at) => (text.endsWith(`# ${marker}`) ? [at + 1] : []));
    if (marked.length > 0) return { file, lines: marked };
  }
  throw new Error(`${files[0]}: no line is marked "# ${marker}"`);
}

/**
 * The program with every name of its own replaced by a random one (see rename.py), written to `folder`.
 * Lines stay where they were. Needs an interpreter of 3.12 or newer; throws where there is none.
 */
export function renamed(program: Program, seed: number, folder: string): Promise<Program> {
  const target = join(folder, `${program.name}-${seed}`);
  const made = madeAnew.get(target) ?? rename(program, seed, target);
  madeAnew.set(target, made);
  return made;
}

/** By folder: each is written once, for all interpreters that run it. */
const madeAnew = new Map<string, Promise<Program>>();

async function rename(program: Program, seed: number, target: string): Promise<Program> {
  const newest = interpreters().at(-1);
  if (newest === undefined || minorOf(newest.version) < 12) throw new Error('rename.py needs CPython 3.12 or newer');
  mkdirSync(target, { recursive: true });
  const { stdout } = await run(newest.path, [join(here, 'rename.py'), program.entry, String(seed), target], {
    env: environment,
  });
  const { entry } = z.object({ entry: z.string() }).parse(JSON.parse(stdout));
  return { name: program.name, path: target, entry, expect: readExpect(entry, pythonFiles(target)) };
}

let found: Interpreter[] | undefined;

/**
 * Every CPython 3.8–3.15 among pyenv's versions and on PATH, oldest first; each executable once. For a minor version that
 * is not among them, Debian's, where its root has been made (`npm test` does that; see ../interpreters/debian.ts).
 */
export function interpreters(): Interpreter[] {
  found ??= findInterpreters();
  return found;
}

function findInterpreters(): Interpreter[] {
  const byPath = new Map<string, Interpreter>();
  for (const candidate of [...pyenvCandidates(), ...pathCandidates()]) {
    const interpreter = ask(candidate);
    if (interpreter) byPath.set(interpreter.path, interpreter);
  }
  const minors = new Set([...byPath.values()].map(({ version }) => minorOf(version)));
  const missing = Object.keys(RELEASES)
    .map(Number)
    .filter((minor) => !minors.has(minor)) as Minor[];
  for (const path of missing.map(pythonIn)) {
    const interpreter = path && ask(path);
    // Inside its root the executable has another path than the program that runs it from outside.
    if (interpreter) byPath.set(path, { ...interpreter, path });
  }
  return [...byPath.values()].sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

function pyenvCandidates(): string[] {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .filter((version) => /^3\.([89]|1[0-5])\./.test(version))
    .map((version) => join(versions, version, 'bin', 'python'));
}

const pathCandidates = (): string[] =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => [8, 9, 10, 11, 12, 13, 14, 15].map((minor) => join(folder, `python3.${minor}`)))
    .filter((path) => existsSync(path));

const QUESTION =
  'import os, platform, sys; print(os.path.realpath(sys.executable)); print(platform.python_implementation(), platform.python_version())';

/** A shim may point at nothing and a candidate may be another implementation: then there is no interpreter. */
function ask(candidate: string): Interpreter | undefined {
  try {
    const answer = execFileSync(candidate, ['-c', QUESTION], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [path, says = ''] = answer.trim().split('\n');
    const version = /^CPython (3\.(?:[89]|1[0-5])\.\d+)$/.exec(says)?.[1];
    return path && version ? { path, version } : undefined;
  } catch {
    return undefined;
  }
}

const minorOf = (version: string): number => Number(version.split('.')[1]);

/** Runs the program's own check of its results. Throws with what it said where they are wrong. */
export async function checkProgram(interpreter: Interpreter, entry: string): Promise<void> {
  const { stdout } = await run(interpreter.path, [entry, '--check'], { cwd: dirname(entry), env: environment });
  if (!stdout.endsWith('CHECK OK\n')) throw new Error(`${entry} --check said ${stdout}`);
}

const measured = z.object({
  operations: z.number().int(),
  rss_kb: z.number(),
  /** How much higher the peak of memory was in the second half than in the first. */
  grown_kb: z.number(),
  items: z.number().int(),
});

/** Runs so many operations as fast as they go. Sizes in KiB; `items` are in the containers in question at the end. */
export async function measureProgram(interpreter: Interpreter, entry: string, operations: number) {
  const arguments_ = [entry, '--operations', String(operations)];
  const { stdout } = await run(interpreter.path, arguments_, { cwd: dirname(entry), env: environment });
  return measured.parse(JSON.parse(stdout.trim().split('\n').at(-1)!));
}

export interface RunningProgram {
  readonly pid: number;
  /** Settles when the program says that it has warmed up; fails where it ends before. */
  readonly ready: Promise<void>;
  /** Kills the program's own process group, and waits until it has gone. */
  stop(): Promise<void>;
}

/** Starts a program in a process group of its own. Left alone it ends by itself after three minutes. */
export async function startProgram(interpreter: Interpreter, program: Pick<Program, 'entry'>): Promise<RunningProgram> {
  const child = spawn(interpreter.path, [program.entry], {
    cwd: dirname(program.entry),
    detached: true,
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  ready.catch(() => {}); // a caller that does not wait for it must not be told off
  createInterface(child.stdout).on('line', (line) => line === 'READY' && resolve());
  exited.then(() => reject(new Error(`${relative(here, program.entry)} ended before it was ready`)));
  await new Promise<void>((spawned, failed) => child.once('spawn', spawned).once('error', failed));
  const pid = child.pid!;
  const stop = async () => {
    // The exit code tells that it has gone: its number may by then be somebody else's.
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGKILL');
    await exited;
  };
  return { pid, ready, stop };
}
