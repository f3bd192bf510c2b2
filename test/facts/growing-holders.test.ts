import { describe, expect, test } from 'vitest';
import { explainedBy } from '../../src/facts/explained-growth.ts';
import { growingHolders, type Judgement } from '../../src/facts/growing-holders.ts';
import {
  FEEDS,
  type Grown,
  type Growth,
  grownBy,
  growthOf,
  MIB,
  rising,
  type Series,
  type Source,
  sourceOf,
  steadily,
} from './made.ts';

const judged = (grown: Grown[], about: { growth?: Partial<Growth>; source?: Source; memory?: Series } = {}) =>
  growingHolders(growthOf(grown, about.growth), about.source, about.memory);

const COPIES = [10, 110, 3, 130, 4, 150, 160, 5, 180, 190, 200];
const EMPTIES_WHERE_FED = sourceOf(
  'ORDERS = []\n\n\ndef take(order):\n    ORDERS.append(order)\n    if len(ORDERS) > 500:\n        ORDERS.pop(0)\n',
);

describe('the judgement', () => {
  test.each<[string, Grown, Parameters<typeof judged>[1], Judgement]>([
    ['more and more without a bound leaks', grownBy(steadily()), {}, 'leaks'],
    ['the same with a source that only feeds leaks', grownBy(steadily()), { source: FEEDS }, 'leaks'],
    ['a deque with a maxlen fills', grownBy(steadily(), { bound: 5000 }), {}, 'fills'],
    ['a list that is trimmed where it is fed fills', grownBy(steadily()), { source: EMPTIES_WHERE_FED }, 'fills'],
    ['what grew and stands still has settled', grownBy([0, 10, 20, 30, 40, 50, 50, 50, 50, 50]), {}, 'settled'],
    ['what is filled and emptied churns', grownBy([0, 10, 20, 3, 13, 23, 6]), {}, 'churns'],
    ['two rises are no proof', grownBy([0, 0, 0, 500, 500, 500, 900]), {}, 'unsure'],
    ['two rises that memory rose for leak', grownBy([0, 0, 0, 500, 500, 500, 900]), { memory: rising(1) }, 'leaks'],
    [
      'a list that is replaced by larger copies leaks, where memory rises for it',
      grownBy(COPIES),
      { memory: rising(1) },
      'leaks',
    ],
    ['and churns where memory does not', grownBy(COPIES), { memory: rising(0) }, 'churns'],
    ['and churns where it has a bound', grownBy(COPIES, { bound: 500 }), { memory: rising(1) }, 'churns'],
    [
      'and churns where the rest of the heap gained more',
      grownBy(COPIES),
      { memory: rising(1), growth: { objectBytesGrown: 40 * MIB } },
      'churns',
    ],
    [
      'and churns where the heap became smaller, and memory rises for something else',
      grownBy(COPIES, { retainedBytes: 40_000 }),
      { memory: rising(1), growth: { objectBytesGrown: -MIB } },
      'churns',
    ],
  ])('%s', (_, grown, about, judgement) =>
    expect(judged([grown], about).map((each) => each.judgement)).toEqual([judgement]),
  );
});

test('what was asked before with another source or memory is judged anew', () => {
  const growth = growthOf([grownBy(steadily())]);
  const judgements = [FEEDS, EMPTIES_WHERE_FED, undefined].map(
    (source) => growingHolders(growth, source, undefined)[0]!.judgement,
  );
  expect(judgements).toEqual(['leaks', 'fills', 'leaks']);
  expect(growingHolders(growth, undefined, undefined)).toBe(growingHolders(growth, undefined, undefined));
});

describe('what is left out', () => {
  const names = (grown: Grown[]) => judged(grown).map(({ holder }) => holder.name);

  test('a registry of weak references, which keeps nothing', () => {
    expect(names([grownBy(steadily(), { elementType: 'weakref.KeyedRef' })])).toEqual([]);
  });
  test('what gains less than 256 bytes a second', () => {
    expect(names([grownBy(steadily(), { retainedBytes: 2500 })])).toEqual([]);
    expect(names([grownBy(steadily(), { retainedBytes: 2600 })])).toEqual(['app.ORDERS']);
  });
  test('what gains less than a hundredth of the fastest', () => {
    const small = grownBy(steadily(), { name: 'app.SMALL', retainedBytes: 0.09 * MIB });
    expect(names([small, grownBy(steadily())])).toEqual(['app.ORDERS']);
    expect(names([small])).toEqual(['app.SMALL']);
  });
  test('the interpreter’s own tables and a thread’s locals, which grow along with what leaks', () => {
    const interned = grownBy(steadily(), { name: '<interpreter>.interned', kind: 'interpreter', retainedBytes: MIB });
    const local = grownBy(steadily(), { name: '<thread>.x', kind: 'thread-local', retainedBytes: MIB });
    expect(names([interned, local, grownBy(steadily())])).toEqual(['app.ORDERS']);
  });
  test('but not where they gain more, or where nothing else leaks', () => {
    const interned = grownBy(steadily(), {
      name: '<interpreter>.interned',
      kind: 'interpreter',
      retainedBytes: 20 * MIB,
    });
    expect(names([interned, grownBy(steadily())])).toEqual(['<interpreter>.interned', 'app.ORDERS']);
    expect(names([interned, grownBy([0, 9, 1, 8, 2, 9])])).toEqual(['<interpreter>.interned', 'app.ORDERS']);
  });
});

describe('the numbers', () => {
  test('bytes and items are what the looks gained', () => {
    const [grown] = judged([grownBy([500, 600, 700, 800, 900, 1000], { retainedBytes: 10 * MIB })]);
    expect(grown).toMatchObject({
      itemsNow: 1000,
      heldNow: 10 * MIB,
      bytesPerSecond: MIB / 2,
      seenAgain: true,
      countsBetween: 5,
    });
    expect(grown!.bytesPerItem).toBeCloseTo((10 * MIB) / 1000);
  });
  test('what the fastest gains comes first', () => {
    const slow = grownBy(steadily(), { name: 'app.SLOW', retainedBytes: MIB });
    expect(judged([slow, grownBy(steadily())]).map(({ holder }) => holder.name)).toEqual(['app.ORDERS', 'app.SLOW']);
  });
  test('of a process that ended in mid-watch they are what was counted last, at the cost of the first look', () => {
    const first = grownBy(steadily(), { items: 100, retainedBytes: 100_000 });
    const counted = {
      ...first,
      itemsBefore: 100,
      heldBefore: 100_000,
      counts: first.counts.map(([at, items]): [number, number] => [at, items + 100]),
    };
    const [grown] = judged([counted], { growth: { second: undefined, objectBytesGrown: 0, seconds: 10.2 } });
    expect(grown).toMatchObject({
      judgement: 'leaks',
      seenAgain: false,
      itemsNow: 1100,
      heldNow: 1_100_000,
      countsBetween: 19,
    });
    expect(grown).toMatchObject({ bytesPerItem: 1000, bytesPerSecond: 100_000 });
  });
  test('two looks at one moment give no rate, and no nonsense', () => {
    expect(judged([grownBy([0, 5])], { growth: { seconds: 0 } })).toEqual([]);
    expect(judged([grownBy([0, 5])], { growth: { seconds: 5e-324 } })).toEqual([]);
  });
});

describe('growth that holders share', () => {
  const shared = (name: string, retainedBytes: number, sharedBytes: number) =>
    grownBy(steadily(), { name, retainedBytes, sharedBytes });
  const explained = (grown: Grown[]) => {
    const all = judged(grown);
    return all.map((each) => explainedBy(each, all)).reduce((sum, bytes) => sum + bytes, 0);
  };

  test('is divided, so that two holders of the same objects explain it once', () => {
    expect(explained([shared('app.A', 0, 10 * MIB), shared('app.B', 0, 10 * MIB)])).toBe(MIB);
  });
  test('comes to what each alone keeps and once what both do', () => {
    expect(explained([shared('app.A', 2 * MIB, 8 * MIB), shared('app.B', 4 * MIB, 8 * MIB)])).toBeCloseTo(
      1.4 * MIB,
      -1,
    );
  });
  test('is not divided with one that does not leak', () => {
    const churns = grownBy([0, 9, 1, 8, 2, 9], { name: 'app.C', retainedBytes: 0, sharedBytes: 5 * MIB });
    const all = judged([shared('app.A', 0, 10 * MIB), churns]);
    expect(explainedBy(all[0]!, all)).toBe(MIB);
  });
  test('of a holder that shares nothing is all its own', () => {
    expect(explained([shared('app.A', 10 * MIB, 0), shared('app.B', 5 * MIB, 0)])).toBeCloseTo(1.5 * MIB, -1);
  });
});
