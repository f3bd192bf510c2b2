import type { NativeMemory } from '../answer.ts';
import type { HeapView } from '../holders/heap-view.ts';
import { indexAt, joined, lengthOf, type Range, uncovered } from '../memory/ranges.ts';
import type { MemoryMap } from '../memory/reader.ts';
import { type ArenaHeap, type GlibcArenas, walkGlibc } from './glibc-arenas.ts';
import { findMmapped } from './glibc-chunks.ts';
import { isAnonymous, type PresentPages, presentPages } from './present-pages.ts';
import { findPools } from './pymalloc-pools.ts';
import { largeBlockOf, SMALL_REQUEST_BYTES } from './python-blocks.ts';
import { findStacks } from './thread-stacks.ts';

type Objects = Pick<HeapView, 'snapshot' | 'walked' | 'interpreter'>;

/**
 * What the anonymous memory of a copy is used for: Python's allocator, the C heap, and stacks. What is none of them is left out.
 * `stackPointers` are addresses in the stacks of threads, as many as are known.
 */
export function occupancy(view: Objects, maps: readonly MemoryMap[], stackPointers: readonly number[]): NativeMemory {
  const { snapshot } = view;
  const pages = presentPages(snapshot, maps);
  const glibc = walkGlibc(snapshot, pages, maps);
  const heaps = joined(glibc.heaps.map(({ whole }) => whole));
  const pools = findPools(snapshot, uncovered(pages.runs, heaps), view.interpreter.layout.minor);
  const known = joined([...pools.arenas, ...heaps]);
  const stacks = uncovered(findStacks(snapshot, maps, stackPointers), known);
  const claimed = joined([...known, ...stacks]);
  const mmapped = findMmapped(
    snapshot,
    uncovered(pages.runs, claimed),
    uncovered(joined(maps.filter(isAnonymous)), claimed),
  );
  const cHeap = cHeapOf(glibc, mmapped, pages);
  const large = pythonBeyondPools(view, pages, { heaps: glibc.heaps, mmapped, claimed, hasPools: pools.usedPools > 0 });
  const poolBytes = Math.min(pools.presentBytes, pools.allocatedBytes + pools.overheadBytes);
  return {
    pymalloc: {
      arenas: pools.arenas.length,
      allocatedBytes: pools.allocatedBytes,
      availableBytes: pools.availableBytes,
      overheadBytes: pools.overheadBytes,
      emptyPools: pools.emptyPools,
      presentBytes: pools.presentBytes,
    },
    cHeap: { ...cHeap.totals, pythonBytes: large.inCHeap },
    parts: {
      pythonObjects: poolBytes + large.inCHeap + large.elsewhere,
      pythonArenasFree: pools.presentBytes - poolBytes,
      cHeapUsed: Math.max(0, cHeap.usedPresentBytes - large.inCHeap),
      cHeapFree: cHeap.freePresentBytes,
      threadStacks: presentIn(pages, stacks),
    },
  };
}

const presentIn = (pages: PresentPages, ranges: readonly Range[]): number =>
  ranges.reduce((sum, { start, end }) => sum + pages.bytesIn(start, end), 0);

const sumOf = (heaps: readonly ArenaHeap[], of: (heap: ArenaHeap) => number): number =>
  heaps.reduce((sum, heap) => sum + of(heap), 0);

/** As `mallinfo2` counts (malloc/malloc.c, int_mallinfo): chunks in fast bins are free, those of a thread's cache used. */
function cHeapOf({ heaps, fastBinBytes, threadArenas }: GlibcArenas, mmapped: readonly Range[], pages: PresentPages) {
  const free = sumOf(heaps, (heap) => presentOf(heap, pages).free);
  const used = sumOf(heaps, (heap) => presentOf(heap, pages).used);
  const inFastBins = Math.min(used, fastBinBytes);
  return {
    usedPresentBytes: used - inFastBins + presentIn(pages, mmapped),
    freePresentBytes: free + inFastBins,
    totals: {
      // What lies before the first chunk, the arena's own structure, is used; mallinfo2 says so too.
      usedBytes: Math.max(0, sumOf(heaps, (heap) => heap.usedBytes + headOf(heap)) - fastBinBytes),
      freeBytes: sumOf(heaps, (heap) => heap.freeBytes) + fastBinBytes,
      fastBinBytes,
      threadArenas,
      mmappedChunks: mmapped.length,
      mmappedBytes: lengthOf(mmapped),
      /** Of heaps in which the chain of chunks could not be followed to its end. */
      unwalkedBytes: sumOf(heaps, ({ whole, range }) => whole.end - range.end),
    },
  };
}

const headOf = ({ range, whole }: ArenaHeap): number => range.start - whole.start;

/** Of a heap, what is in memory, each page once whatever its chunks say. */
function presentOf(heap: ArenaHeap, pages: PresentPages): { used: number; free: number } {
  const present = pages.bytesIn(heap.whole.start, heap.range.end);
  const free = Math.min(present, heap.freePresentBytes);
  return { free, used: Math.min(present - free, heap.usedPresentBytes + headOf(heap)) };
}

interface Places {
  readonly heaps: readonly ArenaHeap[];
  readonly mmapped: readonly Range[];
  /** What is in use for something that is known; mmapped chunks are not among it. */
  readonly claimed: readonly Range[];
  readonly hasPools: boolean;
}

/**
 * Bytes of Python's objects that lie outside its own allocator: in the C heap, in mappings of another allocator. Never more than
 * the stretch that they lie in has in use. With PYTHONMALLOC=malloc all objects do.
 */
function pythonBeyondPools({ snapshot, walked }: Objects, pages: PresentPages, places: Places) {
  const mostSmall = places.hasPools ? SMALL_REQUEST_BYTES : 0;
  const heaps = places.heaps.map(({ whole }, at) => ({ ...whole, at })).sort((a, b) => a.start - b.start);
  const inHeaps = new Float64Array(heaps.length);
  const inMmapped = new Float64Array(places.mmapped.length);
  const others: Range[] = [];
  walked.eachAbove(mostSmall, (word, type, size) => {
    const block = largeBlockOf(snapshot, word, type, size);
    if (block === undefined || block.bytes <= mostSmall) return;
    const { address, bytes } = block;
    const presentBytes = bytes < 4096 ? chunkBytes(bytes) : pages.bytesIn(address, address + bytes);
    const heap = indexAt(heaps, address);
    const chunk = heap < 0 ? indexAt(places.mmapped, address) : -1;
    if (heap >= 0) inHeaps[heap]! += presentBytes;
    else if (chunk >= 0) inMmapped[chunk]! += presentBytes;
    else if (bytes >= 4096) others.push({ start: address, end: address + bytes });
  });
  const heapBytes = heaps.reduce(
    (sum, { at }, order) => sum + Math.min(inHeaps[order]!, presentOf(places.heaps[at]!, pages).used),
    0,
  );
  const mmappedBytes = places.mmapped.reduce(
    (sum, { start, end }, at) =>
      sum + Math.min(inMmapped[at]! + (inMmapped[at]! > 0 ? 4096 : 0), pages.bytesIn(start, end)),
    0,
  );
  const free = uncovered(joined(others), joined([...places.claimed, ...places.mmapped]));
  return { inCHeap: heapBytes + mmappedBytes, elsewhere: presentIn(pages, free) };
}

/** A block as the C heap has it: with its header, in multiples of 16. */
const chunkBytes = (bytes: number): number => Math.ceil((bytes + 8) / 16) * 16;
