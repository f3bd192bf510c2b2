import { ProblemError } from '../../core/problem.ts';
import { numbersByName, type ProcFiles, THIS_MACHINE, textOf } from './proc-files.ts';

/** One line of /proc/PID/stat, as far as it is of use (proc_pid_stat(5)). */
export interface ProcessState {
  readonly pid: number;
  readonly comm: string;
  /** R running, S sleeping, T stopped, Z zombie, … */
  readonly state: string;
  readonly parentPid: number;
  readonly cpuSeconds: number;
  /** Seconds after the machine started. */
  readonly startedAfterBootSeconds: number;
}

/** Clock ticks a second in what the kernel shows to programs: 100 on every architecture that runs CPython (USER_HZ). */
const TICKS_A_SECOND = 100;

/** Reads a line of stat; the name in brackets may itself hold brackets, spaces and line ends. Undefined if it is none. */
export function parseStat(line: string): ProcessState | undefined {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = line.slice(close + 2).split(' ');
  // Fields are counted from 3 (state) in the manual page.
  const number = (field: number) => Number(fields[field - 3]);
  const state: ProcessState = {
    pid: Number(line.slice(0, open)),
    comm: line.slice(open + 1, close),
    state: fields[0] ?? '',
    parentPid: number(4),
    cpuSeconds: (number(14) + number(15)) / TICKS_A_SECOND,
    startedAfterBootSeconds: number(22) / TICKS_A_SECOND,
  };
  return Number.isFinite(state.pid + state.parentPid + state.cpuSeconds + state.startedAfterBootSeconds)
    ? state
    : undefined;
}

/** The state of a process, undefined if there is none. */
export function processState(pid: number, files: ProcFiles = THIS_MACHINE): ProcessState | undefined {
  const text = textOf(`/proc/${pid}/stat`, files);
  return text === undefined ? undefined : parseStat(text);
}

/**
 * The state of a process that runs. Throws a ProblemError: `absent` where there is none, or only its exit status;
 * `denied` where there is one that this machine hides.
 */
export function livingProcess(pid: number, files: ProcFiles = THIS_MACHINE): ProcessState {
  const state = Number.isSafeInteger(pid) && pid > 0 ? processState(pid, files) : undefined;
  if (state === undefined) {
    if (files.read(`/proc/${pid}/stat`).why === 'denied' || files.hides(pid)) throw hiddenProblem(pid);
    throw new ProblemError(
      'absent',
      `There is no process ${pid}.`,
      'List the Python processes that you can see with: pgrep -af python',
    );
  }
  if (state.state === 'Z' || state.state === 'X') {
    throw new ProblemError(
      'absent',
      `Process ${pid} has ended (zombie): its memory is gone, and its parent, process ${state.parentPid}, has not asked for its exit status.`,
      'List the Python processes that still run with: pgrep -af python',
    );
  }
  return state;
}

const hiddenProblem = (pid: number): ProblemError =>
  new ProblemError(
    'denied',
    `Process ${pid} is there, but you may not see it: /proc hides other users' processes (hidepid).`,
    `Use: sudo whyoom --pid ${pid}, or run it as that user.`,
  );

/** What /proc/PID/status says in numbers. */
export interface ProcessStatus {
  /** The process that a thread belongs to; the pid itself for a process. */
  readonly threadGroup: number;
  readonly userId: number;
  readonly threads: number;
  readonly rssBytes: number;
  readonly virtualBytes: number;
}

/** Undefined if the process has ended. A kernel thread has no memory. */
export function processStatus(pid: number, files: ProcFiles = THIS_MACHINE): ProcessStatus | undefined {
  const { text } = files.read(`/proc/${pid}/status`);
  if (text === undefined) return undefined;
  const numbers = numbersByName(text);
  return {
    threadGroup: numbers.get('Tgid') ?? pid,
    userId: Number(/^Uid:\t(\d+)/m.exec(text)?.[1] ?? -1),
    threads: numbers.get('Threads') ?? 1,
    rssBytes: numbers.get('VmRSS') ?? 0,
    virtualBytes: numbers.get('VmSize') ?? 0,
  };
}

/** The problem of a process that may not be looked into, with the reason that applies. */
export function deniedProblem(pid: number, files: ProcFiles = THIS_MACHINE): ProblemError {
  const owner = processStatus(pid, files)?.userId;
  const reader = /^Uid:\t\d+\t(\d+)/m.exec(textOf('/proc/self/status', files) ?? '')?.[1];
  const why =
    owner === undefined || String(owner) === reader
      ? 'it has made itself unreadable (not dumpable), has more capabilities than you, or a security module forbids it'
      : `it belongs to user ${owner}, and you are user ${reader}`;
  return new ProblemError(
    'denied',
    `Process ${pid} may not be read: ${why}.`,
    `Use: sudo whyoom --pid ${pid} (in a container: give it the capability SYS_PTRACE, CAP_SYS_PTRACE).`,
  );
}
