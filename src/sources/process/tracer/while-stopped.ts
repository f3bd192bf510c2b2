import { constants, getPriority, setPriority } from 'node:os';
import { ProblemError } from '../../../core/problem.ts';
import { type Libc, loadLibc } from './libc.ts';
import { readStat, threadIds } from './proc-status.ts';
import { whileReaping } from './reaping.ts';
import { explainRefusal, gatherAccessFacts, refuseOwnFamily } from './refusal.ts';

/**
 * Stops every thread of another process with ptrace, and lets all go again. ptrace(2) is the source of the rules;
 * what it leaves open was read in kernel/ptrace.c and kernel/signal.c.
 *
 * - SEIZE and INTERRUPT send no signal: no parent and no shell sees a stop, and PID 1 of a namespace stops too.
 * - PTRACE_O_EXITKILL is not set: when this process dies, however it dies, the kernel lets the threads go.
 * - No option to follow children is set: what the target forks is never attached.
 * - The kernel remembers job control by itself: a thread of a stopped process goes back to its stop on DETACH.
 */
const PTRACE_CONT = 7;
const PTRACE_DETACH = 17;
const PTRACE_SEIZE = 0x4206;
const PTRACE_INTERRUPT = 0x4207;
const PTRACE_EVENT_STOP = 128;
const ESRCH = 3;
const EPERM = 1;
const EIO = 5;
/** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: an event stop with one of these is job control's, not ours. */
const JOB_CONTROL = [19, 20, 21, 22];
/** Part of the pause that may go into stopping the threads. The rest is for the body, before the alarm ends it all. */
const SHARE_FOR_STOPPING = 0.8;
/** Before a refusal is believed: in an exec, threads change their ids. */
const SEIZE_ATTEMPTS = 5;
/** How long to wait for a thread that hangs in the kernel, after all others run again. */
const STRAGGLER_MS = 1000;

export interface StopOptions {
  /** The longest time that the target may stand still. When it is over this process is killed by SIGALRM. */
  readonly maxPauseMs: number;
}

export interface Stopped<T> {
  readonly value: T;
  readonly pauseMs: number;
  readonly threads: number;
  /** It was stopped by job control before, and still is. */
  readonly wasStopped: boolean;
}

/** Threads that could not be let go because they hang in the kernel: see `releaseStragglers`. */
const stragglers = new Set<number>();

/**
 * Runs `body` while every thread of the process stands still, and tells it how many milliseconds ago the alarm was set
 * that ends the pause. Synchronous, as all calls for a tracee must come from one thread. To be called in a process that may die: that is how the time limit is kept.
 * Throws ProblemError: `absent`, `denied`, `refused`, `unsupported`, `timeout`; and whatever `body` throws.
 */
export function whileStopped<T>(pid: number, options: StopOptions, body: (spentMs: number) => T): Stopped<T> {
  const libc = loadLibc();
  refuseOwnFamily(pid);
  if (releaseStragglers() > 0) throw hangs(pid, [...stragglers]);
  const tracees = new Set<number>();
  let comeDown = () => {};
  try {
    // Before SEIZE, which waits while the target replaces its program: see `whileReaping`.
    const alarmMs = performance.now();
    libc.setAlarm(options.maxPauseMs);
    seizeNew(libc, pid, tracees);
    comeDown = hurry();
    const startMs = performance.now();
    for (const tid of tracees) libc.ptrace(PTRACE_INTERRUPT, tid, 0);
    settle(libc, pid, tracees, alarmMs + options.maxPauseMs * SHARE_FOR_STOPPING);
    const threads = tracees.size;
    const wasStopped = [...tracees].some((tid) => inJobControlStop(libc, tid));
    const value = body(performance.now() - alarmMs);
    release(libc, tracees);
    return { value, pauseMs: performance.now() - startMs, threads, wasStopped };
  } finally {
    release(libc, tracees);
    comeDown();
    releaseSlowly(libc, tracees);
    libc.setAlarm(0);
  }
}

/**
 * Gives this thread the highest priority that it may have, as the target waits for it: on a busy machine the pause is
 * several times shorter (measured at a load of 25 on two processors: 30 ms instead of 130). Returns what undoes it.
 */
function hurry(): () => void {
  const usual = getPriority();
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    return () => {}; // needs CAP_SYS_NICE, or RLIMIT_NICE (setpriority(2))
  }
  return () => setPriority(usual);
}

/** Attaches to the threads not yet attached; none stops by it. Returns how many there were. */
function seizeNew(libc: Libc, pid: number, tracees: Set<number>): number {
  for (let attempt = 1; ; attempt++) {
    const strange = threadIds(pid).filter((tid) => !tracees.has(tid));
    if (strange.length === 0 && tracees.size > 0) return 0;
    // The first one of all has nobody beside it whom an exec would wait for.
    const added =
      strange.length + tracees.size > 1
        ? whileReaping([...tracees, ...strange], () => seizeAll(libc, pid, strange, tracees))
        : seizeAll(libc, pid, strange, tracees);
    if (tracees.size > 0) return added;
    // In an exec, the main thread is dead for a moment, until another one takes its id.
    if (attempt === SEIZE_ATTEMPTS) throw explainRefusal(gatherAccessFacts(pid));
    libc.napMicros(100 * 2 ** attempt);
  }
}

function seizeAll(libc: Libc, pid: number, tids: number[], tracees: Set<number>): number {
  const seized = tids.filter((tid) => seize(libc, pid, tid));
  for (const tid of seized) tracees.add(tid);
  return seized.length;
}

/** False for a thread that has exited. Throws when the kernel refuses. */
function seize(libc: Libc, pid: number, tid: number): boolean {
  let errno = 0;
  for (let attempt = 0; attempt < SEIZE_ATTEMPTS; attempt++) {
    errno = libc.ptrace(PTRACE_SEIZE, tid, 0);
    // Traced by us already: by an exec, one of our threads has taken the id of the main thread.
    if (errno === 0 || libc.peek(tid).is !== 'gone') return true;
    if (errno !== EPERM) break;
    if (hasExited(pid, tid)) return false;
    // Or it had exited when we asked, and an exec has given its id to another thread since.
    libc.napMicros(100);
  }
  if (errno === ESRCH) return false;
  throw refusal(pid, errno);
}

/** A thread that has exited but not gone (a main thread that left the others behind) cannot be seized: EPERM. */
function hasExited(pid: number, tid: number): boolean {
  const state = readStat(`/proc/${pid}/task/${tid}`)?.state;
  return state === undefined || state === 'Z' || state === 'X';
}

function refusal(pid: number, errno: number): ProblemError {
  if (errno === EPERM) return explainRefusal(gatherAccessFacts(pid));
  return new ProblemError(
    'unsupported',
    `This kernel cannot stop a process in the way whyoom needs (PTRACE_SEIZE: errno ${errno}).`,
    errno === EIO
      ? 'Linux 3.4 or newer is needed.'
      : 'Sandboxes such as gVisor do not offer it; read from the host instead.',
  );
}

/** Returns when every thread stands, including those that were started in the meantime. */
function settle(libc: Libc, pid: number, tracees: Set<number>, untilMs: number): void {
  for (;;) {
    while (!allStand(libc, tracees)) {
      if (performance.now() > untilMs) throw hangs(pid, running(libc, tracees));
      libc.napMicros(20);
    }
    const known = new Set(tracees);
    const added = seizeNew(libc, pid, tracees);
    for (const tid of tracees) if (!known.has(tid)) libc.ptrace(PTRACE_INTERRUPT, tid, 0);
    // Asked again after the list was read: an exec in between gives the main thread's id to another thread, perhaps to
    // one that nobody has seized, and then one of ours is gone.
    const count = tracees.size;
    if (added === 0 && allStand(libc, tracees) && tracees.size === count) return;
  }
}

function allStand(libc: Libc, tracees: Set<number>): boolean {
  let all = true;
  for (const tid of tracees) all = stands(libc, tid, tracees) && all;
  return all;
}

function stands(libc: Libc, tid: number, tracees: Set<number>): boolean {
  const now = libc.peek(tid);
  if (now.is === 'running') return false;
  if (now.is === 'stopped') {
    if (now.event === PTRACE_EVENT_STOP) return true;
    // About to take a signal, which ended the INTERRUPT. Ask for the stop again, then let it take the signal: so
    // that the signal is not in our hands, to be lost with us, while the body runs.
    libc.ptrace(PTRACE_INTERRUPT, tid, 0);
    libc.ptrace(PTRACE_CONT, tid, now.event === 0 ? now.signal : 0);
    return false;
  }
  if (now.is === 'exited') libc.reap(tid);
  tracees.delete(tid);
  return true;
}

function inJobControlStop(libc: Libc, tid: number): boolean {
  const now = libc.peek(tid);
  return now.is === 'stopped' && JOB_CONTROL.includes(now.signal);
}

const running = (libc: Libc, tracees: Set<number>): number[] =>
  [...tracees].filter((tid) => libc.peek(tid).is === 'running');

function hangs(pid: number, tids: number[]): ProblemError {
  const states = tids.slice(0, 3).map((tid) => `${tid} (state ${readStat(`/proc/${pid}/task/${tid}`)?.state ?? '?'})`);
  return new ProblemError(
    'timeout',
    `Not every thread of process ${pid} could be stopped in time: ${states.join(', ')}. It was let go.`,
    'State D is a wait in the kernel, most often for a disk or network file system. Try again, or with a longer --max-pause.',
  );
}

/** Lets go of every thread that can be let go at once. */
function release(libc: Libc, tracees: Set<number>): void {
  for (const tid of tracees) if (letGo(libc, tid)) tracees.delete(tid);
}

function letGo(libc: Libc, tid: number): boolean {
  const now = libc.peek(tid);
  if (now.is === 'running') return false;
  if (now.is === 'stopped') return libc.ptrace(PTRACE_DETACH, tid, now.event === 0 ? now.signal : 0) === 0;
  if (now.is === 'exited') libc.reap(tid);
  return true;
}

/** Threads can be detached only while they stand: those that run, hang or are dying are waited for. */
function releaseSlowly(libc: Libc, tracees: Set<number>): void {
  if (tracees.size === 0) return;
  libc.setAlarm(STRAGGLER_MS * 2);
  for (const tid of tracees) libc.ptrace(PTRACE_INTERRUPT, tid, 0);
  const untilMs = performance.now() + STRAGGLER_MS;
  while (tracees.size > 0 && performance.now() < untilMs) {
    libc.napMicros(50);
    release(libc, tracees);
  }
  for (const tid of tracees) stragglers.add(tid);
}

/**
 * Lets go of threads that hung in the kernel when all others were let go. To be called every few milliseconds while
 * it returns more than 0; the end of this process lets them go too.
 */
export function releaseStragglers(): number {
  if (stragglers.size > 0) release(loadLibc(), stragglers);
  return stragglers.size;
}
