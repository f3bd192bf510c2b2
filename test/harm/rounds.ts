import { existsSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { problemOf } from '../../src/core/problem.ts';
import type { HeapLook } from '../../src/heap/answer.ts';
import { openHeap } from '../../src/sources/process/heap-session.ts';
import { type Program, startProgram, until } from '../start-program.ts';
import { type CheckedProgram, isStanding, PATIENCE_MS, tracerOf } from './checked-program.ts';

const WORKER = new URL('../../src/heap-worker.ts', import.meta.url);
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const MAX_PAUSE_MS = 5000;

/** What came of a look: `given-up` where the machine was too busy for the longest pause. */
export type Looked =
  | { is: 'whole' | 'partial'; pauseMs: number; stops: number }
  | { is: 'given-up'; why: string; stops: number };

/** One helper that looks one to six times, as `--for` does and again, with signals from outside in between; then the program goes on. */
export async function look(program: CheckedProgram, random: () => number): Promise<Looked> {
  const session = await openHeap(WORKER, program.pid, { maxPauseMs: MAX_PAUSE_MS });
  const looks: HeapLook[] = [];
  try {
    for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) {
      const [first] = await Promise.all([session.first(), disturb(program, random)]);
      looks.push(first);
      if (random() < 0.5) continue;
      const { second, secondMissing } = await session.growth();
      if (second === undefined) return { is: 'given-up', why: `${secondMissing}`, stops: looks.length };
      looks.push(second);
    }
    return judged(program, looks);
  } catch (thrown) {
    const { code, message } = problemOf(thrown);
    if (code !== 'timeout') throw thrown;
    return { is: 'given-up', why: message, stops: looks.length };
  } finally {
    await session.close();
    await program.goesOn();
  }
}

async function disturb(program: CheckedProgram, random: () => number): Promise<void> {
  for (let signal = 0; signal < 5; signal += 1) {
    await setTimeout(random() * 60);
    program.sendOutside();
  }
}

/** A look is right, or says that it is not whole. Throws where it is neither. */
function judged(program: CheckedProgram, looks: HeapLook[]): Looked {
  const pauseMs = Math.max(...looks.map((one) => one.pauseMs));
  if (looks.some((one) => one.partial !== undefined)) return { is: 'partial', pauseMs, stops: looks.length };
  for (const { types } of looks) {
    const dicts = types.find(({ type }) => type === 'dict' || type === 'builtins.dict')?.count ?? 0;
    if (dicts < program.ballast) throw new Error(`${dicts} dictionaries seen, ${program.ballast} are there`);
  }
  return { is: 'whole', pauseMs, stops: looks.length };
}

export type Victim = 'helper' | 'whyoom';

/** `standing`: the target stood when the kill came. `missed`: the stop was over, or never came. */
export type Killed = 'standing' | 'attached' | 'missed';

/** Kills whyoom, or its helper, at a random moment of the stop; then the program goes on. `pauseMs` is a usual stop. */
export async function kill(
  program: CheckedProgram,
  victim: Victim,
  pauseMs: number,
  random: () => number,
): Promise<Killed> {
  const killed = await (victim === 'helper' ? killHelper : killWhyoom)(program, random() * (pauseMs * 1.2 + 0.3));
  await program.goesOn();
  return killed;
}

async function killHelper(program: CheckedProgram, afterMs: number): Promise<Killed> {
  const session = await openHeap(WORKER, program.pid, { maxPauseMs: MAX_PAUSE_MS });
  const ended = session.first().then(
    () => 'answered',
    () => 'ended',
  );
  // The request goes out first.
  await setTimeout(0);
  const [helper] = helpersOf(process.pid);
  if (helper === undefined) throw new Error('the helper has gone before it was asked for anything');
  const killed = strikeInTheStop(program.pid, helper, afterMs, () => process.kill(helper, 'SIGKILL'));
  await (killed === 'missed' ? session.close() : ended);
  await session.close();
  return killed;
}

async function killWhyoom(program: CheckedProgram, afterMs: number): Promise<Killed> {
  const { whyoom, helper } = await startWhyoom(program.pid);
  const killed = strikeInTheStop(program.pid, helper, afterMs, () => whyoom.child.kill('SIGKILL'));
  whyoom.child.kill('SIGKILL');
  await whyoom.ended;
  await until('the end of the helper', () => hasGone(helper), PATIENCE_MS);
  return killed;
}

/** The command line at work on a process, and its helper, which has not stopped anything yet. */
export async function startWhyoom(
  pid: number,
  maxPauseMs = MAX_PAUSE_MS,
): Promise<{ whyoom: Program; helper: number }> {
  const args = [CLI, '--pid', String(pid), '--for', '2s', '--max-pause', `${maxPauseMs}ms`];
  const whyoom = startProgram(process.execPath, args);
  const helper = await until('the helper', () => helpersOf(whyoom.pid)[0], PATIENCE_MS);
  return { whyoom, helper };
}

/** The helper processes of whyoom. */
function helpersOf(whyoom: number): number[] {
  const children = readFileSync(`/proc/${whyoom}/task/${whyoom}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.map(Number).filter((pid) => commandLine(pid).includes('/heap-worker.ts\0'));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Gone, or waiting for a first process that does not hurry to take its exit status. */
const hasGone = (pid: number) =>
  !existsSync(`/proc/${pid}`) || /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** The helper holds the target long before. */
const MOST_WAITED_MS = 15_000;

/**
 * Waits without a break, as a stop may last a millisecond only, until the helper has taken hold of the target, and so
 * long after it calls `strike`. With the highest priority that it may have: so has the helper then.
 */
export function strikeInTheStop(target: number, helper: number, afterMs: number, strike: () => void): Killed {
  const usual = getPriority();
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Then some stops are missed on a busy machine.
  }
  try {
    return strikeOnceHeld(target, helper, afterMs, strike);
  } finally {
    setPriority(usual);
  }
}

function strikeOnceHeld(target: number, helper: number, afterMs: number, strike: () => void): Killed {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  const untilMs = performance.now() + MOST_WAITED_MS;
  while (tracerOf(target) !== helper) {
    if (hasGone(helper) || performance.now() > untilMs) return 'missed';
    Atomics.wait(nap, 0, 0, 0.2);
  }
  const atMs = performance.now() + afterMs;
  while (performance.now() < atMs) if (tracerOf(target) !== helper) return 'missed';
  const standing = isStanding(target);
  const attached = tracerOf(target) === helper;
  strike();
  if (!attached) return 'missed';
  return standing ? 'standing' : 'attached';
}
