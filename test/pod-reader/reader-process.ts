import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { decodeHello, type Hello } from '../../src/pod-reader/hello.ts';
import { descriptorLink, ReaderCalls, type SyncLink } from '../../src/pod-reader/link.ts';
import { readerProgram } from '../../src/pod-reader/script.ts';
import { type Program, startProgram, until } from '../start-program.ts';

export interface ReaderProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly hello: Hello;
  readonly link: SyncLink;
  readonly calls: ReaderCalls;
  /** Resolves with the exit code or the signal. */
  readonly ended: Promise<number | string>;
  /** Nobody asks any longer. */
  hangUp(): void;
}

/** Where its control group has less room the reader leaves at once; so long without a request, it ends. */
export interface ReaderStart {
  readonly leastHeadroomBytes?: number;
  readonly idleSeconds?: number;
  /** A command that becomes what follows it. */
  readonly under?: readonly string[];
}

let pipes = 0;

/** The two ends of a pipe. Node has no call for it: a named one is opened, and its name is taken away. */
function pipe(): { from: number; to: number } {
  const path = join(tmpdir(), `whyoom-pipe-${process.pid}-${pipes++}`);
  execFileSync('mkfifo', [path]);
  const both = openSync(path, 'r+');
  const [from, to] = [openSync(path, 'r'), openSync(path, 'w')];
  closeSync(both);
  unlinkSync(path);
  return { from, to };
}

/** Starts the reader as in a pod, between two pipes, and takes its greeting. It ends with the test. */
export function startReader(
  python: string,
  { leastHeadroomBytes = 0, idleSeconds = 900, under = [] }: ReaderStart = {},
  as: { uid?: number; gid?: number } = {},
): ReaderProcess {
  const [asked, answered] = [pipe(), pipe()];
  const reader = readerProgram({ leastHeadroomBytes, idleSeconds });
  const [program, ...args] = [...under, python, ...reader.args];
  const child = spawn(program!, args, {
    ...as,
    stdio: [asked.from, answered.to, 'inherit'],
  });
  for (const descriptor of [asked.from, answered.to]) closeSync(descriptor);
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code!));
  });
  let open = true;
  const hangUp = () => {
    if (open) closeSync(asked.to);
    open = false;
  };
  onTestFinished(async () => {
    child.kill('SIGKILL');
    hangUp();
    closeSync(answered.from);
    await ended;
  });
  const link = descriptorLink(answered.from, asked.to);
  link.write(reader.input);
  const calls = new ReaderCalls(link);
  return { child, pid: child.pid!, hello: decodeHello(calls.next()), link, calls, ended, hangUp };
}

const HEAP = join(import.meta.dirname, 'programs/heap.py');

export interface HeapProgram extends Program {
  /** Addresses of objects, and of the pages that it counts on. */
  readonly objects: readonly number[];
  readonly marks: number;
  /** What it said last: how often it came round, and how many signals its handler has seen. */
  latest(): { ticks: number; heard: number };
}

/** Starts the program with a heap and waits until it stands. It ends with the test. */
export async function startHeap(
  python: string,
  mode: 'idle' | 'busy' | 'counting',
  count = 20_000,
  as: { uid?: number; gid?: number } = {},
): Promise<HeapProgram> {
  const program = startProgram(python, [HEAP, mode, String(count)], as);
  onTestFinished(async () => {
    program.child.kill('SIGKILL');
    await program.ended;
  });
  const first = await until(`a heap in ${python}`, () => {
    if (program.errors() !== '') throw new Error(program.errors());
    return program.lines()[0];
  });
  const { objects, marks } = JSON.parse(first);
  return {
    ...program,
    objects,
    marks,
    latest: () => ({ ticks: 0, heard: 0, ...JSON.parse(program.lines().at(-1)!) }),
  };
}

/** R running, S asleep, T stopped, t held by a tracer. */
export const stateOf = (pid: number): string =>
  /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '?';

/** Resolves when a program comes round again: it runs. */
export async function runsOn(program: HeapProgram): Promise<void> {
  const { ticks } = program.latest();
  await until(`${program.pid} runs on (state ${stateOf(program.pid)})`, () => program.latest().ticks > ticks + 1);
}
/** Bytes that a process has for itself alone, exact. */
export function privateBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...rollup.matchAll(/^Private_\w+: +(\d+) kB$/gm)].reduce((sum, [, kB]) => sum + Number(kB) * 1024, 0);
}
