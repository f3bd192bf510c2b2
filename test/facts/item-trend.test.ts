import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ItemShape, itemTrend } from '../../src/facts/item-trend.ts';
import { counts, steadily } from './made.ts';

const until = (items: readonly number[]) => itemTrend(counts(items), items.at(-1)! - items[0]!, items.length / 2);

describe('the shape of the counts', () => {
  const shapes: [string, number[], ItemShape][] = [
    ['more at each reading only grows', steadily(), 'only-grows'],
    [
      'one more now and then only grows, while it still does at the end',
      [0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4],
      'only-grows',
    ],
    ['an entry lost now and then does not stop the growth', [0, 10, 20, 19, 30, 40, 50, 49, 60, 70, 80], 'only-grows'],
    ['what is emptied by more than a fifth rises and falls', [0, 10, 20, 30, 0, 10, 20, 30, 0, 10], 'rises-and-falls'],
    ['what only falls rises and falls', [9, 8, 7, 6, 5], 'rises-and-falls'],
    [
      'a copy whose address holds another list now and then rises and falls',
      [10, 11, 3, 13, 14, 2, 16, 17],
      'rises-and-falls',
    ],
    ['what grew and stood still in the last third has settled', [0, 10, 20, 30, 40, 50, 50, 50, 50, 50], 'settled'],
    ['a bounded container that is full settles', [97, 98, 99, 100, 100, 100, 100, 100, 100], 'settled'],
    ['two rises are too few to tell', [0, 0, 0, 5, 5, 5, 9, 9], 'unsure'],
    ['what stands still is too little to tell', [7, 7, 7, 7, 7, 7], 'unsure'],
    ['one count is too little to tell', [7], 'unsure'],
  ];
  test.each(shapes)('%s', (_, items, shape) => expect(until(items).shape).toBe(shape));

  test('no counts at all are too little to tell', () => {
    expect(itemTrend([], 5, 10)).toEqual({ shape: 'unsure', rises: 0, falls: 0, itemsPerSecond: 0.5 });
  });
});

describe('the rate', () => {
  test('is the slope of the counts', () => expect(until(steadily(50)).itemsPerSecond).toBe(100));
  test('is what the looks gained where the counts are another object’s now and then', () => {
    // Falling counts have a falling slope, though the list is longer than it was.
    const trend = itemTrend(counts([100, 110, 3, 2, 120, 1, 130, 2, 1, 2]), 40, 5);
    expect(trend).toMatchObject({ shape: 'rises-and-falls', itemsPerSecond: 8 });
  });
  test('is zero, not less, for what becomes fewer', () => expect(itemTrend([], -50, 10).itemsPerSecond).toBe(0));
  test('is what the looks gained where the counts are of next to the same moment', () => {
    const series = [0, 50, 100, 150, 200].map((items, at): [number, number] => [at * 5e-324, items]);
    expect(itemTrend(series, 200, 10).itemsPerSecond).toBe(20);
  });
  test('is not known from two looks at the same moment', () => expect(itemTrend([], 50, 0).itemsPerSecond).toBe(0));
});

test('rises, falls and rate of any counts are numbers that can be told', () => {
  const time = fc.oneof(fc.constant(1e9), fc.double({ min: 0, max: 253_402_300_799, noNaN: true }));
  const items = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e30, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(time, items)),
      fc.integer(),
      fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
      (series, gained, seconds) => {
        const { rises, falls, itemsPerSecond } = itemTrend(series, gained, seconds);
        expect(rises + falls).toBeLessThanOrEqual(Math.max(0, series.length - 1));
        expect(Number.isFinite(itemsPerSecond) && itemsPerSecond >= 0).toBe(true);
      },
    ),
  );
});
