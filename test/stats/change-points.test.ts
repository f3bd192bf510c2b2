import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { segmentsOf } from '../../src/stats/change-points.ts';
import { noise, seeded, share } from './series.ts';

describe('segments of a series', () => {
  test('begin where its level changes', () => {
    const random = seeded(2);
    const values = noise(120, 0.3, random).map((value, at) => value + (at < 40 ? 0 : at < 80 ? 8 : 3));
    const segments = segmentsOf(values);
    expect(segments).toHaveLength(3);
    expect(Math.abs(segments[1]!.from - 40)).toBeLessThanOrEqual(2);
    expect(Math.abs(segments[2]!.from - 80)).toBeLessThanOrEqual(2);
    expect(segments.map(({ level }) => Math.round(level / 2))).toEqual([0, 4, 1]);
  });

  test('are not moved by values that are far off', () => {
    const values = Array.from({ length: 60 }, (_, at) => (at < 30 ? 5 : 9) + (at % 2) + (at % 11 === 0 ? 1e9 : 0));
    expect(segmentsOf(values).map(({ from }) => from)).toEqual([0, 30]);
  });

  test.each([0, 0.5, 0.9])(
    'are one where values keep %s of how far the one before strayed, but for one time in fifty',
    (rho) => {
      const random = seeded(10 * rho + 1);
      expect(share(400, () => segmentsOf(noise(100, rho, random)).length > 1)).toBeLessThanOrEqual(0.02);
    },
  );

  test('cover the series whole, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { maxLength: 80 }), (values) => {
        const segments = segmentsOf(values);
        expect(segments.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(values.length);
        segments.forEach(({ from }, at) => {
          expect(from).toBe(at === 0 ? 0 : segments[at - 1]!.to);
        });
      }),
    );
  });
});
