import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differs, heldBy, type LookPair, pairLooks } from '../../src/facts/look-pairs.ts';
import { type Holder, holderOf, look, MIB } from './made.ts';

const NAMES = ['app.ORDERS', 'app.CACHE', "app.CACHE['a']", 'app.Desk.orders', '__main__.rows', 'shop.basket'];
const bytes = fc.oneof(fc.nat({ max: 20_000 }), fc.nat({ max: 50 * MIB }));
const holder = (name: string): fc.Arbitrary<Holder> =>
  fc
    .record({
      retainedBytes: bytes,
      sharedBytes: fc.oneof(fc.constant(0), bytes),
      items: fc.nat({ max: 10_000 }),
      instances: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 50 })),
      address: fc.constantFrom('0x7f01', '0x7f02', '0x7f03'),
      kind: fc.constantFrom('module-variable' as const, 'local' as const, 'interpreter' as const, 'none' as const),
    })
    .map((about) => holderOf({ name, ...about }));
const someHolders = fc
  .subarray(NAMES)
  .chain((names) => fc.tuple(...names.map(holder)))
  .map((holders): Holder[] => holders);
const anyLook = fc
  .record({
    holders: someHolders,
    containers: fc.option(
      fc.record({ leastBytes: fc.nat(5000), leastTogetherBytes: fc.nat(50_000), holders: someHolders }),
      { nil: undefined },
    ),
    partial: fc.option(fc.constant('some of it was not copied'), { nil: undefined, freq: 8 }),
  })
  .map(look);

const swapped = ({ name, before, now, itemsGained, bytesGained }: LookPair): LookPair => ({
  name,
  before: now,
  now: before,
  itemsGained: -itemsGained + 0,
  bytesGained: -bytesGained + 0,
});
const byName = (pairs: readonly LookPair[]) => pairs.toSorted((a, b) => (a.name < b.name ? -1 : 1));

describe('two looks, whichever', () => {
  test('differ the other way round when they are swapped', () => {
    fc.assert(
      fc.property(anyLook, anyLook, (a, b) => {
        expect(byName(pairLooks(b, a, false))).toEqual(byName(pairLooks(a, b, false).map(swapped)));
      }),
    );
  });

  test('do not differ where they are one', () => {
    fc.assert(
      fc.property(anyLook, fc.boolean(), (one, sameProcess) => {
        const pairs = pairLooks(one, structuredClone(one), sameProcess);
        expect(pairs.filter(differs)).toEqual([]);
        expect(pairs.every(({ itemsGained, bytesGained }) => itemsGained === 0 && bytesGained === 0)).toBe(true);
      }),
    );
  });

  test('are compared the same in whatever order their holders are listed', () => {
    const turned = (one: ReturnType<typeof look>) => ({
      ...one,
      holders: one.holders.toReversed(),
      ...(one.containers ? { containers: { ...one.containers, holders: one.containers.holders.toReversed() } } : {}),
    });
    fc.assert(
      fc.property(anyLook, anyLook, (a, b) => {
        expect(pairLooks(turned(a), turned(b), false)).toEqual(pairLooks(a, b, false));
      }),
    );
  });

  test('never claim more bytes gained or lost than a look holds by that name, unless items are what is shared', () => {
    fc.assert(
      fc.property(anyLook, anyLook, (a, b) => {
        for (const { before, now, bytesGained } of pairLooks(a, b, false)) {
          if ((before?.sharedBytes ?? 0) + (now?.sharedBytes ?? 0) > 0) continue;
          expect(bytesGained).toBeLessThanOrEqual(heldBy(now));
          expect(-bytesGained).toBeLessThanOrEqual(heldBy(before));
        }
      }),
    );
  });
});

const listing = (holders: Holder[], leastBytes = 1024, leastTogetherBytes = 0) =>
  look({ containers: { leastBytes, leastTogetherBytes, holders } });
const only = (pairs: readonly LookPair[]) => {
  expect(pairs).toHaveLength(1);
  return pairs[0]!;
};

test('what is not listed in the older look may have been there and too small: so much is not counted', () => {
  const now = listing([holderOf({ retainedBytes: 100_000, items: 100 })]);
  expect(only(pairLooks(listing([], 1024), now, true))).toMatchObject({ bytesGained: 98_976, itemsGained: 98 });
  expect(only(pairLooks(listing([], 1024, 60_000), now, true))).toMatchObject({ bytesGained: 40_000, itemsGained: 40 });
});

test('of several containers of one name, those that only came to be listed are not counted in full', () => {
  const before = listing([holderOf({ instances: 10, retainedBytes: 20_000 })]);
  const now = listing([holderOf({ instances: 15, retainedBytes: 30_000 })]);
  expect(only(pairLooks(before, now, true)).bytesGained).toBe(10_000 - 5 * 1024);
});

test('nothing is new against a look that was not whole', () => {
  const before = look({ partial: '12 MiB were not copied', containers: listing([]).containers });
  expect(pairLooks(before, listing([holderOf()]), true).filter(differs)).toEqual([]);
});

test('an older whyoom kept twelve holders: what is not among them had no more than the least of them', () => {
  const twelve = Array.from({ length: 12 }, (_, at) => holderOf({ name: `app.H${at}`, retainedBytes: MIB * (at + 1) }));
  const now = listing([...twelve, holderOf({ retainedBytes: 3 * MIB })]);
  const pair = pairLooks(look({ holders: twelve }), now, true).find(({ name }) => name === 'app.ORDERS');
  expect(pair!.bytesGained).toBe(2 * MIB);
});

test('within one process a container at the same place is the same under another name; between two it is not', () => {
  const before = listing([holderOf({ name: 'app.main.<locals>.orders', retainedBytes: 40_000, items: 10 })]);
  const now = listing([holderOf({ name: 'app.ORDERS', retainedBytes: 90_000, items: 25 })]);
  expect(only(pairLooks(before, now, true))).toMatchObject({
    name: 'app.ORDERS',
    itemsGained: 15,
    bytesGained: 50_000,
  });
  expect(pairLooks(before, now, false).map(({ name }) => name)).toEqual(['app.ORDERS', 'app.main.<locals>.orders']);
});

test('where two registries share their objects, an item costs what it keeps, not what each alone would free', () => {
  const shared = (items: number) => holderOf({ items, retainedBytes: items * 8, sharedBytes: items * 1000 });
  const pair = only(pairLooks(look({ holders: [shared(100)] }), look({ holders: [shared(300)] }), true));
  expect(pair.bytesGained).toBeCloseTo(200 * 1008);
});
