import { execFileSync, type SpawnOptions } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import type { Stopped } from '../../src/sources/process/tracer/while-stopped.ts';
import { type Program, startProgram, until } from '../start-program.ts';

export const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
export const isRoot = process.getuid?.() === 0;
/** Of the system: what a person installed may not be open to other users. */
export const PYTHON = ['/usr/bin/python3', '/usr/local/bin/python3'].find((path) => existsSync(path)) ?? 'python3';

export { type Program, until };

/** Starts a program that ends with the test at the latest. */
export function start(command: string, args: string[], options: SpawnOptions = {}): Program {
  const program = startProgram(command, args, options);
  onTestFinished(async () => {
    program.child.kill('SIGKILL');
    await program.ended;
  });
  return program;
}

/** Compiles a C program of this folder, for the length of the test. */
export function compiled(file: string, ...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-compiled-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, basename(file, '.c'));
  execFileSync('cc', ['-O1', '-pthread', ...options, '-o', path, here(file)]);
  return path;
}

export interface Target {
  readonly pid: number;
  readonly program: Program;
  /** Where it counts. */
  readonly file: string;
  readonly parentSaw: () => string[];
  count(slot: number): number;
  state(): string;
  /** Resolves when all eight threads have gone round once more and nothing traces the process. */
  runsOn(): Promise<void>;
}
export const SIGNALS = 8;
export const CHILDREN = 9;
export const ERRORS = 10;

/** The threaded program, as the child of one that records every stop that a parent can see. */
export async function startTarget(...modes: string[]): Promise<Target> {
  const [file, program] = startHeartbeat(['family', ...modes]);
  const pid = Number(await until('the target', () => /^child (\d+)/.exec(program.lines()[0] ?? '')?.[1]));
  return targetOf(file, program, pid);
}

export function startHeartbeat(modes: string[], before: string[] = [], options: SpawnOptions = {}): [string, Program] {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-tracer-'));
  const file = join(folder, 'counts');
  writeFileSync(file, new Uint8Array(128));
  // For programs that run as another user.
  chmodSync(folder, 0o777);
  chmodSync(file, 0o666);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [command, ...args] = [...before, PYTHON, here('heartbeat.py'), file, ...modes];
  return [file, start(command!, args, options)];
}

export async function targetOf(file: string, program: Program, pid: number): Promise<Target> {
  const count = (slot: number) => Number(readFileSync(file).readBigInt64LE(slot * 8));
  const status = (field: string) => new RegExp(`^${field}:\\s*(\\S+)`, 'm').exec(statusOf(pid))?.[1] ?? 'gone';
  const runsOn = async () => {
    const before = Array.from({ length: 8 }, (_, slot) => count(slot));
    await until(`all threads of ${pid} (state ${status('State')})`, () =>
      before.every((old, slot) => count(slot) > old),
    );
    if (status('TracerPid') !== '0') throw new Error(`still traced by ${status('TracerPid')}`);
  };
  await runsOn();
  return { pid, program, file, count, runsOn, state: () => status('State'), parentSaw: () => program.lines().slice(1) };
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

export type Line = Partial<Stopped<unknown>> & Partial<Problem>;

/** Starts the tracer fixture. */
export const startTracer = (pid: number, maxPauseMs: number, what: string, times = 1, options: SpawnOptions = {}) =>
  start(process.execPath, [here('stop-fixture.ts'), String(pid), String(maxPauseMs), what, String(times)], options);

/** Runs the tracer fixture to its end; its lines of JSON. */
export async function trace(pid: number, what: string, times = 1, options: SpawnOptions = {}): Promise<Line[]> {
  const tracer = startTracer(pid, 5000, what, times, options);
  const ended = await tracer.ended;
  if (ended !== 0) throw new Error(`the tracer ended with ${ended}: ${tracer.errors()}`);
  return tracer.lines().map((line) => JSON.parse(line));
}

export const stopped = (tracer: Program) => until('the stop', () => tracer.lines().includes('stopped'));

/** Opens the pipe for which the child waits, if it still does. */
export function endHang(file: string): void {
  try {
    closeSync(openSync(`${file}.fifo`, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // Nobody waits any more.
  }
}

/** The letters of a process's threads. */
export function threadStates(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2]!;
  });
}
