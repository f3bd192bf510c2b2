import { findInterpreter, type Interpreter } from './cpython/interpreter.ts';
import { layouts } from './cpython/layouts/index.ts';
import { locatePython } from './cpython/locate.ts';
import { walkHeap } from './cpython/walk.ts';
import type { Walked } from './cpython/walked.ts';
import type { LiveTarget, ThreadState } from './live-target.ts';
import { type Look, mostObjects, phasesOf, standBy, type Timed, TRIES, viewOf, whyPartial } from './look-parts.ts';
import type { MemoryMap } from './memory/reader.ts';
import type { RemoteMemory } from './memory/remote.ts';
import { RemoteCopy, type RemoteStop } from './memory/remote-copy.ts';

/** Walks of a copy that stands, each followed by what it asked for. */
const MOST_ROUNDS = 3;
/** Walks of the running copy, likewise. The first ones end soon: they lead to the interpreter, to its types, and only then to objects. */
const MOST_DISCOVERIES = 8;
/** Less than this that came after the stop is not worth a word: the process can have changed hardly any of it. */
const FEW_BYTES = 1 << 20;

/** A walk of the copy as it was when the process stood. */
interface Reading {
  readonly stop: RemoteStop;
  readonly interpreter: Interpreter;
  readonly walked: Walked;
  /** Whether the walk had all that it asked for. */
  readonly isWhole: boolean;
  /** Its threads before it was stopped. */
  readonly threads: readonly ThreadState[] | undefined;
}

/**
 * Looks at a process that is read over a link. Its memory is copied while it runs; walks of that copy tell what else is wanted; then it is
 * stopped for as long as it takes to see what has changed. The copy is kept for the next look, which needs only what changed since.
 */
export class RemoteLooker {
  private readonly target: LiveTarget;
  private readonly remote: RemoteMemory;
  private readonly maxPauseMs: number;
  private readonly timed: Timed;
  private copy: RemoteCopy | undefined;

  constructor(target: LiveTarget, remote: RemoteMemory, maxPauseMs: number) {
    this.target = target;
    this.remote = remote;
    this.maxPauseMs = maxPauseMs;
    this.timed = phasesOf(target);
  }

  /** The memory is needed again. */
  forget(): void {}

  look(): Look {
    const { target, timed } = this;
    const { runtime } = timed('locate', () => locatePython(target.reader(), (map) => target.readImage(map)));
    const copy = timed('copy', () => this.upToDate());
    copy.constants.isDirect = false;
    this.discover(copy, runtime);
    let pausedMs = 0;
    for (let attempt = 1; ; attempt += 1) {
      const threads = target.threads?.();
      timed('changes', () => copy.settle());
      const stop = timed('stop', () => copy.stop(this.maxPauseMs - pausedMs));
      const { pauseMs, maps } = stop.stopped;
      pausedMs += pauseMs;
      const isLast = attempt >= TRIES || pausedMs + 2 * pauseMs >= this.maxPauseMs;
      const interpreter = findInterpreter(copy.snapshot, runtime, layouts);
      if (interpreter.collecting && !isLast) {
        standBy(attempt);
        continue;
      }
      const { walked, late, isWhole } = this.walkAll(copy, interpreter, maps);
      // What came after the stop is not of its moment. Where that is much, another stop makes it so, as it is known now; a process that
      // grows has some new pages each time, which nobody wrote to since as a rule.
      if ((late >= FEW_BYTES || stop.missedBytes > 0) && !isLast) continue;
      return this.lookOf(copy, { stop, interpreter, walked, threads, isWhole }, pausedMs, late);
    }
  }

  /**
   * Walks until nothing is missing, or often enough; `late` are the bytes that came only meanwhile. Long chains outside of Python's own
   * allocator (the blocks of a deque) show a piece more with each walk: what still was missing in the last is in none.
   */
  private walkAll(copy: RemoteCopy, interpreter: Interpreter, maps: readonly MemoryMap[]) {
    let late = 0;
    for (let round = 0; ; round += 1) {
      const walked = this.timed('walk', () => this.walk(copy, interpreter, maps));
      const { memoryBytes, constantPages } = this.timed('fetch', () => copy.fetchWanted(round));
      late += memoryBytes;
      if (memoryBytes + constantPages === 0 || round === MOST_ROUNDS)
        return { walked, late, isWhole: memoryBytes === 0 };
    }
  }

  /** A copy of the running process: a new one, or the last with what is new. */
  private upToDate(): RemoteCopy {
    if (this.copy?.renew() !== true) {
      this.copy?.snapshot.release();
      this.copy = undefined;
      this.copy = new RemoteCopy(this.target, this.remote);
    }
    return this.copy;
  }

  /** Walks the copy of a process that ran meanwhile, only to learn what is missing. It makes no sense in places: nothing is believed. */
  private discover(copy: RemoteCopy, runtime: number): void {
    for (let round = 0; round < MOST_DISCOVERIES; round += 1) {
      const maps = this.remote.maps();
      this.timed('discover', () => {
        try {
          this.walk(copy, findInterpreter(copy.snapshot, runtime, layouts), maps);
        } catch {
          // Whatever it stumbled over: what it asked for until then is known.
        }
      });
      const { memoryBytes, constantPages } = this.timed('fetch', () => copy.fetchWanted(round));
      // What is missing then is asked for by the walk that counts.
      if (memoryBytes + constantPages === 0 || (round >= MOST_ROUNDS && memoryBytes < FEW_BYTES)) return;
    }
  }

  private walk(copy: RemoteCopy, interpreter: Interpreter, maps: readonly MemoryMap[]): Walked {
    return walkHeap(copy.snapshot, interpreter, maps, mostObjects(this.target));
  }

  private lookOf(copy: RemoteCopy, reading: Reading, pauseMs: number, late: number): Look {
    const { stop, interpreter, walked, threads, isWhole } = reading;
    const { stopped } = stop;
    const missedBytes = stop.missedBytes + copy.swappedBytes;
    copy.constants.isDirect = true;
    return {
      atUnixSeconds: stopped.atUnixSeconds,
      pauseMs,
      copiedBytes: copy.snapshot.copiedBytes,
      missedBytes,
      partial: whyPartial(interpreter.collecting, missedBytes, this.maxPauseMs) ?? whyLate(late, isWhole),
      view: viewOf(copy.snapshot, interpreter, walked, this.timed),
      maps: stopped.maps,
      kernel: this.target.kernelMemory?.(),
      threads,
    };
  }
}

function whyLate(bytes: number, isWhole: boolean): string | undefined {
  if (!isWhole) return 'what some of its objects lead to was found too late to be read, and is not counted';
  if (bytes < FEW_BYTES) return undefined;
  return `${Math.round(bytes / 2 ** 20)} MiB were read only when the process ran again`;
}
