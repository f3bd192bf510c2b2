import type { Range } from '../memory/ranges.ts';
import { PAGE_BYTES, type Snapshot } from '../memory/snapshot.ts';
import type { PresentPages } from './present-pages.ts';

/** A stretch of memory of glibc's allocator, chunk by chunk. Bytes. */
export interface ChunkWalk {
  /** From the first chunk to behind the last one that made sense. */
  readonly range: Range;
  readonly usedBytes: number;
  readonly freeBytes: number;
  /** Of the same, what is there: free chunks may have been given back, used ones never touched. */
  readonly usedPresentBytes: number;
  readonly freePresentBytes: number;
  readonly chunks: number;
  /** The last chunk, if it ends where the stretch does: what has not been handed out yet. Else undefined. */
  readonly top: number | undefined;
}

/** The size of a chunk is a multiple of 16, at least 32; three bits below tell more (malloc/malloc.c, "chunk"). */
const PREVIOUS_IN_USE = 1;
const IS_MMAPPED = 2;
const FLAGS = 7;
const LEAST_CHUNK_BYTES = 32;
/** Of a smaller chunk each page has its own header or the next one in it: it is there. */
const SMALL_BYTES = PAGE_BYTES;

/** Bytes and flags of the chunk at an address; undefined where that was not copied. */
export function chunkAt(snapshot: Snapshot, address: number): { bytes: number; flags: number } | undefined {
  const word = snapshot.word(address + 8);
  if (word < 0) return undefined;
  const low = snapshot.words[2 * word]!;
  return {
    bytes: (low & ~FLAGS) + (low < 0x80000000 ? 0 : 2 ** 32) + snapshot.words[2 * word + 1]! * 2 ** 32,
    flags: low & FLAGS,
  };
}

/**
 * Follows the chunks from `start`, each by its size, to `end` at most. A chunk is in use if the next one says so; those that
 * wait in a thread's own lists (tcache) or in fast bins are: see `fastBinBytes`.
 */
export function walkChunks(snapshot: Snapshot, pages: PresentPages, start: number, end: number): ChunkWalk {
  let [usedBytes, freeBytes, usedPresentBytes, freePresentBytes, chunks] = [0, 0, 0, 0, 0];
  let top: number | undefined;
  let at = start;
  for (let chunk = chunkAt(snapshot, at); chunk !== undefined; ) {
    const { bytes } = chunk;
    const behind = at + bytes;
    if (bytes < LEAST_CHUNK_BYTES || bytes % 16 !== 0 || behind > end) break;
    const next = behind === end ? undefined : chunkAt(snapshot, behind);
    if (next === undefined && behind !== end) break;
    const isUsed = next !== undefined && (next.flags & PREVIOUS_IN_USE) !== 0;
    const presentBytes = bytes < SMALL_BYTES ? bytes : pages.bytesIn(at, behind);
    if (isUsed) {
      usedBytes += bytes;
      usedPresentBytes += presentBytes;
    } else {
      freeBytes += bytes;
      freePresentBytes += presentBytes;
    }
    chunks += 1;
    if (next === undefined) top = at;
    at = behind;
    chunk = next;
  }
  return { range: { start, end: at }, usedBytes, freeBytes, usedPresentBytes, freePresentBytes, chunks, top };
}

/**
 * Chunks that have a mapping of their own: the header lies at its start, with whole pages behind. Large blocks do
 * (from 128 KiB on at first; the bound rises as such blocks are freed). `runs` is what is there of `mappings`, memory that nothing
 * else is known to use.
 */
export function findMmapped(snapshot: Snapshot, runs: readonly Range[], mappings: readonly Range[]): Range[] {
  const found: Range[] = [];
  let mapping = 0;
  let behind = 0;
  for (const range of runs) {
    while (mapping < mappings.length && mappings[mapping]!.end <= range.start) mapping += 1;
    const end = mappings[mapping]?.end ?? 0;
    for (let at = Math.max(range.start, behind); at < range.end; ) {
      const bytes = mmappedBytes(snapshot, at);
      const isOne = bytes > 0 && at + bytes <= end;
      if (isOne) found.push({ start: at, end: at + bytes });
      at += isOne ? bytes : PAGE_BYTES;
      behind = at;
    }
  }
  return found;
}

/** All that the mapping takes: up to glibc 2.42 that is what the header says, from 2.43 on it says 16 bytes less. */
function mmappedBytes(snapshot: Snapshot, address: number): number {
  const word = snapshot.word(address);
  if (word < 0 || snapshot.unsigned(word) !== 0) return 0;
  const chunk = chunkAt(snapshot, address);
  if (chunk === undefined || chunk.flags !== IS_MMAPPED) return 0;
  const missing = chunk.bytes % PAGE_BYTES === 0 ? 0 : 16;
  return (chunk.bytes + missing) % PAGE_BYTES === 0 ? chunk.bytes + missing : 0;
}
