import type { Environment } from './environment.ts';
import { forgetPeak, peakBytes, residentBytes } from './memory-of.ts';
import { attachMemray, dumpWithPyheap } from './peers-outside.ts';
import type { PythonProgram } from './python-program.ts';
import { ended, kill, started } from './started.ts';

/** What people use instead. `memray` does not read a heap: it records what is allocated from the attach on. */
export const PEERS = ['guppy3', 'pympler', 'memray', 'pyheap'] as const;
export type PeerName = (typeof PEERS)[number];

export type PeerResult = { readonly peer: PeerName } & (PeerFigures | { readonly failed: string });

export interface PeerFigures {
  readonly seconds: number;
  /** The longest that another thread of the target was kept from running. */
  readonly stalledSeconds: number;
  /** What the target took more at its highest, and afterwards. */
  readonly peakTakenBytes: number;
  readonly keptBytes: number;
  readonly objects?: number | undefined;
  readonly note?: string | undefined;
}

/** What a tool tells of its work on the process `pid`. */
export interface Work {
  readonly seconds: number;
  readonly objects?: number | undefined;
  readonly note?: string | undefined;
}

/**
 * Has one tool look at a forked copy of the program, so that what it leaves there is not the next one's. A tool that
 * fails, or takes longer than it may, gives the reason.
 */
export async function measurePeer(
  peer: PeerName,
  program: PythonProgram,
  environment: Environment,
  longestMs: number,
): Promise<PeerResult> {
  const pid = await program.fork();
  started(pid);
  const alarm = new Alarm(pid, longestMs);
  try {
    return { peer, ...(await measureIn(peer, pid, program, environment, longestMs)) };
  } catch (thrown) {
    const why = oneLine(thrown);
    return { peer, failed: alarm.rang ? `no answer within ${longestMs / 1000} s (${why})` : why };
  } finally {
    alarm.off();
    await endFork(program, pid);
  }
}

async function measureIn(
  peer: PeerName,
  pid: number,
  program: PythonProgram,
  environment: Environment,
  longestMs: number,
): Promise<PeerFigures> {
  await program.ask('tick');
  forgetPeak(pid);
  const before = residentBytes(pid);
  const work = await runPeer(peer, pid, program, environment, longestMs);
  const { seconds: stalledSeconds = Number.NaN } = await program.ask('stalled');
  return {
    ...work,
    stalledSeconds,
    peakTakenBytes: peakBytes(pid) - before,
    keptBytes: residentBytes(pid) - before,
  };
}

async function runPeer(
  peer: PeerName,
  pid: number,
  program: PythonProgram,
  environment: Environment,
  longestMs: number,
): Promise<Work> {
  if (peer === 'memray') return attachMemray(pid, environment, longestMs);
  if (peer === 'pyheap') return dumpWithPyheap(pid, environment, longestMs);
  const answer = await program.ask(peer);
  // The copy was killed: its parent says so.
  if (answer.seconds === undefined) throw new Error('it was ended');
  return { seconds: answer.seconds, objects: answer.objects };
}

/** Kills a process when its time is up. */
class Alarm {
  rang = false;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number, ms: number) {
    this.#timer = setTimeout(() => {
      this.rang = true;
      kill(pid);
    }, ms);
  }

  off(): void {
    clearTimeout(this.#timer);
  }
}

/** Ends the forked copy; returns when its parent serves again. */
async function endFork(program: PythonProgram, pid: number): Promise<void> {
  kill(pid);
  await program.resumed();
  ended(pid);
}

const oneLine = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\s+/g, ' ').slice(0, 300);
