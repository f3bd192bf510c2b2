import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyInto, fillUntouched, planCopy, prepareSnapshot } from '../../../src/heap/memory/copy.ts';
import { PAGE_BYTES } from '../../../src/heap/memory/snapshot.ts';
import { fakeReader, mapping, type Page } from './fake-reader.ts';

const anyPages = fc.array(fc.constantFrom<Page>('present', 'present', 'present', 'swapped', 'absent', 'hole'), {
  minLength: 1,
  maxLength: 12,
});
const anyProcess = fc
  .array(anyPages, { minLength: 1, maxLength: 4 })
  .map((maps) => new Map(maps.map((pages, at) => [0x7f0000000000 + at * 2 ** 31, pages])));
const GIB = 2 ** 30;

test('every page that is there is copied to its place, and what is not copied is counted', () => {
  fc.assert(
    fc.property(anyProcess, fc.integer({ min: 1, max: 3 * PAGE_BYTES }), (process, short) => {
      const { reader, pages } = fakeReader(process, Math.max(PAGE_BYTES, short));
      const plan = planCopy(reader);
      const snapshot = prepareSnapshot(plan, reader, GIB);
      const { missedBytes: missed } = copyInto(snapshot, plan, reader, () => false);
      expect(snapshot.copiedBytes + missed).toBe(plan.bytes);
      const count = (state: Page) => [...pages.values()].filter((each) => each === state).length * PAGE_BYTES;
      expect([snapshot.copiedBytes, missed, plan.swappedBytes]).toEqual([
        count('present'),
        count('hole'),
        count('swapped'),
      ]);
      for (const [page, state] of pages) {
        const word = snapshot.word(page);
        if (state === 'present') expect(snapshot.uint8(word, 0)).toBe((page / PAGE_BYTES) & 0xff);
        else expect(word).toBe(-1);
      }
    }),
  );
});

test('whenever it must end, what was copied and what was missed add up to the plan', () => {
  fc.assert(
    fc.property(anyProcess, fc.nat({ max: 20 }), (process, calls) => {
      const { reader } = fakeReader(process, PAGE_BYTES);
      const plan = planCopy(reader);
      const snapshot = prepareSnapshot(plan, reader, GIB);
      let left = calls;
      const { missedBytes: missed } = copyInto(snapshot, plan, reader, () => {
        left -= 1;
        return left < 0;
      });
      expect(snapshot.copiedBytes + missed).toBe(plan.bytes);
      expect(snapshot.copiedBytes).toBeLessThanOrEqual(calls * PAGE_BYTES);
    }),
  );
});

test('a process that grew beyond the room since the plan was made is copied as far as there is room', () => {
  const small = fakeReader(new Map([[0x10000, ['present'] as Page[]]]));
  const snapshot = prepareSnapshot(planCopy(small.reader), small.reader, GIB);
  const grown = fakeReader(new Map([[0x7f0000000000, Array<Page>(5000).fill('present')]]));
  const plan = planCopy(grown.reader);
  const { missedBytes: missed } = copyInto(snapshot, plan, grown.reader, () => false);
  expect(snapshot.copiedBytes + missed).toBe(plan.bytes);
  expect(snapshot.roomBytes).toBeLessThan(PAGE_BYTES);
});

test('swapped pages are never read', () => {
  const { reader, reads } = fakeReader(new Map([[0x10000, ['swapped', 'present', 'swapped'] as Page[]]]));
  const plan = planCopy(reader);
  copyInto(prepareSnapshot(plan, reader, GIB), plan, reader, () => false);
  expect(reads).toEqual([0x11000]);
});

test('only private writable memory is copied, small mappings first', () => {
  const large = mapping(0x100000, 0x200000);
  const plan = planCopy({
    maps: [
      large,
      { ...mapping(0x1000, 0x2000), writable: false },
      { ...mapping(0x3000, 0x4000), private: false },
      { ...mapping(0x5000, 0x6000), path: '[vvar]' },
      { ...mapping(0x7000, 0x8000), path: '/dev/nvidia0', inode: 5 },
      { ...mapping(0x9000, 0xa000), readable: false },
      mapping(0xb000, 0xd000),
    ],
    read: () => 0,
    pages: (start, end) => new Uint8Array((end - start) / PAGE_BYTES).fill(1),
  });
  expect(plan.ranges).toEqual([
    { start: 0xb000, end: 0xd000 },
    { start: large.start, end: large.end },
  ]);
});

test('of a library what nobody touched is left to its file, of other files only what was changed is copied, of neither what is in swap', () => {
  const library = { path: '/usr/lib/libpython3.11.so', inode: 7 };
  const states = Uint8Array.of(0, 1, 2, 3);
  const plan = planCopy({
    maps: [
      { ...mapping(0x1000, 0x2000), ...library, writable: false, executable: true },
      { ...mapping(0x10000, 0x14000), ...library },
      { ...mapping(0x20000, 0x24000), path: '/data/matrix.npy', inode: 8 },
    ],
    read: () => 0,
    pages: () => states,
  });
  expect(plan.ranges.map(({ start, end, file }) => [start, end, file?.path])).toEqual([
    [0x10000, 0x11000, library.path],
    [0x11000, 0x12000, undefined],
    [0x13000, 0x14000, undefined],
    [0x21000, 0x22000, undefined],
  ]);
  expect(plan.swappedBytes).toBe(2 * PAGE_BYTES);
});

test('what nobody touched comes from the file, up to its end, and from memory where there is no file', () => {
  const map = { ...mapping(0x10000, 0x14000), path: '/usr/lib/libpython3.11.so', inode: 7, offset: 0x3000 };
  const memory = {
    maps: [{ ...map, start: 0, end: 0x1000, writable: false, executable: true }, map],
    read: (_: number, into: Uint8Array) => into.fill(9).length,
    pages: () => Uint8Array.of(1, 0, 0, 3),
  };
  const plan = planCopy(memory);
  const asked: number[] = [];
  const fromFile = (_map: unknown, offset: number, into: Uint8Array) => {
    asked.push(offset, into.length);
    return into.subarray(0, PAGE_BYTES + 100).fill(5).length;
  };
  const bytesOf = (readFile: typeof fromFile) => {
    const snapshot = prepareSnapshot(plan, memory, 2 ** 30);
    const copied = copyInto(snapshot, plan, memory, () => false);
    fillUntouched(copied, memory, readFile);
    const places = [0x10000, 0x11000, 0x12000, 0x12000 + 104, 0x13000];
    return [copied.missedBytes, ...places.map((address) => snapshot.uint8(snapshot.word(address), 0))];
  };
  expect(bytesOf(fromFile)).toEqual([0, 9, 5, 5, 0, 9]);
  expect(asked).toEqual([0x4000, 2 * PAGE_BYTES]);
  expect(bytesOf(() => 0)).toEqual([0, 9, 9, 9, 9, 9]);
});

test('a mapping that is reserved far beyond its use is looked through once, and in the pause only where it was in use', () => {
  const asked: number[] = [];
  const reserved = mapping(2 ** 40, 2 ** 40 + 2 ** 34);
  const reader = {
    maps: [reserved],
    read: () => 0,
    pages(start: number, end: number) {
      asked.push(start);
      return new Uint8Array((end - start) / PAGE_BYTES).fill(start === reserved.start ? 1 : 0);
    },
  };
  const before = planCopy(reader);
  expect(asked.length).toBeGreaterThan(1000);
  asked.length = 0;
  expect(planCopy(reader, before).ranges).toEqual(before.ranges);
  expect(asked).toHaveLength(2);
});

test('a copy for which this machine has no room is refused before anything is stopped', () => {
  const { reader } = fakeReader(new Map([[0x10000, ['present'] as Page[]]]));
  const plan = { ...planCopy(reader), bytes: 5 * GIB };
  expect(() => prepareSnapshot(plan, reader, 4 * GIB)).toThrow(/takes 5392 MiB here, and only 4096 MiB are free/);
});
