import type { KernelMemory } from './answer.ts';
import type { MemoryMap, MemoryReader } from './memory/reader.ts';
import type { RemoteMemory } from './memory/remote.ts';

export interface KernelNumbers {
  readonly memory: KernelMemory;
  /** Addresses in the stacks of its threads, of those that do not run just now. */
  readonly stackPointers: readonly number[];
}

/** A thread as the kernel knows it. */
export interface ThreadState {
  readonly id: number;
  /** Its number in the process's own pid namespace: what the interpreter calls it. */
  readonly innerId: number;
  /** On a processor, or waiting for one (state R of proc_pid_stat(5)). */
  readonly isRunning: boolean;
}

export interface ImagePart {
  readonly map: MemoryMap;
  readonly offset: number;
  readonly bytes: number;
}

/** A process whose heap can be read. */
export interface LiveTarget {
  readonly pid: number;
  /** A reader with the maps of this moment. */
  reader(): MemoryReader;
  /** Where it is read over a link: then it is copied first and stopped later. */
  readonly remote?: RemoteMemory | undefined;
  /** The file behind a mapping, as the target sees it: the executable or a shared library. */
  readImage(map: MemoryMap): Uint8Array;
  /** Bytes of that file from `offset` on; returns how many came, 0 where the file cannot be had. */
  readFile(map: MemoryMap, offset: number, into: Uint8Array): number;
  /** The same of many files at once, where each would be a round trip; none where a file cannot be had. */
  readParts?(parts: readonly ImagePart[]): readonly Uint8Array[];
  alive(): boolean;
  /** Bytes that this machine can give to a copy without harm. */
  availableBytes(): number;
  /** The kernel's numbers of this moment; undefined where they cannot be read. */
  kernelMemory?(): KernelNumbers | undefined;
  /** Its threads at this moment; undefined where that cannot be read. */
  threads?(): readonly ThreadState[] | undefined;
  /** The same threads while they stand still: what each was doing at that moment. */
  threadsStopped?(before: readonly ThreadState[]): readonly ThreadState[];
  nowUnixSeconds(): number;
  /** A monotonic clock, in milliseconds. */
  nowMs(): number;
  /** Told after each part of a look what it was and how long it took. */
  onPhase?(name: string, ms: number): void;
}

/**
 * Runs `body` while the target stands still. Who gives this keeps the time limit, and tells how many milliseconds of it
 * were spent before the body began.
 */
export type Stopper = <T>(body: (spentMs: number) => T) => { value: T; pauseMs: number };
