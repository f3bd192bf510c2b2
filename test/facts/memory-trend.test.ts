import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growthEstimate, type MemoryTrend, memoryTrend } from '../../src/facts/memory-trend.ts';
import { timeToLimit } from '../../src/facts/time-to-limit.ts';
import { noise, seeded } from '../stats/series.ts';
import { flat, limitOf, MIB, rising, type Series, START, series } from './made.ts';

/** Up from `least` to `most` in `period` seconds, and down at once; `phase` of a period at the start. */
const sawtooth = (least: number, most: number, period: number, phase: number) => (seconds: number) =>
  least + (most - least) * ((seconds / period + phase) % 1);

describe('the shape of memory', () => {
  const shapes: [string, Series, MemoryTrend['shape']][] = [
    ['a straight rise grows', rising(1), 'grows'],
    ['a rise in steps of an arena grows', series((seconds) => 50 + Math.floor(seconds / 2)), 'grows'],
    ['what stands still is flat', flat(), 'flat'],
    ['what falls is flat', rising(-1), 'flat'],
    ['a rise of less than 256 KiB in the whole watch is noise', rising(0.01), 'flat'],
    ['a rise that ended before the last third has settled', series((seconds) => 50 + Math.min(seconds, 8)), 'settled'],
    ['a burst that came down again is flat', series((seconds) => (seconds > 5 && seconds < 14 ? 90 : 50)), 'flat'],
    ['a load that was put away again has not settled', series((s) => (s < 12 ? 50 + 4 * s : 55)), 'flat'],
    ['what ends as less than it was has not settled', series((s) => (s < 19.5 ? 50 + Math.min(s, 12) : 2)), 'flat'],
    ['seven samples are too few', series((seconds) => 50 + seconds, { seconds: 1.5 }), 'unknown'],
    ['no sample is too few', { ...flat(), samples: [] }, 'unknown'],
  ];
  test.each(shapes)('%s', (_, given, shape) => expect(memoryTrend(given).shape).toBe(shape));

  test('a sawtooth neither grows nor settles, wherever the watch begins', () => {
    for (let phase = 0; phase < 1; phase += 0.05) {
      const shape = memoryTrend(series(sawtooth(50, 60, 4.3, phase))).shape;
      expect([phase, shape]).toEqual([phase, 'flat']);
    }
  });

  test('a leak grows through the noise of an allocator, and noise alone hardly ever does', () => {
    const random = seeded(7);
    const shapeOf = (mibPerSecond: number) => {
      const jitter = noise(81, 0.8, random);
      return memoryTrend(series((seconds) => 50 + mibPerSecond * seconds + 0.5 * jitter[seconds * 4]!)).shape;
    };
    const share = (mibPerSecond: number) =>
      Array.from({ length: 200 }, () => shapeOf(mibPerSecond)).filter((shape) => shape === 'grows').length / 200;
    expect(share(0.5)).toBeGreaterThan(0.95);
    expect(share(0)).toBeLessThan(0.05);
  });
});

/** KiB every quarter of a second, as healthy programs of this folder were measured on a busy machine (CPython 3.14 and 3.9). */
const RECORDED: [string, number[]][] = [
  // Its pages get a digit longer while it is watched, once and for all.
  [
    'a cache that is full, and whose entries get a little longer',
    [
      17148, 17148, 17148, 17148, 17148, 17148, 17148, 17148, 17148, 17148, 17152, 17152, 17152, 17152, 17152, 17164,
      17176, 17176, 17180, 17192, 17232, 17248, 17272, 17292, 17320, 17356, 17384, 17384, 17396, 17408, 17448, 17464,
      17492, 17492, 17492, 17496, 17496, 17496, 17496, 17496, 17496, 17496, 17496, 17496, 17496, 17496, 17496, 17496,
    ],
  ],
  // Buffers of half a megabyte come and go between two samples, and fall in and out of step with them.
  [
    'buffers that come and go',
    [
      16496, 16760, 16760, 17248, 17344, 16496, 16440, 16644, 17096, 17196, 16348, 16348, 17000, 17096, 17196, 17292,
      17000, 17056, 17252, 16304, 16584, 17012, 17048, 17048, 17048, 17632, 17632, 17632, 17632, 17632, 17632, 17632,
      17632, 17632, 17632, 17632, 17632, 17532, 18116, 17344, 17396, 17932, 18028, 17044, 17796, 17796, 17892,
    ],
  ],
  [
    'buffers that come and go, on another interpreter',
    [
      13516, 12572, 13320, 13420, 12572, 13224, 13420, 12572, 13224, 13420, 12572, 13224, 13420, 13516, 13224, 13420,
      12572, 13320, 13516, 13224, 13420, 12572, 13320, 13516, 13224, 13420, 13224, 13420, 12572, 13224, 13420, 13652,
      13652, 13652, 13652, 13652, 13652, 13652, 14236, 14236, 14236, 14236, 14236, 14236, 14236, 14236, 14236, 14236,
    ],
  ],
];

describe('what healthy programs were seen to do', () => {
  test.each(RECORDED)('%s: no growth', (_, kib) => {
    const samples = kib.map((each, at): [number, number] => [START + at / 4, each * 1024]);
    expect(memoryTrend({ samples }).shape).toBe('flat');
  });
});

/** A little up and down beside what memory does, KiB. */
const jitterKib = fc.infiniteStream(fc.integer({ min: 0, max: 16 }));

/** So many KiB/s in whole steps of the allocator. */
const leakOf = (kibPerSecond: number, stepKib: number, phase: number, seconds: number, jitter: Iterator<number>) =>
  series((at) => 20 + (Math.floor((at * kibPerSecond) / stepKib + phase) * stepKib + jitter.next().value) / 1024, {
    seconds,
  });

describe('a rise through the whole watch', () => {
  test('is that of any leak, however slow, once it was watched for sixteen steps of the allocator', () => {
    const leak = fc.record({
      kibPerSecond: fc.integer({ min: 20, max: 2000 }),
      stepKib: fc.constantFrom(4, 132, 256, 1024),
      phase: fc.double({ min: 0, max: 1, noNaN: true }),
      jitter: jitterKib,
    });
    fc.assert(
      fc.property(leak, ({ kibPerSecond, stepKib, phase, jitter }) => {
        const seconds = Math.ceil(Math.max(60, (16 * stepKib) / kibPerSecond));
        const trend = memoryTrend(leakOf(kibPerSecond, stepKib, phase, seconds, jitter[Symbol.iterator]()));
        expect(trend).toMatchObject({ shape: 'grows', steady: true });
      }),
    );
  });

  test('is not what came in half of it or less, of whatever size, and stayed', () => {
    const once = fc.record({
      seconds: fc.integer({ min: 12, max: 60 }),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      share: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      mib: fc.double({ min: 0.3, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(once, ({ seconds, from, share, mib }) => {
        const begins = from * (1 - share);
        const done = (at: number) => Math.min(1, Math.max(0, (at / seconds - begins) / share));
        expect(memoryTrend(series((at) => 20 + mib * done(at), { seconds })).steady).toBe(false);
      }),
    );
  });
});

test('samples at next to the same moment have no slope, rather than an infinite one', () => {
  const samples = Array.from({ length: 12 }, (_, at): [number, number] => [at * 5e-324, at * MIB]);
  expect(memoryTrend({ samples })).toMatchObject({ slope: undefined, shape: 'unknown' });
});

describe('the growth that is reported', () => {
  const estimate = (given: Series) => growthEstimate(memoryTrend(given));

  test('is the slope with its interval', () => {
    expect(estimate(rising(1))).toEqual({ value: MIB, low: MIB, high: MIB, level: 0.9 });
  });
  test('has zero in its interval where the rise is not told from noise', () => {
    expect(estimate(rising(0.01))).toMatchObject({ low: 0 });
    expect(estimate(rising(-1))).toMatchObject({ high: 0 });
  });
  test('has no negative zero, which JSON does not keep', () => {
    const falls = [0, 0, 0, 0, 0, 0, 0, -1].map((mib, at): [number, number] => [START + at, (50 + mib) * MIB]);
    const negative = Object.values(estimate({ ...flat(), samples: falls })!).filter((value) => Object.is(value, -0));
    expect(negative).toEqual([]);
  });
  test('is that of the end where memory rose and has settled', () => {
    expect(estimate(series((seconds) => 50 + Math.min(seconds, 8)))).toMatchObject({ value: 0, low: 0, high: 0 });
  });
  test('is not given where there are too few samples', () => {
    expect(estimate(rising(1, { seconds: 1 }))).toBeUndefined();
  });
});

describe('the time to the limit', () => {
  const eta = (given: Series, mib: number | undefined) => timeToLimit(given, limitOf(mib), memoryTrend(given));

  test('is the room that is left by the slope, give or take a step', () => {
    // 70 MiB at the end, a quarter of a MiB at each sample.
    expect(eta(rising(1), 100)).toEqual({
      status: 'estimated',
      seconds: { value: 30, low: 29.75, high: 30.25, level: 0.9 },
    });
  });
  test('is none where memory is over the limit already', () => {
    expect(eta(rising(1), 60)).toMatchObject({ status: 'estimated', seconds: { value: 0, low: 0 } });
  });
  test.each<[string, Series, number | undefined, string]>([
    ['there is none without a limit', rising(1), undefined, 'no-limit'],
    ['memory that stands still never comes to it', flat(), 100, 'no-growth'],
    ['memory that has settled does not either', series((seconds) => 50 + Math.min(seconds, 8)), 100, 'no-growth'],
    ['too few samples tell nothing', rising(1, { seconds: 1 }), 100, 'unknown'],
    ['more than ten years are not foretold from seconds', rising(0.1), 1e9, 'unknown'],
  ])('%s', (_, given, mib, status) => expect(eta(given, mib)).toEqual({ status }));

  test('lies between its bounds for any rise', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1000 }),
        fc.array(fc.nat({ max: 10_000_000 }), { minLength: 8, maxLength: 60 }),
        (mib, steps) => {
          const bytesAt = (at: number) => steps.slice(0, at + 1).reduce((sum, step) => sum + step, 0);
          const samples = steps.map((_, at): [number, number] => [START + at, bytesAt(at)]);
          const { seconds } = eta({ ...flat(), samples }, mib);
          if (seconds === undefined) return;
          expect(seconds.low).toBeGreaterThanOrEqual(0);
          expect(seconds.low).toBeLessThanOrEqual(seconds.value);
          expect(seconds.value).toBeLessThanOrEqual(seconds.high);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('a process that has ended meets its limit no more', () => {
  const ended = rising(1, { ended: 'process-exited' });
  expect(timeToLimit(ended, limitOf(100), memoryTrend(ended))).toEqual({ status: 'unknown' });
});
