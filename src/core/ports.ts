import type { HeapGrowth, HeapLook } from '../heap/answer.ts';
import type { HeapPaths } from '../heap/query/path-answer.ts';
import type { SavedAbout } from '../heap/saved/summary.ts';
import type { Stacks } from '../heap/stacks/answer.ts';
import type { MemoryLimit, Processes } from './artifacts.ts';

/** What steps may ask of the processes on this machine. Every call may throw a ProblemError. */
export interface ProcessPort {
  /** The processes at and under `pid`, with what is known of their interpreters. */
  tree(pid: number): Promise<Processes>;
  memoryLimit(pid: number): Promise<MemoryLimit>;
  /** Memory that counts against the limit, the process's RSS, and its CPU time so far. */
  sample(pid: number, limit: MemoryLimit): Promise<MemorySample>;
  /** Starts the helper that stops, copies and reads the target's heap. Nothing is stopped yet. */
  openHeap(pid: number, options: HeapOptions): Promise<HeapSession>;
  /** A file as the target sees it. */
  readFile(pid: number, path: string): Promise<Uint8Array>;
  /** Waits, but no longer than until the signal. */
  sleep(ms: number, until: AbortSignal): Promise<void>;
  nowUnixSeconds(): number;
}

export interface MemorySample {
  readonly atUnixSeconds: number;
  readonly bytes: number;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

export interface HeapOptions {
  readonly maxPauseMs: number;
}

/** The helper process that holds the snapshots. Only answers leave it. */
export interface HeapSession {
  /** Stops the target, copies, lets it run, and reads the copy. */
  first(): Promise<HeapLook>;
  /** Reads the item counts of the containers seen in the first look, without stopping the target. */
  counts(): Promise<CountReading>;
  /** What the counts tell of growth, without stopping the target again. */
  grownByCounts(): Promise<HeapGrowth>;
  /** Looks again and compares. Where that cannot be, what the counts tell, and why. */
  growth(): Promise<HeapGrowth>;
  /** Stops the target for the time that reading its stacks takes, and no more. Independent of all other calls. */
  stacks(): Promise<Stacks>;
  close(): Promise<void>;
}

/** What `whyoom heap` asks of one look at a heap: the helper process holds it, or a saved file. */
export interface AskedHeap {
  /** Types and holders, at most as many as wanted. */
  overview(rows: HeapRows): Promise<HeapLook>;
  /** Who keeps an object (by its address) or the objects of a type; at most so many paths. */
  pathsTo(wanted: string, most: number): Promise<HeapPaths>;
  close(): Promise<void>;
}

/** One that the helper process holds: it can be kept. */
export interface LiveHeap extends AskedHeap {
  /** Writes the look to a new file, all of it or nothing; returns its bytes. */
  save(file: string, about: SavedAbout): Promise<number>;
}

export interface HeapRows {
  readonly types: number;
  readonly holders: number;
}

export interface CountReading {
  readonly atUnixSeconds: number;
  readonly watched: number;
  /** Containers that grew at most of the readings and never shrank, and their gain in items since the first look. */
  readonly growing: number;
  readonly itemsGained: number;
  /** What those items cost, if they are like those that were there at the first look. */
  readonly bytesGained: number;
  /** False once the target has gone. */
  readonly alive: boolean;
}

/** A folder with the target's code (`--source`), laid out as on the developer's machine. */
export interface SourceFolder {
  /**
   * The file that ends most like `path` does, and at least as the module's name says (`pkg.models`: `pkg/models.py`);
   * undefined: none does, or several equally.
   */
  find(path: string, module?: string): Promise<Uint8Array | undefined>;
  /** All its Python files, from the folder on: `shop/cart.py`. Those nearest to the folder first; links are not followed. */
  paths(): Promise<readonly string[]>;
  /** One of them. Throws where it cannot be read. */
  read(path: string): Promise<Uint8Array>;
}

/** Logs that are no cluster's: files, pipes and standard input. */
export interface LogPort {
  /** Throws a ProblemError where it cannot be read; `-` is standard input. */
  open(file: string): Promise<OpenLog>;
  /** Whether it is a file, and no pipe: never throws. */
  canReadTwice(file: string): Promise<boolean>;
  nowUnixSeconds(): number;
}

export interface OpenLog {
  /** In order, to be read once; each holds until the next is asked for. It may throw a ProblemError between. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** When the file was last written; absent for a pipe. */
  readonly changedAtUnixSeconds?: number;
}
