import { createRequire } from 'node:module';
import { ProblemError } from '../../../core/problem.ts';

/** What the tracer asks of the C library. Every call is made on the thread that calls, at once. */
export interface Libc {
  /** Returns 0, or the errno. */
  ptrace(request: number, tid: number, data: number): number;
  /** What a traced thread does now. The answer stays with the kernel: asking twice gives the same. */
  peek(tid: number): ThreadState;
  /** Takes an exited thread off the kernel's books. Only for one that has exited: it would take a stop's notice too. */
  reap(tid: number): void;
  /**
   * Copies memory of a process, in one step where /proc/PID/mem takes two. Returns how many bytes came: fewer where a page
   * is missing, 0 where it is not allowed. `into` must not be larger than 2 GiB (process_vm_readv(2)).
   */
  copyMemory(pid: number, address: number, into: Uint8Array): number;
  /** Kills this process after so many milliseconds (SIGALRM, default action); 0 calls it off. */
  setAlarm(ms: number): void;
  /** Has this process killed by SIGKILL when its parent ends. */
  dieWithParent(): void;
  napMicros(micros: number): void;
}

/** `stopped`: `event` is 0 when a signal is about to be delivered, else the PTRACE_EVENT number. */
export type ThreadState = { is: 'running' | 'exited' | 'gone' } | { is: 'stopped'; signal: number; event: number };

// Numbers of Linux on every architecture in LITTLE_64 (asm-generic; include/uapi/linux/{wait,prctl}.h).
const P_PID = 1;
const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const ALL_CLONES = 0x4000_0000; // __WALL
const CLD_TRAPPED = 4;
const CLD_STOPPED = 5;
const SIGALRM = 14;
const SIGKILL = 9;
const SIG_UNBLOCK = 1;
const PR_SET_PDEATHSIG = 1;
const LITTLE_64 = ['x64', 'arm64', 'riscv64', 'loong64'];

let loaded: Libc | undefined;

/**
 * Loads the foreign-function package, which is optional, on first use.
 * Throws a ProblemError `unsupported` where it is missing or this is not 64-bit Linux.
 */
export function loadLibc(): Libc {
  loaded ??= bind(loadKoffi());
  return loaded;
}

type Koffi = typeof import('koffi');

function loadKoffi(): Koffi {
  if (process.platform !== 'linux' || !LITTLE_64.includes(process.arch)) {
    throw new ProblemError(
      'unsupported',
      `A process can only be stopped and read on 64-bit Linux, not on ${process.platform} ${process.arch}.`,
      'Run whyoom on the machine, or in the container, where the process runs.',
    );
  }
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (thrown) {
    throw new ProblemError(
      'unsupported',
      `The optional package koffi is not installed or does not load: ${firstLine(thrown)}`,
      'npm install --include=optional whyoom (it has no binary for some systems; then the heap cannot be read).',
    );
  }
}

const firstLine = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0];

function bind(koffi: Koffi): Libc {
  // The symbols that Node itself is linked to: glibc or musl, whichever is here.
  const library = koffi.load(null);
  const ptrace = library.func('long ptrace(long, long, long, long)');
  const waitid = library.func('int waitid(int, int, void *, int)');
  const setitimer = library.func('int setitimer(int, void *, void *)');
  const signal = library.func('void *signal(int, void *)');
  const sigprocmask = library.func('int pthread_sigmask(int, void *, void *)');
  const prctl = library.func('int prctl(int, long, long, long, long)');
  const usleep = library.func('int usleep(unsigned int)');
  const readv = library.func('long process_vm_readv(int, void *, unsigned long, void *, unsigned long, unsigned long)');

  const here = new BigUint64Array(2); // struct iovec: address, length
  const there = new BigUint64Array(2);
  const info = new Int32Array(32); // siginfo_t, 128 bytes
  const wait = (tid: number, flags: number): number => {
    info.fill(0);
    return waitid(P_PID, tid, info, flags | WNOHANG | ALL_CLONES) === 0 ? 0 : koffi.errno();
  };
  return {
    ptrace: (request, tid, data) => (ptrace(request, tid, 0, data) === -1 ? koffi.errno() : 0),
    // WNOWAIT: a wait that consumes a stop also consumes the signal in it, which would be lost if this process
    // died before it passed the signal on (wait_task_stopped in kernel/exit.c clears exit_code).
    peek: (tid) => (wait(tid, WEXITED | WSTOPPED | WNOWAIT) === 0 ? stateOf(info) : { is: 'gone' }),
    reap: (tid) => void wait(tid, WEXITED),
    copyMemory: (pid, address, into) => {
      here.set([koffi.address(into), BigInt(into.length)]);
      there.set([BigInt(address), BigInt(into.length)]);
      return Math.max(0, readv(pid, here, 1, there, 1, 0));
    },
    setAlarm: (ms) => {
      if (ms > 0) {
        signal(SIGALRM, null);
        sigprocmask(
          SIG_UNBLOCK,
          new BigUint64Array([1n << BigInt(SIGALRM - 1), ...new Array<bigint>(15).fill(0n)]),
          null,
        );
      }
      const micros = Math.ceil(ms * 1000);
      setitimer(0, new BigInt64Array([0n, 0n, BigInt(Math.floor(micros / 1e6)), BigInt(micros % 1e6)]), null);
    },
    dieWithParent: () => void prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0),
    napMicros: (micros) => void usleep(micros),
  };
}

/** siginfo_t of SIGCHLD on 64-bit: si_code at 8, si_pid at 16, si_status at 24. */
function stateOf(info: Int32Array): ThreadState {
  if (info[4] === 0) return { is: 'running' };
  const code = info[2]!;
  if (code !== CLD_TRAPPED && code !== CLD_STOPPED) return { is: 'exited' };
  const status = info[6]!;
  return { is: 'stopped', signal: status & 0x7f, event: status >> 8 };
}
