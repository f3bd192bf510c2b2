import type { Processes } from '../../src/core/artifacts.ts';
import type { CountReading, HeapSession, MemorySample, ProcessPort } from '../../src/core/ports.ts';
import { ProblemError } from '../../src/core/problem.ts';
import type { ProcessContext } from '../../src/core/step.ts';
import { createWatch } from '../../src/core/watch.ts';
import { heap, memoryLimit, processes } from '../core/example.ts';

const START = 1_795_000_100;

/** What a process does by time (seconds since the start), for steps that would take long on a real one. */
export interface Played {
  /** Memory that counts; undefined: the process has gone. */
  bytesAt?(seconds: number): number | undefined;
  /** How many containers grow; undefined: the process has gone. */
  growingAt?(seconds: number): number | undefined;
  /** What the growing containers gained; left out: 1 MB a second. */
  gainedBytesAt?(seconds: number): number;
  first?: HeapSession['first'];
  growth?: HeapSession['growth'];
  startedSecondsAgo?: number;
  /** The processes, where they are asked for again. */
  treeAt?(seconds: number): Processes;
}

/** A port whose clock runs as fast as steps sleep, and what they did with it. */
export function play(played: Played) {
  let now = START;
  const did: string[] = [];
  const seconds = () => now - START;
  const session: HeapSession = {
    first: played.first ?? (async () => heap),
    counts: async () =>
      reading(now, played.growingAt?.(seconds()), (played.gainedBytesAt ?? ((at) => 1e6 * at))(seconds())),
    grownByCounts: async () => {
      did.push('grown by counts');
      return { seconds: seconds(), objectBytesGrown: 0, types: [], holders: [], watched: 1 };
    },
    growth: async () => {
      did.push('growth');
      if (played.growth) return await played.growth();
      return { seconds: seconds(), objectBytesGrown: 0, types: [], holders: [], watched: 1 };
    },
    stacks: async () => {
      throw new Error('no stacks were recorded');
    },
    close: async () => void did.push('close'),
  };
  const port: ProcessPort = {
    tree: async () => {
      if (!played.treeAt) return processes;
      return played.treeAt(seconds());
    },
    memoryLimit: async () => memoryLimit,
    sample: async () => sampleOf(now, played.bytesAt ? played.bytesAt(seconds()) : 1e7 + 1e6 * seconds()),
    openHeap: async () => {
      did.push(`open at ${seconds().toFixed(1)} s`);
      return session;
    },
    readFile: async () => new Uint8Array(),
    sleep: async (ms) => {
      now += ms / 1000;
      // Let everything else have its turn, as a real sleep does.
      await new Promise((resolve) => setImmediate(resolve));
    },
    nowUnixSeconds: () => now,
  };
  const interrupt = new AbortController();
  const watch = createWatch(60_000, interrupt.signal);
  const context: ProcessContext = {
    pid: 41,
    processes: port,
    heap: { session },
    options: { watchMs: 60_000, maxPauseMs: 1000 },
    watch,
    interrupted: interrupt.signal,
    note: () => {},
  };
  const started = now - (played.startedSecondsAgo ?? 100);
  const tree = [{ ...processes.tree[0]!, startedAtUnixSeconds: started }];
  return { context, did, seconds, interrupt, processes: { ...processes, tree } };
}

function reading(atUnixSeconds: number, growing: number | undefined, bytesGained: number): CountReading {
  const alive = growing !== undefined;
  return { atUnixSeconds, watched: 10, growing: growing ?? 0, itemsGained: 0, bytesGained, alive };
}

function sampleOf(atUnixSeconds: number, bytes: number | undefined): MemorySample {
  if (bytes === undefined) throw new ProblemError('absent', 'it has gone');
  return { atUnixSeconds, bytes, rssBytes: bytes, cpuSeconds: 0 };
}
