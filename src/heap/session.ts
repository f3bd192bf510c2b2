import type { HeapGrowth, HeapLook } from './answer.ts';
import type { MemoryReader } from './memory/reader.ts';

/** A process whose heap can be read. */
export interface LiveTarget {
  readonly pid: number;
  /** Where the target's files are seen: "/proc/4242/root". */
  readonly rootPath: string;
  /** A reader with the maps of this moment. */
  reader(): MemoryReader;
  alive(): boolean;
  /** Bytes that this machine can give to a copy without harm. */
  availableBytes(): number;
  nowUnixSeconds(): number;
}

/** Runs `body` while the target stands still; the caller keeps the time limit. */
export type Stopper = <T>(body: () => T) => { value: T; pauseMs: number };

export interface CountsNow {
  atUnixSeconds: number;
  watched: number;
  growing: number;
  itemsGained: number;
  alive: boolean;
}

export interface HeapReading {
  first(): HeapLook;
  counts(): CountsNow;
  growth(): HeapGrowth;
}

/** Reads the heap of one target. Nothing is read before `first`. Throws HeapError. */
export declare function createHeapReading(target: LiveTarget, stop: Stopper): HeapReading;
