import fc from 'fast-check';
import { expect, test } from 'vitest';
import { containerTrend } from '../../../src/facts/pod/container-trend.ts';
import { MIB } from '../made.ts';

const STEP_SECONDS = 10;
const EVENLY = fc.constant(1);
/** The metrics API misses a moment now and then, when its kubelet is late. */
const UNEVENLY = fc.constantFrom(1, 1, 1, 2, 3);

/** Samples from as many moments, with a little noise. */
const rising = (steps: fc.Arbitrary<number>, mebibytesPerSecond: number) =>
  fc
    .array(fc.record({ steps, noise: fc.double({ min: 0, max: 2, noNaN: true }) }), { minLength: 4, maxLength: 40 })
    .map((moments) => {
      let seconds = 0;
      return moments.map(({ steps: late, noise }): [number, number] => {
        seconds += STEP_SECONDS * late;
        return [seconds, (20 + seconds * mebibytesPerSecond + noise) * MIB];
      });
    });

test('memory that rises from moment to moment grows, however few moments there are and however unevenly they lie', () => {
  fc.assert(
    fc.property(rising(fc.oneof(EVENLY, UNEVENLY), 1), (samples) => {
      expect(containerTrend(samples)!.shape).toBe('grows');
    }),
    { numRuns: 500 },
  );
});

test('memory that stands still never grows', () => {
  const still = fc
    .array(fc.double({ min: 0, max: 0.2, noNaN: true }), { minLength: 4, maxLength: 40 })
    .map((noise) => noise.map((each, at): [number, number] => [at * STEP_SECONDS, (100 + each) * MIB]));
  fc.assert(
    fc.property(still, (samples) => {
      expect(containerTrend(samples)!.shape).toBe('flat');
    }),
  );
});

test('fewer than four moments show nothing', () => {
  expect(containerTrend([])).toBeUndefined();
  expect(containerTrend([1, 2, 3].map((at) => [at, at * MIB]))).toBeUndefined();
});
