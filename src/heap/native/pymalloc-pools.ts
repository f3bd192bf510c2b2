import { lengthOf, type Range, uncovered } from '../memory/ranges.ts';
import type { Snapshot } from '../memory/snapshot.ts';

/** What Python's allocator for small objects (Objects/obmalloc.c) holds. Bytes. */
export interface Pymalloc {
  readonly arenas: readonly Range[];
  /** In blocks that are in use: what `sys._debugmallocstats()` calls allocated blocks. */
  readonly allocatedBytes: number;
  /** In free blocks of pools that are in use: "available blocks". */
  readonly availableBytes: number;
  /** Pools without a block in use, of those that were ever used. */
  readonly emptyPools: number;
  readonly usedPools: number;
  /** Headers, and what is left at the end of pools in use. */
  readonly overheadBytes: number;
  /** Memory of the arenas that is there. */
  readonly presentBytes: number;
}

/** Include/internal/pycore_obmalloc.h: pools of a page in arenas of 256 KiB, from 3.10 on four pages and 1 MiB. */
const SIZES = {
  small: { poolBytes: 4096, arenaBytes: 256 << 10 },
  large: { poolBytes: 16 << 10, arenaBytes: 1 << 20 },
} as const;
const HEADER_BYTES = 48;
const ALIGNMENT = 16;
/** 16, 32, … 512 bytes. */
const SIZE_CLASSES = 32;

interface Pool {
  readonly arena: number;
  readonly blockBytes: number;
  readonly used: number;
  readonly blocks: number;
}

interface OpenArena {
  readonly start: number;
  /** Behind its last pool. */
  end: number;
}

/**
 * Finds the pools by their headers, at every address where one can lie: no symbols are needed. Equal to
 * `sys._debugmallocstats()` (test/breakdown.test.ts). The pools of one arena say its number and lie within its size. `runs` is memory
 * that is there and is nothing else.
 */
export function findPools(snapshot: Snapshot, runs: readonly Range[], minor: number): Pymalloc {
  const { poolBytes, arenaBytes } = minor >= 10 ? SIZES.large : SIZES.small;
  const open = new Map<number, OpenArena>();
  const arenas: OpenArena[] = [];
  const sums = { allocatedBytes: 0, availableBytes: 0, emptyPools: 0, usedPools: 0, overheadBytes: 0 };
  for (const { start, end } of runs) {
    for (let at = Math.ceil(start / poolBytes) * poolBytes; at < end; at += poolBytes) {
      const pool = poolAt(snapshot, at, poolBytes);
      // A link is written into each block before it is first given out: the start of the last one is there.
      if (pool === undefined || at + HEADER_BYTES + (pool.blocks - 1) * pool.blockBytes + 8 > end) continue;
      addPool(sums, pool, poolBytes);
      let arena = open.get(pool.arena);
      // Sub-interpreters count their arenas apart: the same number may come again, elsewhere.
      if (arena === undefined || at >= arena.start + arenaBytes) {
        arena = { start: at, end: at + poolBytes };
        open.set(pool.arena, arena);
        arenas.push(arena);
      }
      arena.end = at + poolBytes;
    }
  }
  const ranges = withUntouched(arenas, arenaBytes, poolBytes);
  return { arenas: ranges, ...sums, presentBytes: lengthOf(runs) - lengthOf(uncovered(runs, ranges)) };
}

/** Pools are taken from the low end of an arena; what lies behind the last one is there only in huge pages. */
function withUntouched(arenas: readonly OpenArena[], arenaBytes: number, poolBytes: number): Range[] {
  const sorted = [...arenas].sort((a, b) => a.start - b.start);
  return sorted.map(({ start, end }, at) => {
    // An arena that starts in the middle of a pool loses one: how far it reaches is known but for that one.
    const reach = start + arenaBytes - (poolBytes > 4096 ? poolBytes : 0);
    const next = sorted[at + 1]?.start ?? Number.POSITIVE_INFINITY;
    return { start, end: Math.min(next, Math.max(end, reach)) };
  });
}

function addPool(
  sums: {
    allocatedBytes: number;
    availableBytes: number;
    emptyPools: number;
    usedPools: number;
    overheadBytes: number;
  },
  { used, blockBytes }: Pool,
  poolBytes: number,
): void {
  if (used === 0) {
    sums.emptyPools += 1;
    return;
  }
  const room = poolBytes - HEADER_BYTES;
  const capacity = Math.floor(room / blockBytes);
  sums.usedPools += 1;
  sums.allocatedBytes += used * blockBytes;
  sums.availableBytes += (capacity - used) * blockBytes;
  sums.overheadBytes += HEADER_BYTES + (room - capacity * blockBytes);
}

/**
 * struct pool_header: blocks in use (4 bytes), first free block at 8, the next and last pool of its size at 16 and 24, number of the arena
 * at 32, size class at 36, first block never used at 40, the last such at 44. Taken for a pool if all agree.
 */
function poolAt(snapshot: Snapshot, address: number, poolBytes: number): Pool | undefined {
  const word = snapshot.word(address);
  if (word < 0) return undefined;
  const { words } = snapshot;
  const half = 2 * word;
  const sizeClass = words[half + 9]!;
  if (sizeClass >= SIZE_CLASSES) return undefined;
  const blockBytes = (sizeClass + 1) * ALIGNMENT;
  if (words[half + 11] !== poolBytes - blockBytes) return undefined;
  const touched = words[half + 10]! - HEADER_BYTES;
  if (touched <= 0 || touched % blockBytes !== 0 || touched > poolBytes - HEADER_BYTES) return undefined;
  const [used, blocks] = [words[half]!, touched / blockBytes];
  if (words[half + 1] !== 0 || used > blocks) return undefined;
  const free = snapshot.unsigned(word + 1);
  const isFull = used === blocks && touched + blockBytes > poolBytes - HEADER_BYTES;
  if (free === 0 ? !isFull : !isBlock(free - address, blockBytes, poolBytes)) return undefined;
  return { arena: words[half + 8]!, blockBytes, used, blocks };
}

function isBlock(offset: number, blockBytes: number, poolBytes: number): boolean {
  const inside = offset - HEADER_BYTES;
  return inside >= 0 && inside % blockBytes === 0 && offset + blockBytes <= poolBytes;
}
