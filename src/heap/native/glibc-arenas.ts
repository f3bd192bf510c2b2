import type { MemoryMap } from '../memory/reader.ts';
import { PAGE_BYTES, type Snapshot } from '../memory/snapshot.ts';
import { type ChunkWalk, chunkAt, walkChunks } from './glibc-chunks.ts';
import { joined, type PresentPages, type Range } from './present-pages.ts';

/** A stretch of an arena of glibc's allocator: of the main one `[heap]`, of the others 64 MiB at most each. */
export interface ArenaHeap extends ChunkWalk {
  /** All that the stretch takes, with what lies before its first chunk. */
  readonly whole: Range;
  readonly isMain: boolean;
}

export interface GlibcArenas {
  readonly heaps: readonly ArenaHeap[];
  /** Free chunks that still look used, in fast bins; 0 where the arenas' own structures were not found. */
  readonly fastBinBytes: number;
  readonly threadArenas: number;
}

/** malloc/arena.c: HEAP_MAX_SIZE, 2 × DEFAULT_MMAP_THRESHOLD_MAX. */
const HEAP_BYTES = 64 << 20;
/** sizeof(heap_info) of glibc up to 2.34, of 2.35 on, and with room to spare. */
const HEAP_INFO_BYTES = [32, 48, 64];
/**
 * malloc_state from glibc 2.27 on: fast bins at 16 (10 of them), top at 96, bins at 112 (127 pairs), all of it 2200 bytes.
 */
const STATE = { fastBins: 16, top: 96, bins: 112, size: 2200 } as const;
const FAST_BINS = 10;
const BINS = 127;
/** An arena in real use has most of its bins empty: then a bin points to itself. */
const FEWEST_EMPTY_BINS = 40;

/** Walks all heaps of glibc's allocator that can be found without symbols. */
export function walkGlibc(snapshot: Snapshot, pages: PresentPages, maps: readonly MemoryMap[]): GlibcArenas {
  const main = joined(maps.filter((map) => map.path === '[heap]')).map((whole): ArenaHeap => {
    return { ...walkChunks(snapshot, pages, whole.start, whole.end), whole, isMain: true };
  });
  const threads = threadHeaps(snapshot, pages);
  const states = new Set(threads.map(({ state }) => state));
  const mainState = main[0]?.top === undefined ? undefined : findMainState(snapshot, maps, main[0].top);
  const heaps = [...main, ...threads.map(({ heap }) => heap)];
  const all = mainState === undefined ? [...states] : [mainState, ...states];
  const room = heaps.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  const fastBinBytes = all.reduce((sum, state) => sum + fastBinBytesOf(snapshot, state, room), 0);
  return { heaps, fastBinBytes: Math.min(room, fastBinBytes), threadArenas: states.size };
}

/** The heaps of threads: at every multiple of 64 MiB where a heap_info says that it belongs to an arena. */
function threadHeaps(snapshot: Snapshot, pages: PresentPages): { heap: ArenaHeap; state: number }[] {
  const found: { heap: ArenaHeap; state: number }[] = [];
  for (const { start, end } of pages.runs) {
    for (let at = Math.ceil(start / HEAP_BYTES) * HEAP_BYTES; at < end; at += HEAP_BYTES) {
      const info = heapInfo(snapshot, at);
      if (info === undefined) continue;
      const whole = { start: at, end: at + info.bytes };
      found.push({
        heap: { ...walkChunks(snapshot, pages, info.first, whole.end), whole, isMain: false },
        state: info.state,
      });
    }
  }
  return found;
}

/** struct _heap_info: the arena, the heap before this one, bytes in use, bytes that may be written. The first heap holds the arena too. */
function heapInfo(snapshot: Snapshot, address: number): { state: number; bytes: number; first: number } | undefined {
  const word = snapshot.word(address);
  if (word < 0) return undefined;
  const [state, previous] = [snapshot.unsigned(word), snapshot.unsigned(word + 1)];
  const [bytes, writable] = [snapshot.unsigned(word + 2), snapshot.unsigned(word + 3)];
  if (bytes === 0 || bytes > writable || writable > HEAP_BYTES) return undefined;
  if (bytes % PAGE_BYTES !== 0 || writable % PAGE_BYTES !== 0) return undefined;
  const home = Math.floor(state / HEAP_BYTES) * HEAP_BYTES;
  const infoBytes = HEAP_INFO_BYTES.find((each) => state - home === each);
  if (infoBytes === undefined) return undefined;
  if (home === address) {
    return previous === 0 ? { state, bytes, first: address + aligned(infoBytes + STATE.size) } : undefined;
  }
  const isChained = previous !== 0 && previous % HEAP_BYTES === 0 && snapshot.word(previous) >= 0;
  return isChained ? { state, bytes, first: address + aligned(infoBytes) } : undefined;
}

const aligned = (offset: number) => Math.ceil(offset / 16) * 16;

/** The main arena lies in libc's data, without a symbol: it is what points to the top of the heap and has empty bins. */
function findMainState(snapshot: Snapshot, maps: readonly MemoryMap[], top: number): number | undefined {
  const libc = maps.filter((map) => map.writable && map.inode !== 0 && /\/libc[-.][^/]*$/.test(map.path));
  for (const { start, end } of libc) {
    for (let at = start; at < end; at += 8) {
      const word = snapshot.word(at);
      if (word >= 0 && snapshot.unsigned(word) === top && isState(snapshot, at - STATE.top)) return at - STATE.top;
    }
  }
  return undefined;
}

/** An empty bin's two pointers lead to where it would lie as a chunk: 16 bytes before it. */
function isState(snapshot: Snapshot, state: number): boolean {
  let empty = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    const at = state + STATE.bins + 16 * bin;
    const word = snapshot.word(at);
    if (word >= 0 && snapshot.unsigned(word) === at - 16) empty += 1;
  }
  return empty >= FEWEST_EMPTY_BINS;
}

/** The chunks in an arena's fast bins, each linked to the next. More of them than there is used memory are damage. */
function fastBinBytesOf(snapshot: Snapshot, state: number, mostBytes: number): number {
  let sum = 0;
  for (let bin = 0; bin < FAST_BINS; bin += 1) {
    const word = snapshot.word(state + STATE.fastBins + 8 * bin);
    for (let at = word < 0 ? 0 : snapshot.unsigned(word); at !== 0 && sum < mostBytes; at = nextFree(snapshot, at)) {
      const chunk = at % 16 === 0 ? chunkAt(snapshot, at) : undefined;
      if (chunk === undefined || chunk.bytes < 32) break;
      sum += chunk.bytes;
    }
  }
  return sum;
}

/** The link of a free chunk: plain up to glibc 2.31, from 2.32 on mixed with its own place (PROTECT_PTR). 0 at the end. */
function nextFree(snapshot: Snapshot, chunk: number): number {
  const word = snapshot.word(chunk + 16);
  if (word < 0) return 0;
  const [low, high] = [snapshot.words[2 * word]!, snapshot.words[2 * word + 1]!];
  const key = Math.floor((chunk + 16) / 4096);
  const open = ((low ^ ((key % 2 ** 32) | 0)) >>> 0) + ((high ^ Math.floor(key / 2 ** 32)) >>> 0) * 2 ** 32;
  if (open === 0 || (open % 16 === 0 && snapshot.word(open) >= 0)) return open;
  const plain = low + high * 2 ** 32;
  return plain % 16 === 0 && snapshot.word(plain) >= 0 ? plain : 0;
}
