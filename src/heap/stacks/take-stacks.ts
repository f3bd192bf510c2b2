import { findInterpreter } from '../cpython/interpreter.ts';
import { layouts } from '../cpython/layouts/index.ts';
import { locatePython } from '../cpython/locate.ts';
import { HeapError } from '../heap-error.ts';
import type { LiveTarget, Stopper, ThreadState } from '../live-target.ts';
import type { MemoryReader } from '../memory/reader.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import type { Stacks } from './answer.ts';
import { farPages, nearPages, readInto } from './page-source.ts';
import { PagesOnDemand } from './pages-on-demand.ts';
import { knownModules, readStacks } from './read-stacks.ts';

/** Part of `--max-pause` after which nothing more is read: the dead-man timer goes off at the whole of it. */
const READ_SHARE = 0.8;
/** Addresses, not memory: pages are taken as they come. */
const CAPACITY_BYTES = 2 ** 30;
const ROOM_SHARE = 0.5;
/** Over a link: what the reader keeps of changed pages counts against the target's limit. */
const STOP_BUFFER_BYTES = 4 << 20;
/** Frozen objects are not counted: to follow their list is to read all of them. */
const MOST_FROZEN = 0;
/** Stops that a process which runs on may take until none of the pages that tell its stacks is new. */
const TRIES = 4;

/** The process as it stood: its pages are in the snapshot. */
interface Stood {
  readonly atUnixSeconds: number;
  readonly pauseMs: number;
  readonly states: readonly ThreadState[] | undefined;
  /** Whether there was time for all that had been read before. */
  readonly isWhole: boolean;
}

/**
 * The stacks and nothing else. They are read from the running process first, which tells the pages that they take; then the
 * process is stopped, those pages are read again, and it runs on. Where the stacks of that moment lead to another page,
 * once more; all stops together keep within `--max-pause`. Throws HeapError.
 */
export function takeStacks(target: LiveTarget, stop: Stopper, maxPauseMs: number): Stacks {
  const reader = target.reader();
  const { runtime } = locatePython(reader, (map) => target.readImage(map));
  const source = target.remote ? farPages(target.remote) : nearPages(reader);
  const capacityBytes = Math.min(CAPACITY_BYTES, target.availableBytes() * ROOM_SHARE);
  const readFile = target.readFile.bind(target);
  const snapshot = new PagesOnDemand(capacityBytes, source, readFile, reader);
  rehearse(snapshot, runtime);
  let pausedMs = 0;
  for (let attempt = 1; ; attempt += 1) {
    const leftMs = maxPauseMs - pausedMs;
    const stood = target.remote
      ? standFar(target, snapshot, leftMs)
      : standNear(target, reader, snapshot, stop, leftMs);
    snapshot.late = 0;
    pausedMs += stood.pauseMs;
    const found = read(snapshot, runtime, stood.states);
    const isTorn = snapshot.late > 0 || !stood.isWhole;
    if (isTorn && attempt < TRIES && pausedMs + 2 * stood.pauseMs < maxPauseMs) continue;
    if (found.threads.count === 0) throw new HeapError('absent', 'The process has no thread that Python knows.');
    const { atUnixSeconds } = stood;
    const { copiedBytes } = snapshot;
    return { atUnixSeconds, ...found, ...whyPartial(snapshot, stood), pauseMs: pausedMs, copiedBytes };
  }
}

function standNear(
  target: LiveTarget,
  reader: MemoryReader,
  { runs }: PagesOnDemand,
  stop: Stopper,
  leftMs: number,
): Stood {
  const before = target.threads?.();
  const { value, pauseMs } = stop((spentMs) => {
    const mustEndMs = target.nowMs() + leftMs * READ_SHARE - spentMs;
    const atUnixSeconds = target.nowUnixSeconds();
    const states = before && (target.threadsStopped?.(before) ?? before);
    for (const { address, into } of runs) {
      if (target.nowMs() > mustEndMs) return { atUnixSeconds, states, isWhole: false };
      readInto(reader, address, into);
    }
    return { atUnixSeconds, states, isWhole: true };
  });
  return { ...value, pauseMs };
}

/** Over a link the reader at its other end stops the process and sends what has changed. */
function standFar(target: LiveTarget, snapshot: PagesOnDemand, leftMs: number): Stood {
  const states = target.threads?.();
  const limits = { maxPauseMs: leftMs, bufferBytes: STOP_BUFFER_BYTES };
  const stopped = target.remote!.stopped(limits, (address, bytes) => snapshot.renew(address, bytes));
  const { atUnixSeconds, pauseMs, missedPages } = stopped;
  return { atUnixSeconds, pauseMs, states, isWhole: missedPages === 0 };
}

function read(snapshot: Snapshot, runtime: number, states: readonly ThreadState[] | undefined) {
  const interpreter = findInterpreter(snapshot, runtime, layouts);
  const modules = knownModules(snapshot, interpreter);
  return { python: interpreter.version, ...readStacks(snapshot, interpreter, modules, states, MOST_FROZEN) };
}

/** While the process runs nothing holds together: what goes wrong then is no matter. */
function rehearse(snapshot: Snapshot, runtime: number): void {
  try {
    read(snapshot, runtime, undefined);
  } catch (thrown) {
    if (!(thrown instanceof HeapError)) throw thrown;
  }
}

function whyPartial({ missed, late }: PagesOnDemand, { isWhole }: Stood): Pick<Stacks, 'partial'> {
  if (missed > 0) return { partial: `${missed} pages could not be read for want of memory here` };
  if (!isWhole)
    return { partial: 'there was no time, or no room, to read all that they take while the process stood still' };
  if (late === 0) return {};
  return {
    partial: `its stacks changed faster than they could be read: ${late} pages are of another moment than the rest`,
  };
}
