import { expect, test } from 'vitest';
import type { LiveTarget } from '../../../src/heap/live-target.ts';
import type { Range } from '../../../src/heap/memory/ranges.ts';
import type { RemoteMemory, TakePages } from '../../../src/heap/memory/remote.ts';
import { RemoteCopy } from '../../../src/heap/memory/remote-copy.ts';
import { PAGE_BYTES } from '../../../src/heap/memory/snapshot.ts';
import { mapping } from '../memory/fake-reader.ts';

const HEAP = 0x5500_0000_0000;
const LARGE = 0x7f00_0000_0000;
const NEW = 0x7f80_0000_0000;
/** More than is copied whole. */
const LARGE_PAGES = 256;

/** A process of pages filled with a byte, over a link that counts what it copies. */
function process() {
  const pages = new Map<number, number>();
  const maps = [mapping(HEAP, HEAP + 4 * PAGE_BYTES), mapping(LARGE, LARGE + LARGE_PAGES * PAGE_BYTES)];
  const fill = (address: number, count: number, byte: number) => {
    for (let at = 0; at < count; at += 1) pages.set(address + at * PAGE_BYTES, byte);
  };
  fill(HEAP, 4, 1);
  fill(LARGE, LARGE_PAGES, 2);
  const changed: number[] = [];
  let copiedPages = 0;
  const eachPage = ({ start, end }: Range) =>
    Array.from({ length: (end - start) / PAGE_BYTES }, (_, at) => start + at * PAGE_BYTES);
  const give = (addresses: readonly number[], take: TakePages) => {
    for (const address of addresses) take(address, new Uint8Array(PAGE_BYTES).fill(pages.get(address) ?? 0));
    return addresses.length;
  };
  const states = (ranges: readonly Range[], isOne: (address: number) => boolean) =>
    ranges.map((range) => Uint8Array.from(eachPage(range), (address) => (isOne(address) ? 1 : 0)));
  const memory: RemoteMemory = {
    maps: () => maps,
    pages: (ranges) => states(ranges, (address) => pages.has(address)),
    pools: (ranges) => states(ranges, () => false),
    read: () => 0,
    copy(ranges, take) {
      const there = ranges.flatMap(eachPage).filter((address) => pages.has(address));
      copiedPages += there.length;
      return give(there, take) * PAGE_BYTES;
    },
    changes: (take) => ({ pages: give(changed.splice(0), take), ms: 1 }),
    stopped: (_, take) => ({
      atUnixSeconds: 0,
      pauseMs: 1,
      changedPages: give(changed.splice(0), take),
      missedPages: 0,
      maps,
    }),
    gather: (addresses, bytes) => new Uint8Array(addresses.length * bytes),
  };
  const target = { availableBytes: () => 2 ** 33 } as LiveTarget;
  return { copy: new RemoteCopy(target, memory), maps, fill, changed, copiedPages: () => copiedPages };
}

test('what a round of changes tells of memory that is new is in the copy, for the reader tells it once', () => {
  const { copy, maps, fill, changed } = process();
  maps.push(mapping(NEW, NEW + 4 * PAGE_BYTES));
  fill(NEW, 4, 7);
  changed.push(NEW, NEW + 2 * PAGE_BYTES);
  copy.settle();
  copy.stop(1000);
  expect([0, 2].map((page) => copy.snapshot.slice(NEW + page * PAGE_BYTES, 1)[0])).toEqual([7, 7]);
  expect(copy.snapshot.withheldBytes).toBe((LARGE_PAGES + 2) * PAGE_BYTES);
});

test('what was asked of the copy after a look is not fetched for the next one', () => {
  const { copy, copiedPages } = process();
  copy.settle();
  copy.stop(1000);
  for (let page = 0; page < LARGE_PAGES; page += 4) copy.snapshot.word(LARGE + page * PAGE_BYTES);
  const before = copiedPages();
  expect(copy.renew()).toBe(true);
  copy.fetchWanted(0);
  expect(copiedPages()).toBe(before);
  copy.snapshot.word(LARGE);
  expect(copy.fetchWanted(0).memoryBytes).toBe(PAGE_BYTES);
});
