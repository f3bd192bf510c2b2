import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mannKendall } from '../../src/stats/mann-kendall.ts';
import { noise, seeded, share } from './series.ts';

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 40 });

describe('Mann–Kendall', () => {
  test('gives a small p and tau 1 for a series that only rises', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 10, maxLength: 60 }), (steps) => {
        let sum = 0;
        const rising = mannKendall(steps.map((step) => (sum += step)));
        expect(rising.tau).toBe(1);
        expect(rising.s).toBe((steps.length * (steps.length - 1)) / 2);
        // Not 0.05: ten values in one jump and two plateaus are worth fewer than ten.
        expect(rising.p).toBeLessThan(0.1);
      }),
    );
  });

  test('changes sign with the series turned over or run backwards, and keeps its p', () => {
    fc.assert(
      fc.property(values, (series) => {
        const plain = mannKendall(series);
        for (const other of [series.map((v) => -v), series.toReversed()]) {
          const turned = mannKendall(other);
          expect(turned.s + plain.s).toBe(0);
          expect(turned.p).toBeCloseTo(plain.p, 9);
          expect(turned.tau + plain.tau).toBeCloseTo(0, 12);
        }
      }),
    );
  });

  test('does not change when every value is shifted and scaled', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 64 }), fc.integer(), (series, by, up) => {
        const plain = mannKendall(series);
        const moved = mannKendall(series.map((v) => v * by + up));
        expect(moved.s).toBe(plain.s);
        expect(moved.p).toBeCloseTo(plain.p, 6);
      }),
    );
  });

  test('keeps p between 0 and 1 and tau between -1 and 1, whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 30 }), (series) => {
        const { p, tau, z } = mannKendall(series);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(Math.abs(tau)).toBeLessThanOrEqual(1 + 1e-12);
        expect(Number.isFinite(z)).toBe(true);
      }),
    );
  });

  test('says nothing from fewer than four values or from values that are all the same', () => {
    expect(mannKendall([])).toEqual({ s: 0, z: 0, p: 1, tau: 0 });
    expect(mannKendall([1, 2, 3])).toMatchObject({ s: 3, p: 1 });
    expect(mannKendall(Array(50).fill(7))).toEqual({ s: 0, z: 0, p: 1, tau: 0 });
  });

  test('is near the exact p, counted over all orders of four to seven values', () => {
    for (const n of [4, 5, 6, 7]) {
      const all = orders(n).map((order) => mannKendall(order));
      for (const one of all) {
        const exact = all.filter((other) => Math.abs(other.s) >= Math.abs(one.s)).length / all.length;
        expect(Math.abs(one.p - exact)).toBeLessThan(0.03);
      }
    }
  });

  test('takes ties off the variance: S of [1, 1, 2, 2, 3, 3] is 12 with variance 25', () => {
    const { s, z } = mannKendall([1, 1, 2, 2, 3, 3]);
    expect(s).toBe(12);
    expect(z).toBeCloseTo(11 / Math.sqrt((6 * 5 * 17 - 3 * 2 * 9) / 18), 12);
  });

  test('finds growth in arenas with plateaus between', () => {
    const stairs = Array.from({ length: 40 }, (_, i) => Math.floor(i / 8));
    expect(mannKendall(stairs).p).toBeLessThan(0.01);
  });

  for (const rho of [0, 0.5]) {
    for (const length of [10, 20, 40, 100]) {
      test(`cries wolf at most twice as often as it says, for ${length} samples that keep ${rho} of the one before`, () => {
        const random = seeded(7 * length + 10 * rho);
        expect(share(600, () => mannKendall(noise(length, rho, random)).p < 0.05)).toBeLessThanOrEqual(0.1);
      });
    }
  }
});

function orders(n: number): number[][] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((rest) => Array.from({ length: n }, (_, at) => rest.toSpliced(at, 0, n)));
}
