import type { Range } from './ranges.ts';
import type { MemoryMap } from './reader.ts';

/** Takes pages as they come: whole pages, one behind the other from `address` on. The array is valid during the call. */
export type TakePages = (address: number, bytes: Uint8Array) => void;

/**
 * A process that is read over a link: every question costs a round trip, every byte time, and the memory that the reader
 * there takes counts against the target's limit. So it is copied while it runs, and stopped only to see what changed since.
 * All calls wait for their answer, and throw HeapError.
 */
export interface RemoteMemory {
  /** The maps of this moment. */
  maps(): readonly MemoryMap[];
  /** For each range the state of its pages, a byte a page, as `MemoryReader.pages` tells. */
  pages(ranges: readonly Range[]): readonly Uint8Array[];
  /** For each range a byte a page: 1 where it is part of a pymalloc pool, by the look of the pools' headers. */
  pools(ranges: readonly Range[]): readonly Uint8Array[];
  /**
   * Reads from the running process what is present, and what comes from the file of a program or library; remembers nothing. Returns how
   * many bytes came.
   */
  read(address: number, into: Uint8Array): number;
  /**
   * Copies what is present in these ranges from the running process. From now on the reader knows them, the absent pages too: `changes` and
   * `stopped` tell what has become of them. Returns the bytes that came.
   */
  copy(ranges: readonly Range[], take: TakePages): number;
  /** Sends again what has changed of all that was copied, since it was sent last. The process runs. */
  changes(take: TakePages): { pages: number; ms: number };
  /**
   * Stops the process, sees what has changed, keeps that in a buffer, lets the process go, and then sends it. Pages that have become
   * present in the known ranges, and pools where there was no mapping at the time of the copy (a new one, or one that became longer), count as
   * changed. A page that is gone comes as zeros.
   */
  stopped(limits: StopLimits, take: TakePages): Stopped;
  /** The first `bytes` bytes at each address, one behind the other; zeros where nothing can be read. The process runs. */
  gather(addresses: Float64Array, bytes: number): Uint8Array;
}

/** What the link gives beside memory. */
export interface RemoteProcess {
  readonly memory: RemoteMemory;
  /**
   * Parts of files, by their paths where the reader is (`/proc/7/map_files/…`, `/proc/7/root/…`, `/proc/7/stat`), all asked for at once.
   * Fewer bytes at the end of a file, none where it cannot be had. Only regular files, and those of /proc.
   */
  readFiles(parts: readonly FilePart[]): readonly Uint8Array[];
}

export interface FilePart {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface StopLimits {
  /** After which the dead-man timer lets it go. */
  readonly maxPauseMs: number;
  /** For changed pages; what is beyond is counted. */
  readonly bufferBytes: number;
}

export interface Stopped {
  readonly atUnixSeconds: number;
  readonly pauseMs: number;
  readonly changedPages: number;
  /** Changed and not kept, for want of time or room. */
  readonly missedPages: number;
  /** As they were while it stood. */
  readonly maps: readonly MemoryMap[];
}
