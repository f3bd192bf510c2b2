import type { Interpreter } from './cpython/interpreter.ts';
import type { Walked } from './cpython/walked.ts';
import { dominate } from './graph/dominators.ts';
import { turnRound } from './graph/heap-graph.ts';
import { type HeapView, viewHeap } from './holders/heap-view.ts';
import type { KernelNumbers, LiveTarget, ThreadState } from './live-target.ts';
import type { MemoryMap } from './memory/reader.ts';
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

/** Of the helper for each object, beside the copy, at its highest: 42 B measured with 11 million, more where few are leaves. */
const GRAPH_BYTES_AN_OBJECT = 100;
const MEMORY_SHARE = 0.8;
/** Looks tried when the collector is caught in the middle of a run, and the wait before the second one; then it doubles. */
export const TRIES = 5;
const WAIT_MS = 10;

export const mostObjects = (target: LiveTarget): number =>
  (target.availableBytes() * MEMORY_SHARE) / GRAPH_BYTES_AN_OBJECT;

/** What is asked of a heap that was walked. */
export function viewOf(snapshot: Snapshot, interpreter: Interpreter, walked: Walked, timed: Timed): HeapView {
  const referrers = timed('referrers', () => turnRound(walked.graph));
  const dominators = timed('dominators', () => dominate(walked.graph, referrers));
  return viewHeap(snapshot, interpreter, walked, referrers, dominators);
}

export type Timed = <T>(phase: string, work: () => T) => T;

export function phasesOf(target: LiveTarget): Timed {
  return (phase, work) => {
    const startMs = target.nowMs();
    const value = work();
    target.onPhase?.(phase, target.nowMs() - startMs);
    return value;
  };
}

/** Until the collector may have ended its run; the target runs on in the meantime. */
export function standBy(attempt: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS * 2 ** (attempt - 1));
}

export function whyPartial(collecting: boolean, missedBytes: number, maxPauseMs: number): string | undefined {
  if (collecting) return "Python's garbage collector was in the middle of a run each time";
  if (missedBytes < 1 << 20) return undefined;
  const mebibytes = Math.round(missedBytes / 2 ** 20);
  return `${mebibytes} MiB were not copied (swapped out, unreadable, or more than fits a pause of ${maxPauseMs} ms)`;
}
