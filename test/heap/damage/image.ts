import type { HeapGrowth, HeapLook } from '../../../src/heap/answer.ts';
import { findInterpreter } from '../../../src/heap/cpython/interpreter.ts';
import { layouts } from '../../../src/heap/cpython/layouts/index.ts';
import { locatePython } from '../../../src/heap/cpython/locate.ts';
import { walkHeap } from '../../../src/heap/cpython/walk.ts';
import { dominate } from '../../../src/heap/graph/dominators.ts';
import { turnRound } from '../../../src/heap/graph/heap-graph.ts';
import { compareLooks, type EarlierLook, rememberLook } from '../../../src/heap/growth.ts';
import { viewHeap } from '../../../src/heap/holders/heap-view.ts';
import type { Look } from '../../../src/heap/look-parts.ts';
import { copyInto, planCopy, prepareSnapshot } from '../../../src/heap/memory/copy.ts';
import { PAGE_BYTES, type Snapshot } from '../../../src/heap/memory/snapshot.ts';
import { describeLook } from '../../../src/heap/rank.ts';
import { CountWatch } from '../../../src/heap/watch.ts';
import { type Patch, type Recorded, readerOf, targetOf } from '../recorded.ts';

/** A copy of a recorded memory that is damaged where it lies and mended again, so that nothing need be copied for it. */
export interface Image {
  readonly recorded: Recorded;
  readonly snapshot: Snapshot;
  readonly runtime: number;
  /** What is found in it when it is whole. */
  readonly whole: Look;
  readonly earlier: EarlierLook;
}

export function imageOf(recorded: Recorded): Image {
  const reader = readerOf(recorded);
  const { runtime } = locatePython(reader, (map) => targetOf(() => reader).readImage(map));
  const plan = planCopy(reader);
  const snapshot = prepareSnapshot(plan, reader, 2 ** 34);
  copyInto(snapshot, plan, reader, () => false);
  const whole = lookInto({ recorded, snapshot, runtime });
  return { recorded, snapshot, runtime, whole, earlier: rememberLook(whole) };
}

/** What a look does once the memory is copied. Throws HeapError where that is refused. */
function lookInto({ recorded, snapshot, runtime }: Pick<Image, 'recorded' | 'snapshot' | 'runtime'>): Look {
  const interpreter = findInterpreter(snapshot, runtime, layouts);
  const walked = walkHeap(snapshot, interpreter, recorded.maps);
  const referrers = turnRound(walked.graph);
  const view = viewHeap(snapshot, interpreter, walked, referrers, dominate(walked.graph, referrers));
  return {
    atUnixSeconds: 0,
    pauseMs: 1,
    copiedBytes: snapshot.copiedBytes,
    missedBytes: 0,
    partial: undefined,
    view,
    maps: recorded.maps,
    kernel: undefined,
  };
}

/** What was said of a damaged look: as the first of two, or as the second in the growth. */
interface DamagedLooks {
  readonly first?: HeapLook;
  readonly growth: HeapGrowth;
}

/** Reads a damaged image as one of two looks, the other one whole, and mends it. Throws HeapError where it is refused. */
export function readInPlace(image: Image, patches: readonly Patch[], first: boolean): DamagedLooks {
  const mend = damage(image.snapshot, patches);
  try {
    const look = lookInto(image);
    if (!first) return { growth: compareLooks(image.earlier, look, new CountWatch(image.whole)) };
    const described = describeLook(look);
    const earlier = rememberLook(look);
    const watch = new CountWatch(look);
    mend();
    watch.read(readerOf(image.recorded), 1);
    watch.summary();
    return { first: described, growth: compareLooks(earlier, image.whole, watch) };
  } finally {
    mend();
  }
}

/** Puts the patches where they belong in the copy; what is returned takes them out again, once. */
function damage(snapshot: Snapshot, patches: readonly Patch[]): () => void {
  const undone: { at: number; bytes: Uint8Array }[] = [];
  for (const { address, bytes } of patches) {
    for (let from = 0; from < bytes.length; ) {
      const start = address + from;
      const length = Math.min(bytes.length - from, PAGE_BYTES - (start % PAGE_BYTES));
      const word = snapshot.word(start);
      const at = word * 8 + (start % 8);
      if (word >= 0) {
        undone.push({ at, bytes: snapshot.bytes.slice(at, at + length) });
        snapshot.bytes.set(bytes.subarray(from, from + length), at);
      }
      from += length;
    }
  }
  return () => {
    for (let last = undone.pop(); last !== undefined; last = undone.pop()) snapshot.bytes.set(last.bytes, last.at);
  };
}
