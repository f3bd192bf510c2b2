import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalCdf, normalQuantile, twoSidedP } from '../../src/stats/normal.ts';
import { median, quantile } from '../../src/stats/quantiles.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 2, 4, 1])).toBe(3);
  expect(median([])).toBeUndefined();
  expect(median([Number.NaN, 5])).toBe(5);
});

test('quantiles agree with R type 7', () => {
  const values = [15, 20, 35, 40, 50];
  expect([0, 0.05, 0.4, 0.75, 1].map((q) => quantile(values, q))).toEqual([15, 16, 29, 40, 50]);
});

test('a quantile grows with its share, stays within the values and does not depend on their order', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), share, share, (values, a, b) => {
      const [low, high] = [quantile(values, Math.min(a, b))!, quantile(values, Math.max(a, b))!];
      expect(low).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThanOrEqual(Math.min(...values));
      expect(high).toBeLessThanOrEqual(Math.max(...values));
      expect(quantile(values.toReversed(), a)).toBe(quantile(values, a));
    }),
  );
});

test('the normal distribution agrees with its tables', () => {
  expect(normalCdf(0)).toBeCloseTo(0.5, 6);
  expect(normalCdf(1.959963985)).toBeCloseTo(0.975, 6);
  expect(twoSidedP(-1.644853627)).toBeCloseTo(0.1, 6);
  expect(normalQuantile(0.95)).toBeCloseTo(1.644853627, 5);
  expect(normalQuantile(0.025)).toBeCloseTo(-1.959963985, 5);
});
