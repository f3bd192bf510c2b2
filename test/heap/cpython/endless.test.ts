import { expect, test } from 'vitest';
import { extensionType } from '../../../src/heap/cpython/extension-types.ts';
import { COMMON } from '../../../src/heap/cpython/layout.ts';
import { layouts } from '../../../src/heap/cpython/layouts/index.ts';
import { ReferenceReader } from '../../../src/heap/cpython/references.ts';
import type { Shape, TypeInfo } from '../../../src/heap/cpython/types.ts';
import { Reached } from '../../../src/heap/graph/reached.ts';
import { Snapshot } from '../../../src/heap/memory/snapshot.ts';

const START = 0x10000;
const BYTES = 1 << 20;
const WORDS = BYTES / 8;
/** Of CPython 3.9: the last whose lru_cache keeps its entries where no object is seen. */
const layout = layouts.find(({ minor }) => minor === 9)!;

/** An empty copy, filled by offset, and a reader of it. */
function memory(fields: Readonly<Record<number, number>>) {
  const snapshot = new Snapshot(BYTES);
  snapshot.add(START, BYTES);
  for (const [offset, value] of Object.entries(fields)) {
    snapshot.words.set([value % 2 ** 32, Math.floor(value / 2 ** 32)], Number(offset) / 4);
  }
  const reached = new Reached(WORDS);
  return { snapshot, reached, reader: new ReferenceReader(snapshot, layout, reached, () => false) };
}

const typeOf = (shape: Shape, scanTo = 0): TypeInfo => ({
  index: 0,
  word: 0,
  name: shape,
  shape,
  flags: 0,
  basicSize: scanTo,
  itemSize: 0,
  dictOffset: 0,
  weaklistOffset: 0,
  isGc: true,
  scanFrom: 0,
  scanTo,
  base: undefined,
  isHeapType: false,
  extension: undefined,
  isLeaf: false,
});

test.each<[string, TypeInfo, Readonly<Record<number, number>>]>([
  ['lists that share a table', typeOf('list'), { 16: 100_000, [COMMON.list.items]: START + 0x1000 }],
  ['tuples that lie over one another', typeOf('tuple'), { 16: 100_000 }],
  ['sets that share a table', typeOf('set'), { [COMMON.set.mask]: 49_999, [COMMON.set.table]: START + 0x1000 }],
  [
    'deques whose one block is its own neighbour',
    typeOf('deque'),
    {
      16: 100_000,
      [COMMON.deque.leftBlock]: START + 0x1000,
      [0x1000 + 8 + COMMON.deque.blockItems * 8]: START + 0x1000,
    },
  ],
  ['objects with fields up to a mebibyte', typeOf('plain', BYTES), {}],
])('%s, full of nothing, are read until the copy was read eight times', (_what, type, fields) => {
  const { reader, reached } = memory(fields);
  let read = 0;
  for (; read < 1000 && !reached.isFull; read += 1) reader.collect(0, type);
  expect(read).toBeGreaterThan(7);
  expect(read).toBeLessThan(20);
  expect(reached.lost).toBe(1);
});

test('the ring of an lru_cache(maxsize=sys.maxsize) that misses the cache comes to an end', () => {
  const { next, key } = COMMON.lruCache.entry;
  const { reader, reached } = memory({
    [COMMON.lruCache.maxSize]: 2 ** 63 - 1024,
    [next]: START + 0x1000,
    [0x1000 + next]: START + 0x1000,
    [0x1000 + key]: START + 0x2000,
  });
  reader.collect(0, typeOf('lru-cache'));
  expect(new Set(reached.targets.subarray(0, reached.references))).toEqual(new Set([0x2000 / 8]));
  expect(reached.references).toBeLessThanOrEqual(WORDS);
});

test('an OrderedDict of a damaged number of entries, whose node is its own neighbour, comes to an end', () => {
  const { reader, reached, snapshot } = memory({
    [COMMON.dict.used]: 2 ** 40,
    48: START + 0x1000,
    4096: START + 0x2000,
    4112: START + 0x1000,
  });
  extensionType('collections.OrderedDict', 200)!.references!(snapshot, layout, 0, reader);
  expect(new Set(reached.targets.subarray(0, reached.references))).toEqual(new Set([0x2000 / 8]));
  expect(reached.references).toBeLessThanOrEqual(WORDS);
});
