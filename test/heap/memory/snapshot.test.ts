import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Room } from '../../../src/heap/memory/room.ts';
import { PAGE_BYTES, Snapshot } from '../../../src/heap/memory/snapshot.ts';
import { mapping } from './fake-reader.ts';

const TOP = 2 ** 47;
/** Pages near one another, in other tables of 1 GiB, and the last one of user space. */
const anyPage = fc.oneof(
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 2 ** 18 - 3, max: 2 ** 18 + 3 }),
  fc.constantFrom(TOP / PAGE_BYTES - 1, TOP / PAGE_BYTES - 2, 2 ** 34, 2 ** 33 + 5),
);

/** A byte that is told by its address. */
const byteAt = (address: number) => (Math.floor(address / 8) * 31 + address * 7) % 251;

function copied(pages: readonly number[]): Snapshot {
  const snapshot = new Snapshot(pages.length * PAGE_BYTES);
  for (const page of pages) {
    const into = snapshot.next(PAGE_BYTES);
    for (let at = 0; at < PAGE_BYTES; at += 1) into[at] = byteAt(page * PAGE_BYTES + at);
    snapshot.add(page * PAGE_BYTES, PAGE_BYTES);
  }
  return snapshot;
}

test('every word of every page is found by its address and back, in whatever order the pages came', () => {
  const anyPages = fc.uniqueArray(anyPage, { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(anyPages, fc.nat({ max: 511 }), (pages, inPage) => {
      const snapshot = copied(pages);
      for (const page of pages) {
        const address = page * PAGE_BYTES + inPage * 8;
        const word = snapshot.word(address);
        expect(snapshot.address(word)).toBe(address);
        expect(snapshot.word(address + 7)).toBe(word);
        expect(snapshot.uint8(word, 3)).toBe(byteAt(address + 3));
        if (!pages.includes(page + 1)) expect(snapshot.word((page + 1) * PAGE_BYTES)).toBe(-1);
      }
    }),
  );
});

test('a run ends where the next page of the process is not the next of the copy', () => {
  const snapshot = copied([10, 11, 12, 20, 13]);
  const run = (address: number) => snapshot.run(snapshot.word(address), 10_000);
  expect(run(10 * PAGE_BYTES)).toBe(3 * 512);
  expect(run(12 * PAGE_BYTES + 8)).toBe(511);
  expect(run(13 * PAGE_BYTES)).toBe(512);
  expect(snapshot.run(snapshot.word(10 * PAGE_BYTES), 700)).toBe(700);
});

test('a slice goes on across pages, wherever they lie in the copy, and ends at a hole', () => {
  const slice = fc.record({ from: fc.nat({ max: 5 * PAGE_BYTES }), length: fc.nat({ max: 3 * PAGE_BYTES }) });
  const snapshot = copied([12, 10, 11, 14]);
  fc.assert(
    fc.property(slice, ({ from, length }) => {
      const address = 10 * PAGE_BYTES + from;
      const end = from < 3 * PAGE_BYTES ? 13 : from >= 4 * PAGE_BYTES ? 15 : 0;
      const expected = Math.max(0, Math.min(length, end * PAGE_BYTES - address));
      expect([...snapshot.slice(address, length)]).toEqual(
        Array.from({ length: expected }, (_, at) => byteAt(address + at)),
      );
    }),
  );
});

test('no address makes a look-up throw, and none outside user space is found', () => {
  const snapshot = copied([TOP / PAGE_BYTES - 1, 1]);
  expect(snapshot.word(TOP - 1)).toBeGreaterThanOrEqual(0);
  const outside = [-1, -8, TOP, TOP + 8, 2 ** 53, 2 ** 63, 2 ** 64, Number.NaN, Number.POSITIVE_INFINITY];
  for (const address of outside) {
    expect([address, snapshot.word(address)]).toEqual([address, -1]);
    expect(snapshot.slice(address, 16)).toHaveLength(0);
  }
  fc.assert(fc.property(fc.double(), (address) => snapshot.word(address) < 1024));
});

test('numbers are read as the signed and unsigned words that they are', () => {
  const snapshot = new Snapshot(PAGE_BYTES);
  const view = new DataView(snapshot.next(PAGE_BYTES).buffer);
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      view.setBigInt64(8, BigInt(value), true);
      expect(snapshot.signed(1)).toBe(value);
      view.setBigUint64(16, BigInt(Math.abs(value)), true);
      expect(snapshot.unsigned(2)).toBe(Math.abs(value));
    }),
  );
});

test('the room behind an address goes up to the end of its mapping and of those right behind it', () => {
  const room = new Room([
    mapping(0x9000, 0xa000),
    mapping(0x2000, 0x4000),
    { ...mapping(0x4000, 0x5000), writable: false },
    mapping(0x8000, 0x9000),
  ]);
  expect(room.bytes).toBe(0x4000);
  const behind = [0x1fff, 0x2000, 0x3fff, 0x4000, 0x8000, 0x9fff, 0xa000, -1, Number.NaN].map((at) => room.behind(at));
  expect(behind).toEqual([0, 0x2000, 1, 0, 0x2000, 1, 0, 0, 0]);
});
