import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined, lengthOf } from '../../../src/heap/memory/ranges.ts';
import type { MemoryMap } from '../../../src/heap/memory/reader.ts';
import { PAGE_BYTES, Snapshot } from '../../../src/heap/memory/snapshot.ts';
import { walkGlibc } from '../../../src/heap/native/glibc-arenas.ts';
import { findMmapped, walkChunks } from '../../../src/heap/native/glibc-chunks.ts';
import { occupancy } from '../../../src/heap/native/occupancy.ts';
import { type PresentPages, presentPages } from '../../../src/heap/native/present-pages.ts';
import { findPools } from '../../../src/heap/native/pymalloc-pools.ts';
import { findStacks } from '../../../src/heap/native/thread-stacks.ts';
import { mapping } from '../memory/fake-reader.ts';

/**
 * Memory that lies: headers of pools, chunks and arenas with fields of any value, over and beside one another. Whatever it says, the
 * parsers come to an end and tell of no more bytes than there are.
 */
const HEAP = 64 << 20;
const BASES = [0x10000, HEAP, 0x7f00_0000_0000];
const PAGES = 24;

/** A value that a field of a header may have: small, a size with flags, an address in the memory, anything. */
const field = fc.oneof(
  fc.nat(600),
  fc.nat(40).map((pages) => pages * PAGE_BYTES),
  fc.tuple(fc.nat(40), fc.nat(7)).map(([pages, flags]) => pages * PAGE_BYTES + flags),
  fc.tuple(fc.nat(300), fc.nat(7)).map(([units, flags]) => units * 16 + flags),
  fc.tuple(fc.constantFrom(...BASES), fc.nat(PAGES * 512)).map(([base, word]) => base + word * 8),
  fc.tuple(fc.constantFrom(...BASES), fc.nat(PAGES * 256)).map(([base, unit]) => base + unit * 16),
  fc.maxSafeNat(),
);

/** A pool's header that may well pass: size class, blocks touched and used fit each other now and then. */
const pool = fc.record({
  page: fc.nat(PAGES - 1),
  arena: fc.nat(3),
  sizeClass: fc.nat(33),
  touched: fc.nat(1100),
  used: fc.nat(1100),
  free: fc.nat(1100),
  poolBytes: fc.constantFrom(4096, 16384),
});
type PoolHeader = typeof pool extends fc.Arbitrary<infer T> ? T : never;

/** Chunks one behind another, as a heap has them. */
const chain = fc.record({
  at: fc.nat(PAGES * 256),
  chunks: fc.array(fc.tuple(fc.integer({ min: 0, max: 600 }), fc.nat(7)), { maxLength: 60 }),
});

/** An arena with bins that are empty, so that it passes for one. */
const arena = fc.record({
  page: fc.constantFrom(0, 1, PAGES - 1),
  info: fc.constantFrom(32, 48, 64),
  layout: fc.constantFrom({ top: 96, bins: 112 }, { top: 8, bins: 24 }),
  bytes: fc.nat(40),
  previous: fc.constantFrom(0, HEAP, 0x7f00_0000_0000),
});

const hostile = fc.record({
  words: fc.array(fc.tuple(fc.nat(PAGES * 512 - 1), field), { maxLength: 400 }),
  pools: fc.array(pool, { maxLength: 12 }),
  chains: fc.array(chain, { maxLength: 4 }),
  arenas: fc.array(arena, { maxLength: 3 }),
  /** Chunks with mappings of their own, by the page where they start and their size in pages. */
  large: fc.array(fc.tuple(fc.nat(PAGES - 1), fc.nat(PAGES)), { maxLength: 4 }),
  absent: fc.array(fc.nat(PAGES - 1), { maxLength: 10 }),
  base: fc.constantFrom(...BASES),
  path: fc.constantFrom('', '[heap]', '[stack]', '[anon: any]', '/lib/libc.so.6'),
  cut: fc.nat(PAGES),
  minor: fc.constantFrom(8, 9, 10, 13),
});
type Hostile = typeof hostile extends fc.Arbitrary<infer T> ? T : never;

function memoryOf({ words, pools, chains, arenas, large, absent, base, path, cut }: Hostile) {
  const bytes = new Uint8Array(PAGES * PAGE_BYTES);
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number) => {
    if (at >= 0 && at + 8 <= bytes.length) view.setBigUint64(at, BigInt(Math.max(0, value)), true);
  };
  for (const [word, value] of words) put(word * 8, value);
  for (const { at, chunks } of chains) {
    let next = at * 16;
    for (const [units, flags] of chunks) {
      put(next + 8, units * 16 + flags);
      next += units * 16;
    }
  }
  for (const { page, info, layout, bytes: pages, previous } of arenas) {
    const start = page * PAGE_BYTES;
    [base + start + info, previous, pages * PAGE_BYTES, pages * PAGE_BYTES].forEach((value, at) => {
      put(start + at * 8, value);
    });
    for (let bin = 0; bin < 100; bin += 1)
      put(start + info + layout.bins + 16 * bin, base + start + info + layout.bins + 16 * bin - 16);
  }
  for (const [page, pages] of large) {
    put(page * PAGE_BYTES, 0);
    put(page * PAGE_BYTES + 8, pages * PAGE_BYTES + 2);
  }
  for (const each of pools) putPool(view, each, base);
  const snapshot = new Snapshot(bytes.length, undefined);
  for (let page = 0; page < PAGES; page += 1) {
    if (absent.includes(page)) continue;
    snapshot.next(PAGE_BYTES).set(bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
    snapshot.add(base + page * PAGE_BYTES, PAGE_BYTES);
  }
  const middle = base + cut * PAGE_BYTES;
  const end = base + PAGES * PAGE_BYTES;
  const first: MemoryMap = { ...mapping(base, middle), path, inode: path.startsWith('/') ? 7 : 0 };
  const guard: MemoryMap = { ...mapping(base - PAGE_BYTES, base), readable: false, writable: false };
  const maps = [guard, first, mapping(middle, end)].filter((map) => map.start < map.end);
  return { snapshot, maps, pages: presentPages(snapshot, maps), first: { start: base, end } };
}

function putPool(
  view: DataView,
  { page, arena: number, sizeClass, touched, used, free, poolBytes }: PoolHeader,
  base: number,
) {
  const at = page * PAGE_BYTES;
  const block = (sizeClass + 1) * 16;
  const most = Math.max(1, Math.floor((poolBytes - 48) / block));
  view.setUint32(at, used % (most + 1), true);
  view.setBigUint64(at + 8, free > most ? 0n : BigInt(base + at + 48 + free * block), true);
  view.setUint32(at + 32, number, true);
  view.setUint32(at + 36, sizeClass, true);
  view.setUint32(at + 40, 48 + Math.max(1, touched % (most + 1)) * block, true);
  view.setUint32(at + 44, Math.max(0, poolBytes - block), true);
}

const isWithin = (inner: { start: number; end: number }, outer: { start: number; end: number }) =>
  inner.start >= outer.start && inner.end <= outer.end;

const presentBytes = (pages: PresentPages) => lengthOf(pages.runs);

test('hostile memory holds no more pools, chunks and stacks than there is memory', () => {
  let [pools, chunks, mmapped, arenas] = [0, 0, 0, 0];
  fc.assert(
    fc.property(hostile, (given) => {
      const { snapshot, maps, pages, first } = memoryOf(given);
      const found = findPools(snapshot, pages.runs, given.minor);
      // Of the last block of a pool only the start need be there.
      expect(found.allocatedBytes).toBeLessThanOrEqual(presentBytes(pages) + found.usedPools * 512);
      expect(found.presentBytes).toBeLessThanOrEqual(presentBytes(pages));
      const walk = walkChunks(snapshot, pages, first.start, first.end);
      expect(isWithin(walk.range, first)).toBe(true);
      expect(walk.usedBytes + walk.freeBytes).toBe(walk.range.end - walk.range.start);
      expect(walk.usedPresentBytes + walk.freePresentBytes).toBeLessThanOrEqual(
        presentBytes(pages) + first.end - first.start,
      );
      const large = findMmapped(snapshot, pages.runs, joined(maps));
      large.forEach((each, at) => {
        expect(each.start).toBeGreaterThanOrEqual(large[at - 1]?.end ?? first.start);
      });
      expect(lengthOf(large)).toBeLessThanOrEqual(first.end - first.start);
      const glibc = walkGlibc(snapshot, pages, maps);
      for (const { whole, range } of glibc.heaps) expect(range.end).toBeLessThanOrEqual(whole.end);
      for (const stack of findStacks(snapshot, maps, [first.start + 8, 5])) expect(isWithin(stack, first)).toBe(true);
      pools += found.usedPools;
      chunks += walk.chunks;
      mmapped += large.length;
      arenas += glibc.threadArenas;
    }),
    { numRuns: 2000 },
  );
  // What was made to look like one was taken for one: else the above says nothing.
  for (const count of [pools, chunks, mmapped, arenas])
    expect(count, `${[pools, chunks, mmapped, arenas]}`).toBeGreaterThan(20);
});

test('the parts of hostile memory come to no more than all of it', () => {
  fc.assert(
    fc.property(hostile, (given) => {
      const { snapshot, maps, pages } = memoryOf(given);
      const walked = { eachAbove: () => {} };
      const view = { snapshot, walked, interpreter: { layout: { minor: given.minor } } };
      const { parts } = occupancy(view as unknown as Parameters<typeof occupancy>[0], maps, [given.base + 8]);
      const all = Object.values(parts);
      expect(all.every((bytes) => Number.isFinite(bytes) && bytes >= 0)).toBe(true);
      expect(all.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(presentBytes(pages));
    }),
    { numRuns: 2000 },
  );
});
