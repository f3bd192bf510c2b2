import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { theilSen } from '../../src/stats/theil-sen.ts';
import { noise, seeded, share } from './series.ts';

const MiB = 1024 * 1024;
const value = fc.integer({ min: -1e6, max: 1e6 });
const series = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 10_000 }), value), {
  minLength: 4,
  maxLength: 40,
  selector: ([x]) => x,
});
const close = (actual: number, wanted: number, size = 1) =>
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-9 * (Math.abs(wanted) + size));

describe('the slope', () => {
  test('of a straight line is the line, with an interval of no width', () => {
    const trend = theilSen(Array.from({ length: 20 }, (_, i) => [i * 0.5, 7 + 3 * i]))!;
    expect(trend).toMatchObject({ slope: 6, low: 6, high: 6, level: 0.9 });
    close(trend.intercept, 7);
  });

  test('moves and stretches with the series, and so does its interval', () => {
    fc.assert(
      fc.property(
        series,
        value,
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: -1000, max: 1000 }),
        (s, up, by, tilt) => {
          const plain = theilSen(s)!;
          const changed = theilSen(s.map(([x, y]) => [x, y * by + tilt * x + up] as const))!;
          const size = 1e9;
          close(changed.slope, plain.slope * by + tilt, size);
          expect(changed.low).toBeLessThanOrEqual(changed.slope);
          expect(changed.slope).toBeLessThanOrEqual(changed.high);
          const scaled = theilSen(s.map(([x, y]) => [x, y * by + up] as const))!;
          close(scaled.low, plain.low * by, size);
          close(scaled.high, plain.high * by, size);
        },
      ),
    );
  });

  test('changes its sign when time runs backwards, and does not depend on the order of the points', () => {
    fc.assert(
      fc.property(series, fc.infiniteStream(fc.nat()), (s, keys) => {
        const plain = theilSen(s)!;
        const shuffled = s.map((p) => [keys.next().value, p] as const).sort(([a], [b]) => a - b);
        expect(theilSen(shuffled.map(([, p]) => p))).toEqual(plain);
        close(theilSen(s.map(([x, y]) => [-x, y] as const))!.slope, -plain.slope);
      }),
    );
  });

  test('stays near the truth with a quarter of the points anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 5, maxLength: 5 }),
        fc.nat(),
        (wild, seed) => {
          const random = seeded(seed);
          const points = Array.from({ length: 20 }, (_, i) => [i, 10 * i] as [number, number]);
          for (const y of wild) points[Math.floor(random() * 20)]![1] = y;
          close(theilSen(points)!.slope, 10, 1e9);
        },
      ),
    );
  });

  test('is not known from three points, nor from many at three moments, nor from what is no number', () => {
    expect(
      theilSen([
        [0, 1],
        [1, 2],
        [2, 3],
      ]),
    ).toBeUndefined();
    expect(theilSen(Array.from({ length: 30 }, (_, i) => [i % 3, i]))).toBeUndefined();
    expect(
      theilSen([
        [0, 1],
        [1, 2],
        [2, 3],
        [3, Number.NaN],
        [Number.POSITIVE_INFINITY, 4],
      ]),
    ).toBeUndefined();
    expect(theilSen([])).toBeUndefined();
  });

  test('of memory that grows in arenas of 1 MiB is the mean rate, and its interval is above nothing', () => {
    for (const steps of [5, 8, 15]) {
      const points = Array.from({ length: 40 }, (_, i) => [i * 0.5, Math.floor((i * steps) / 40) * MiB] as const);
      const trend = theilSen(points)!;
      const rate = (steps / 20) * MiB;
      expect(trend.low).toBeGreaterThan(0);
      expect(trend.low).toBeLessThanOrEqual(rate);
      expect(trend.high).toBeGreaterThanOrEqual(rate);
      expect(Math.abs(trend.slope / rate - 1)).toBeLessThan(0.15);
    }
  });

  test('is not certain after a single jump between two plateaus', () => {
    const jump = theilSen(Array.from({ length: 30 }, (_, i) => [i, i < 12 ? 50 * MiB : 90 * MiB] as const))!;
    expect(jump.low).toBeLessThanOrEqual(0);
  });

  test('of a hundred thousand points is found from blocks of them', () => {
    const random = seeded(3);
    const points = Array.from({ length: 100_000 }, (_, i) => [i, 5 * i + (random() < 0.05 ? 1e9 : random())] as const);
    const trend = theilSen(points)!;
    expect(trend.slope).toBeCloseTo(5, 4);
    expect(trend.low).toBeLessThanOrEqual(5);
    expect(trend.high).toBeGreaterThanOrEqual(5);
  });
});

describe('the interval of 90 %', () => {
  const RUNS = 600;
  const covers = (length: number, rho: number, random: () => number) => {
    const trend = theilSen(noise(length, rho, random).map((y, x) => [x, y + 0.3 * x] as const))!;
    return trend.low <= 0.3 && 0.3 <= trend.high;
  };
  for (const rho of [0, 0.5]) {
    for (const length of [10, 20, 40, 100]) {
      test(`holds the true slope in at least 85 % of ${length} samples that keep ${rho} of the one before`, () => {
        const random = seeded(100 * length + rho);
        expect(share(RUNS, () => covers(length, rho, random))).toBeGreaterThanOrEqual(0.85);
      });
    }
  }

  test('is narrow enough to be of use: a slope of a fifth of the noise a sample is told from none', () => {
    const random = seeded(11);
    const found = share(300, () => theilSen(noise(20, 0, random).map((y, x) => [x, y + 0.2 * x] as const))!.low > 0);
    expect(found).toBeGreaterThanOrEqual(0.9);
  });
});
