import { findInterpreter } from './cpython/interpreter.ts';
import { layouts } from './cpython/layouts/index.ts';
import { locatePython } from './cpython/locate.ts';
import { walkHeap } from './cpython/walk.ts';
import { HeapError } from './heap-error.ts';
import type { KernelNumbers, LiveTarget, Stopper, ThreadState } from './live-target.ts';
import { type Look, mostObjects, phasesOf, standBy, type Timed, TRIES, viewOf, whyPartial } from './look-parts.ts';
import { copyInto, fillUntouched, planCopy, prepareSnapshot } from './memory/copy.ts';
import type { MemoryReader } from './memory/reader.ts';
import type { Snapshot } from './memory/snapshot.ts';
import { RemoteLooker } from './remote-look.ts';

/** Part of `--max-pause` after which the copy stops by itself, well before the dead-man timer that is set to it goes off. */
const COPY_SHARE = 0.8;

/**
 * Stops the target, copies its memory, lets it run, and reads the copy; where it is read over a link, copies it first and
 * stops it later. Throws HeapError.
 */
export function takeLook(target: LiveTarget, stop: Stopper, maxPauseMs: number): Look {
  return createLooker(target, stop, maxPauseMs).look();
}

/** Takes looks at one target, one after the other. */
export interface Looker {
  /** Throws HeapError. */
  look(): Look;
  /** The look before has been read, and is in the way of the next. */
  forget(look: Look): void;
}

export function createLooker(target: LiveTarget, stop: Stopper, maxPauseMs: number): Looker {
  if (target.remote !== undefined) return new RemoteLooker(target, target.remote, maxPauseMs);
  return {
    look: () => lookHere(target, stop, maxPauseMs),
    forget: (look) => look.view.snapshot.release(),
  };
}

function lookHere(target: LiveTarget, stop: Stopper, maxPauseMs: number): Look {
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
      standBy(attempt);
      continue;
    }
    const walked = timed('walk', () => walkHeap(copy.snapshot, interpreter, copy.reader.maps, mostObjects(target)));
    const { missedBytes, atUnixSeconds, kernel } = copy;
    return {
      atUnixSeconds,
      pauseMs: pausedMs,
      copiedBytes: copy.snapshot.copiedBytes,
      missedBytes,
      partial: whyPartial(interpreter.collecting, missedBytes, maxPauseMs),
      view: viewOf(copy.snapshot, interpreter, walked, timed),
      maps: copy.reader.maps,
      kernel,
      threads: copy.threads,
    };
  }
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
