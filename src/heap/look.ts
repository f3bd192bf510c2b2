import { findInterpreter } from './cpython/interpreter.ts';
import { layouts } from './cpython/layouts/index.ts';
import { locatePython } from './cpython/locate.ts';
import { walkHeap } from './cpython/walk.ts';
import { dominate } from './graph/dominators.ts';
import { turnRound } from './graph/heap-graph.ts';
import { HeapError } from './heap-error.ts';
import { type HeapView, viewHeap } from './holders/heap-view.ts';
import type { KernelNumbers, LiveTarget, Stopper, ThreadState } from './live-target.ts';
import { copyInto, fillUntouched, planCopy, prepareSnapshot } from './memory/copy.ts';
import type { MemoryMap, MemoryReader } from './memory/reader.ts';
import type { Snapshot } from './memory/snapshot.ts';

/** One look at the heap, while its snapshot is at hand. */
export interface Look {
  readonly atUnixSeconds: number;
  readonly pauseMs: number;
  readonly copiedBytes: number;
  readonly missedBytes: number;
  readonly partial: string | undefined;
  readonly view: HeapView;
  /** Mappings of the moment of the copy, and what the kernel said of the process right after it. */
  readonly maps: readonly MemoryMap[];
  readonly kernel: KernelNumbers | undefined;
  /** Its threads right before it was stopped. */
  readonly threads?: readonly ThreadState[] | undefined;
}

/** Part of `--max-pause` after which the copy stops by itself, well before the dead-man timer that is set to it goes off. */
const COPY_SHARE = 0.8;
/** Of the helper for each object, beside the copy, at its highest: 42 B measured with 11 million, more where few are leaves. */
const GRAPH_BYTES_AN_OBJECT = 100;
const MEMORY_SHARE = 0.8;
/** Looks tried when the collector is caught in the middle of a run, and the wait before the second one; then it doubles. */
const TRIES = 5;
const WAIT_MS = 10;

/** Stops the target, copies its memory, lets it run, and reads the copy. Throws HeapError. */
export function takeLook(target: LiveTarget, stop: Stopper, maxPauseMs: number): Look {
  const timed = phasesOf(target);
  const reader = target.reader();
  const image = timed('locate', () => locatePython(reader, (map) => target.readImage(map)));
  let pausedMs = 0;
  for (let attempt = 1; ; attempt += 1) {
    const copy = copyStopped(target, stop, maxPauseMs, timed);
    pausedMs += copy.pauseMs;
    const interpreter = findInterpreter(copy.snapshot, image.runtime, layouts);
    // All tries of a look share one `--max-pause`.
    if (interpreter.collecting && attempt < TRIES && pausedMs + 2 * copy.pauseMs < maxPauseMs) {
      copy.snapshot.release();
      standBy(WAIT_MS * 2 ** (attempt - 1));
      continue;
    }
    const mostObjects = (target.availableBytes() * MEMORY_SHARE) / GRAPH_BYTES_AN_OBJECT;
    const walked = timed('walk', () => walkHeap(copy.snapshot, interpreter, copy.reader.maps, mostObjects));
    const referrers = timed('referrers', () => turnRound(walked.graph));
    const dominators = timed('dominators', () => dominate(walked.graph, referrers));
    const view = viewHeap(copy.snapshot, interpreter, walked, referrers, dominators);
    return {
      atUnixSeconds: copy.atUnixSeconds,
      pauseMs: pausedMs,
      copiedBytes: copy.snapshot.copiedBytes,
      missedBytes: copy.missedBytes,
      partial: whyPartial(interpreter.collecting, copy.missedBytes, maxPauseMs),
      view,
      maps: copy.reader.maps,
      kernel: copy.kernel,
      threads: copy.threads,
    };
  }
}

type Timed = <T>(phase: string, work: () => T) => T;

function phasesOf(target: LiveTarget): Timed {
  return (phase, work) => {
    const startMs = target.nowMs();
    const value = work();
    target.onPhase?.(phase, target.nowMs() - startMs);
    return value;
  };
}

/** The target runs on in the meantime. */
function standBy(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

interface Copy {
  readonly snapshot: Snapshot;
  readonly reader: MemoryReader;
  readonly atUnixSeconds: number;
  readonly pauseMs: number;
  readonly missedBytes: number;
  readonly kernel: KernelNumbers | undefined;
  readonly threads: readonly ThreadState[] | undefined;
}

function copyStopped(target: LiveTarget, stop: Stopper, maxPauseMs: number, timed: Timed): Copy {
  const running = target.reader();
  const before = timed('plan', () => planCopy(running));
  const snapshot = timed('prepare', () => prepareSnapshot(before, running, target.availableBytes()));
  const threadsBefore = target.threads?.();
  let isLate = false;
  const stopped = stop((spentMs) => {
    const mustEndMs = target.nowMs() + maxPauseMs * COPY_SHARE - spentMs;
    const mustEnd = () => {
      isLate = target.nowMs() > mustEndMs;
      return isLate;
    };
    const atUnixSeconds = target.nowUnixSeconds();
    const threads = threadsBefore && (target.threadsStopped?.(threadsBefore) ?? threadsBefore);
    const reader = target.reader();
    const plan = planCopy(reader, before);
    const copied = timed('copy', () => copyInto(snapshot, plan, reader, mustEnd));
    return { reader, copied, threads, atUnixSeconds, missedBytes: copied.missedBytes + plan.swappedBytes };
  });
  const { copied, reader } = stopped.value;
  fillUntouched(copied, reader, (map, offset, into) => target.readFile(map, offset, into));
  const kernel = target.kernelMemory?.();
  if (snapshot.copiedBytes === 0) throw isLate ? tooLate(maxPauseMs) : hasEnded();
  return { snapshot, pauseMs: stopped.pauseMs, kernel, ...stopped.value };
}

const hasEnded = () => new HeapError('absent', 'The process ended while it was being copied.');

const tooLate = (maxPauseMs: number) =>
  new HeapError(
    'timeout',
    `Stopping the process took so much of --max-pause (${maxPauseMs / 1000} s) that no time was left to copy it; it was let go.`,
    'Allow a longer pause, for example --max-pause 5s, or look when the machine is less busy.',
  );

function whyPartial(collecting: boolean, missedBytes: number, maxPauseMs: number): string | undefined {
  if (collecting) return "Python's garbage collector was in the middle of a run each time";
  if (missedBytes < 1 << 20) return undefined;
  const mebibytes = Math.round(missedBytes / 2 ** 20);
  return `${mebibytes} MiB were not copied (swapped out, unreadable, or more than fits a pause of ${maxPauseMs} ms)`;
}
