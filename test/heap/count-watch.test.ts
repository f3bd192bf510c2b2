import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Look } from '../../src/heap/look-parts.ts';
import type { MemoryReader } from '../../src/heap/memory/reader.ts';
import { CountWatch } from '../../src/heap/watch.ts';

const LIST = 0x500000;
const DICT = 0x600000;
/** Only what the watch asks of a type: where it lies, and by its shape where the count is. */
const TYPES = [
  { word: LIST / 8, shape: 'list' },
  { word: DICT / 8, shape: 'dict' },
];

const ITEM_BYTES = 100;

interface Container {
  readonly address: number;
  readonly type: 0 | 1;
  items: number;
}

/** A look at containers, in the order of their addresses. */
function lookAt(containers: readonly Container[]): Look {
  const items = new Map(containers.map((container) => [container.address + 16, container.items]));
  const view = {
    snapshot: {
      address: (word: number) => word * 8,
      signed: (word: number) => items.get(word * 8),
    },
    dominators: { retained: containers.map((container) => container.items * ITEM_BYTES) },
    walked: {
      graph: { count: containers.length, type: containers.map(({ type }) => type) },
      words: containers.map(({ address }) => address / 8),
      types: { all: TYPES },
      sizeAt: () => 2 ** 40,
    },
  };
  return { atUnixSeconds: 0, view } as unknown as Look;
}

/** A live process: what lies at each 8-byte word; a read ends where `holes` begin. */
function process(containers: readonly Container[], end = Number.POSITIVE_INFINITY) {
  const words = new Map<number, number>();
  const put = ({ address, type, items }: Container, typeAddress = TYPES[type]!.word * 8) => {
    words.set(address, 1).set(address + 8, typeAddress);
    // Both shapes keep their count in the same place; another word next to it must not be taken for it.
    words.set(address + 16, items).set(address + 24, 999_999);
  };
  for (const container of containers) put(container);
  const reads: [number, number][] = [];
  const reader: MemoryReader = {
    maps: [],
    read(address, into) {
      const length = Math.max(0, Math.min(into.length, end - address));
      const view = new DataView(into.buffer, into.byteOffset, length);
      for (let at = 0; at + 8 <= length; at += 8) view.setBigUint64(at, BigInt(words.get(address + at) ?? 0), true);
      reads.push([address, length]);
      return length;
    },
  };
  return { reader, put, words, reads };
}

const START = 0x10000;
const many = (count: number, apart: number): Container[] =>
  Array.from({ length: count }, (_, at) => ({ address: START + at * apart, type: at % 2 === 0 ? 0 : 1, items: at }));

test('the series of a container is the count that it had at each reading', () => {
  const histories = fc.array(fc.array(fc.nat({ max: 5 }), { minLength: 6, maxLength: 6 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(histories, fc.constantFrom(48, 4096, 20_000, 300_000), (counts, apart) => {
      const containers = many(counts.length, apart).map((each, at) => ({ ...each, items: counts[at]![0]! }));
      const { reader, put } = process(containers);
      const watch = new CountWatch(lookAt(containers));
      for (let time = 1; time < 6; time += 1) {
        containers.forEach((each, at) => {
          put({ ...each, items: counts[at]![time]! });
        });
        watch.read(reader, time);
      }
      counts.forEach((history, at) => {
        expect(watch.series([containers[at]!.address])).toEqual(history.map((items, time) => [time, items]));
      });
      const sums = counts[0]!.map((_, time) => [time, counts.reduce((sum, history) => sum + history[time]!, 0)]);
      expect(watch.series(containers.map(({ address }) => address))).toEqual(sums);
      const grown = counts.flatMap((history, at) => (history[5]! > history[0]! ? [containers[at]!.address] : []));
      expect(new Set(watch.grown())).toEqual(new Set(grown));
    }),
  );
});

test('only what rose at three readings and fell at none grows', () => {
  const containers = many(3, 4096).map((each) => ({ ...each, items: 10 }));
  const { reader, put } = process(containers);
  const watch = new CountWatch(lookAt(containers));
  const histories = [
    [11, 12, 12, 13],
    [11, 13, 12, 14],
    [10, 11, 11, 12],
  ];
  for (let time = 0; time < 4; time += 1) {
    containers.forEach((each, at) => {
      put({ ...each, items: histories[at]![time]! });
    });
    watch.read(reader, time + 1);
  }
  expect(watch.summary()).toEqual({ growing: 1, itemsGained: 3, bytesGained: 3 * ITEM_BYTES });
});

test('a container that was freed, or is of another type by now, is dropped and stays so', () => {
  const containers = many(3, 64).map((each) => ({ ...each, items: 1 }));
  const { reader, put } = process(containers);
  const watch = new CountWatch(lookAt(containers));
  put({ ...containers[0]!, items: 500 }, 0x777000);
  put({ ...containers[1]!, items: 2 });
  watch.read(reader, 1);
  put({ ...containers[0]!, items: 900 });
  put({ ...containers[1]!, items: 3 });
  watch.read(reader, 2);
  expect(watch.grown()).toEqual([containers[1]!.address]);
  expect(watch.series([containers[0]!.address])).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ]);
});

test.each([
  ['in the free list of its type', 0],
  ['in the pool of the allocator', 0x7f0000012340],
])('a container that was freed and still looks like one is dropped: %s', (_where, firstWord) => {
  const containers = many(2, 64).map((each) => ({ ...each, items: 1 }));
  const { reader, put, words } = process(containers);
  const watch = new CountWatch(lookAt(containers));
  for (const each of containers) put({ ...each, items: 9 });
  words.set(containers[0]!.address, firstWord);
  watch.read(reader, 1);
  expect(watch.grown()).toEqual([containers[1]!.address]);
});

test('where a read ends early only what lies behind is dropped', () => {
  const containers = many(10, 1024).map((each) => ({ ...each, items: 0 }));
  const end = containers[6]!.address + 8;
  const { reader, put } = process(containers, end);
  const watch = new CountWatch(lookAt(containers));
  for (const each of containers) put({ ...each, items: 7 });
  watch.read(reader, 1);
  expect(watch.grown()).toEqual(containers.slice(0, 6).map(({ address }) => address));
});

test('neighbours are read in one go, in blocks of at most 256 KiB, and gaps are not read', () => {
  const dense = many(5000, 64);
  const far = { address: START + 2 ** 30, type: 0, items: 1 } as const;
  const { reader, reads } = process([...dense, far]);
  new CountWatch(lookAt([...dense, far])).read(reader, 1);
  expect(reads).toEqual([
    [START, (256 << 10) - 32],
    [START + (256 << 10), 5000 * 64 - (256 << 10) - 32],
    [far.address, 32],
  ]);
});

test('of more containers than can be watched the largest are', () => {
  const containers = many(200_010, 64).map((each, at) => ({ ...each, items: at < 10 ? 0 : 1 }));
  const watch = new CountWatch(lookAt(containers));
  expect(watch.watched).toBe(200_000);
  expect(watch.series([containers[0]!.address])).toEqual([]);
  expect(watch.series([containers[200_009]!.address])).toEqual([[0, 1]]);
});
