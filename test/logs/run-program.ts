import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type Interpreter, interpreters } from '../python/programs.ts';
import { withPackages } from '../python/venv.ts';
import type { KnownLog } from './known-log.ts';
import { toldValues, type Wording, worded, wordingOf } from './wording.ts';

const FOLDER = join(import.meta.dirname, 'programs');
const PACKAGES = [
  'uvicorn',
  'gunicorn',
  'celery',
  'django',
  'flask',
  'structlog',
  'loguru',
  'python-json-logger',
  'pandas',
  'absl-py',
  'psutil',
  'sqlalchemy',
];
const SAMPLE_MS = 40;
const MOST_MS = 60_000;

/** What the first line of a program says of it. */
const header = z.object({
  /** What becomes of its container: it grows, is kept small, is emptied again and again, or there is none. */
  modes: z.array(z.enum(['leak', 'bounded', 'sawtooth', 'none'])),
  itemBytes: z.number(),
  workers: z.number().default(1),
  /** Threads that tell the same numbers, each when its turn comes. */
  writers: z.number().default(1),
  /** False: its lines bear none, and are read with those of their arrival, as kubectl's `--timestamps` gives them. */
  times: z.boolean().default(true),
  printsMemory: z.boolean().default(false),
  /** The comment that marks the line which tables of tracemalloc must name. */
  tracemalloc: z.string().optional(),
  collector: z.object({ wasDisabled: z.boolean() }).optional(),
});
export type ProgramMode = z.infer<typeof header>['modes'][number];
export interface LoggingProgram extends z.infer<typeof header> {
  readonly name: string;
  readonly source: string;
  readonly mode: ProgramMode;
}

/** Every program in every mode that it has. */
export function loggingPrograms(): LoggingProgram[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.py') && file !== 'pace.py')
    .sort()
    .flatMap((file) => {
      const source = readFileSync(join(FOLDER, file), 'utf8');
      const first = source.split('\n', 1)[0]!;
      const said = header.parse(JSON.parse(first.replace(/^# logs: /, '')));
      return said.modes.map((mode) => ({ ...said, name: basename(file, '.py'), source, mode }));
    });
}

/** A Python with the libraries that the programs use; undefined where they cannot be had. */
export function pythonForLogs(): Interpreter | undefined {
  const python = interpreters().find(({ version, path }) => version.startsWith('3.12') && path.includes('pyenv'));
  return python && withPackages(python, PACKAGES);
}

/** Runs a program with its words drawn by the seed, and takes down what it writes and how much memory it and its children have. */
export async function runProgram(
  python: Interpreter,
  program: LoggingProgram,
  seed: number,
  folder: string,
): Promise<KnownLog & { source: string; file: string }> {
  const { name, mode } = program;
  const wording = wordingOf(seed, { mayMislead: mode === 'leak' && program.workers === 1 });
  const source = worded(program.source, wording);
  const place = join(folder, `${name}-${mode}`);
  mkdirSync(place, { recursive: true });
  const file = join(place, `${name}.py`);
  writeFileSync(file, source);
  writeFileSync(join(place, 'pace.py'), readFileSync(join(FOLDER, 'pace.py')));
  const { chunks, samples } = await watched(python, file, { SEED: String(seed), MODE: mode });
  const text = textOf(chunks, program.times);
  const isKept = mode !== 'none';
  return {
    name: `${name} ${mode}`,
    texts: [text],
    memory: whileWorking(samples, chunks, wording),
    source,
    file,
    misleading: wording.misleading,
    healthy: mode !== 'leak',
    ...(isKept ? { kept: toldValues(text, wording.kept, wording.keptField) } : {}),
    work: toldValues(text, wording.work, wording.workField),
    itemBytes: program.itemBytes,
    writers: program.workers * program.writers,
  };
}

async function watched(python: Interpreter, file: string, environment: Record<string, string>) {
  const started = Date.now();
  const child = spawn(python.path, ['-u', file], {
    cwd: join(file, '..'),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, TZ: 'UTC', PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
  });
  const chunks: Chunk[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => chunks.push({ at: Date.now(), text: chunk.toString() }));
  const samples: [number, number][] = [];
  const timer = setInterval(() => {
    if (Date.now() - started > MOST_MS) process.kill(-child.pid!, 'SIGKILL');
    if (chunks.length > 0) samples.push([Date.now() / 1000, treeBytes(child.pid!)]);
  }, SAMPLE_MS);
  await new Promise((closed) => child.once('close', closed));
  clearInterval(timer);
  return { chunks, samples };
}

/** What was written, and when it came, in Unix milliseconds. */
interface Chunk {
  readonly at: number;
  readonly text: string;
}

const textOf = (chunks: readonly Chunk[], isTimed: boolean): string =>
  chunks.map(({ at, text }) => (isTimed ? text : text.replace(/^(?=.)/gm, `${new Date(at).toISOString()} `))).join('');

/** What a program has while it starts and ends is not what it has while it works: from the first to the last word of its work. */
function whileWorking(samples: readonly [number, number][], chunks: readonly Chunk[], { work, workField }: Wording) {
  const working = chunks.filter(({ text }) => toldValues(text, work, workField).length > 0);
  const [first, last] = [working[0]?.at ?? 0, working.at(-1)?.at ?? 0];
  return samples.filter(([at, bytes]) => at * 1000 >= first && at * 1000 < last && bytes > 0);
}

/** Resident bytes of a process and all below it. */
function treeBytes(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    const below = children === '' ? [] : children.split(' ').map((each) => treeBytes(Number(each)));
    return below.reduce((sum, bytes) => sum + bytes, pages * 4096);
  } catch {
    return 0;
  }
}
