import { joined, type Range, uncovered } from '../memory/ranges.ts';
import type { MemoryMap } from '../memory/reader.ts';
import { PAGE_BYTES, type Snapshot } from '../memory/snapshot.ts';
import { type ChunkWalk, chunkAt, walkChunks } from './glibc-chunks.ts';
import type { PresentPages } from './present-pages.ts';

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
/** malloc_state (malloc/malloc.c): from glibc 2.27 on; and from 2.43 on, without fast bins. Bins are pairs of pointers. */
interface StateLayout {
  readonly fastBins: number | undefined;
  readonly top: number;
  readonly bins: number;
  readonly size: number;
}
const STATES: readonly StateLayout[] = [
  { fastBins: 16, top: 96, bins: 112, size: 2200 },
  { fastBins: undefined, top: 8, bins: 24, size: 2112 },
];
const FAST_BINS = 10;
/** The data of any libc is far smaller. */
const MOST_DATA_BYTES = 1 << 20;
const BINS = 127;
/** An arena in real use has most of its bins empty: then a bin points to itself. */
const FEWEST_EMPTY_BINS = 40;

interface State {
  readonly address: number;
  readonly layout: StateLayout;
}

/** Walks all heaps of glibc's allocator that can be found without symbols. */
export function walkGlibc(snapshot: Snapshot, pages: PresentPages, maps: readonly MemoryMap[]): GlibcArenas {
  const main = joined(maps.filter((map) => map.path === '[heap]')).map((whole): ArenaHeap => {
    return { ...walkChunks(snapshot, pages, whole.start, whole.end), whole, isMain: true };
  });
  const apart = uncovered(
    pages.runs,
    main.map(({ whole }) => whole),
  );
  const threads = threadHeaps(snapshot, pages, apart);
  const states = new Map(threads.map(({ state }) => [state.address, state]));
  const mainState = main[0]?.top === undefined ? undefined : findMainState(snapshot, maps, main[0].top);
  const heaps = [...main, ...threads.map(({ heap }) => heap)];
  const room = heaps.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  const all = mainState === undefined ? [...states.values()] : [mainState, ...states.values()];
  const fastBinBytes = all.reduce((sum, state) => sum + fastBinBytesOf(snapshot, state, room), 0);
  return { heaps, fastBinBytes: Math.min(room, fastBinBytes), threadArenas: states.size };
}

/** The heaps of threads: at every multiple of 64 MiB where a heap_info says that it belongs to an arena. */
function threadHeaps(
  snapshot: Snapshot,
  pages: PresentPages,
  runs: readonly Range[],
): { heap: ArenaHeap; state: State }[] {
  const found: { heap: ArenaHeap; state: State }[] = [];
  for (const { start, end } of runs) {
    for (let at = Math.ceil(start / HEAP_BYTES) * HEAP_BYTES; at < end; at += HEAP_BYTES) {
      const info = heapInfo(snapshot, at);
      if (info === undefined) continue;
      const whole = { start: at, end: at + info.bytes };
      const walk = walkChunks(snapshot, pages, info.first, whole.end);
      found.push({ heap: { ...walk, whole, isMain: false }, state: info.state });
    }
  }
  return found;
}

/**
 * struct _heap_info (malloc/arena.c): the arena, the heap before this one, bytes in use, bytes that may be written. The first heap of
 * an arena holds the arena too.
 */
function heapInfo(snapshot: Snapshot, address: number): { state: State; bytes: number; first: number } | undefined {
  const word = snapshot.word(address);
  if (word < 0) return undefined;
  const [arena, previous] = [snapshot.unsigned(word), snapshot.unsigned(word + 1)];
  const [bytes, writable] = [snapshot.unsigned(word + 2), snapshot.unsigned(word + 3)];
  if (bytes === 0 || bytes > writable || writable > HEAP_BYTES) return undefined;
  if (bytes % PAGE_BYTES !== 0 || writable % PAGE_BYTES !== 0) return undefined;
  const home = Math.floor(arena / HEAP_BYTES) * HEAP_BYTES;
  const infoBytes = HEAP_INFO_BYTES.find((each) => arena - home === each);
  const layout = STATES.find((each) => isState(snapshot, arena, each));
  if (infoBytes === undefined || layout === undefined) return undefined;
  const isFirst = home === address;
  if (isFirst ? previous !== 0 : previous === 0 || previous % HEAP_BYTES !== 0) return undefined;
  const first = address + Math.ceil((infoBytes + (isFirst ? layout.size : 0)) / 16) * 16;
  return { state: { address: arena, layout }, bytes, first };
}

/** The main arena lies in libc's data, without a symbol: it is what points to the top of the heap and has empty bins. */
function findMainState(snapshot: Snapshot, maps: readonly MemoryMap[], top: number): State | undefined {
  const libc = maps.filter((map) => map.writable && map.inode !== 0 && /\/libc[-.][^/]*$/.test(map.path));
  for (const { start, end } of libc) {
    for (let at = start; at < Math.min(end, start + MOST_DATA_BYTES); at += 8) {
      const word = snapshot.word(at);
      if (word < 0 || snapshot.unsigned(word) !== top) continue;
      const layout = STATES.find((each) => isState(snapshot, at - each.top, each));
      if (layout !== undefined) return { address: at - layout.top, layout };
    }
  }
  return undefined;
}

/** An empty bin's two pointers lead to where it would lie as a chunk: 16 bytes before it. */
function isState(snapshot: Snapshot, state: number, layout: StateLayout): boolean {
  let empty = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    const at = state + layout.bins + 16 * bin;
    const word = snapshot.word(at);
    if (word >= 0 && snapshot.unsigned(word) === at - 16) empty += 1;
  }
  return empty >= FEWEST_EMPTY_BINS;
}

/**
 * The chunks in an arena's fast bins, each linked to the next; those of a bin are all of one size. More of them than there is used
 * memory are damage.
 */
function fastBinBytesOf(snapshot: Snapshot, { address, layout }: State, mostBytes: number): number {
  let sum = 0;
  if (layout.fastBins === undefined) return sum;
  for (let bin = 0; bin < FAST_BINS; bin += 1) {
    const bytes = 32 + 16 * bin;
    const isOne = (at: number) => at % 16 === 0 && chunkAt(snapshot, at)?.bytes === bytes;
    const word = snapshot.word(address + layout.fastBins + 8 * bin);
    let at = word < 0 ? 0 : snapshot.unsigned(word);
    for (; isOne(at) && sum < mostBytes; sum += bytes) at = linksOf(snapshot, at).find(isOne) ?? 0;
  }
  return sum;
}

/** The link of a free chunk: from glibc 2.32 on it is mixed with its own place (PROTECT_PTR), before it is plain. */
function linksOf(snapshot: Snapshot, chunk: number): number[] {
  const word = snapshot.word(chunk + 16);
  if (word < 0) return [];
  const [low, high] = [snapshot.words[2 * word]!, snapshot.words[2 * word + 1]!];
  const key = Math.floor((chunk + 16) / 4096);
  const mixed = ((low ^ ((key % 2 ** 32) | 0)) >>> 0) + ((high ^ Math.floor(key / 2 ** 32)) >>> 0) * 2 ** 32;
  return [mixed, low + high * 2 ** 32];
}
