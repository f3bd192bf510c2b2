import { describe, expect, test } from 'vitest';
import {
  falseAlarms,
  falseChances,
  itemsCovered,
  slopesCovered,
  timesCovered,
} from '../../../bench/log-statistics/simulations.ts';

/** In small; `npm run bench:statistics` plays more worlds, more often: docs/statistics.md. */
describe.each([0, 0.5, 0.9])('values that keep %s of how far the one before strayed', (memory) => {
  test.each([
    [1, 30],
    [1, 70],
    [3, 40],
  ])('%s life or lives of %s values that do not grow are hardly ever said to', (lives, values) => {
    expect(falseAlarms({ lives, values, memory }, 200)).toBeLessThanOrEqual(0.015);
  });

  test('a chance of 1 % is no more than that', () => {
    expect(falseChances({ lives: 1, values: 70, memory }, 400)).toBeLessThanOrEqual(0.015);
  });

  const inside = ({ share }: { share: number }) => {
    expect(share).toBeGreaterThanOrEqual(0.87);
    expect(share).toBeLessThanOrEqual(0.93);
  };
  test('the interval of a slope holds the truth nine times in ten', () => {
    inside(slopesCovered({ lives: 1, values: 90, memory }, 700));
  });

  test('and that of the bytes of an item, over three lives', () => {
    inside(itemsCovered({ lives: 3, values: 40, memory }, 600));
  });

  test('and that of the time to the limit', () => {
    const played = timesCovered({ lives: 1, values: 150, memory }, 200);
    inside(played);
    expect(played.said).toBeGreaterThan(0.95);
  });
});
