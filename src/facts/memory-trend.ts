import type { MemorySeries } from '../core/artifacts.ts';
import type { Estimate } from '../core/report.ts';
import { mannKendall } from '../stats/mann-kendall.ts';
import { median } from '../stats/quantiles.ts';
import { type Trend, theilSen } from '../stats/theil-sen.ts';
import { riseBytes, risesThroughout, spreadBytes } from './memory-rise.ts';

/** What the memory did while it was watched. */
export interface MemoryTrend {
  readonly seconds: number;
  /** Of the whole watch; of its last third where memory has settled by then. */
  readonly slope: Trend | undefined;
  readonly shape: /** Rises, and still did at the end. */
    | 'grows'
    /** Rose, and stands still by the end. */
    | 'settled'
    /** No rise that could be told from noise, or one that came down again. */
    | 'flat'
    /** Too few samples to say. */
    | 'unknown';
  /** Whether a rise went on all the time: one that came in a part of the watch may have been done once and for all. */
  readonly steady: boolean;
  /** The rise that counts as one, over the whole watch. */
  readonly noiseBytes: number;
}

type Samples = MemorySeries['samples'];

/**
 * A rise is one where chance would hardly make it (Mann–Kendall), where the whole interval of the slope is above zero,
 * and where most pairs of samples rise. The first alone is timid: a bent rise leaves neighbours that are alike.
 */
const ALARM = 0.05;
const LEAST_TAU = 0.4;
const FEWEST_SAMPLES = 8;
/** The part at the end that must still rise, and how much of the earlier rate it must keep. */
const LAST_PART = 1 / 3;
const SETTLED_SHARE = 0.1;
/** What has lost more than this part of its rise by the end did not stand still: it goes up and down. */
const LOST_SHARE = 0.25;
/**
 * A rise below this over the whole watch is the allocator's noise, whatever its significance: healthy programs of 10 to
 * 200 MiB were seen to rise by up to 2.1 % and 350 KiB in 12 s.
 */
const NOISE_SHARE = 0.025;
const LEAST_NOISE_BYTES = 256 * 1024;
const MOST_NOISE_BYTES = 1024 * 1024;
/**
 * So many times as far as most samples lie apart beside the rise, it must go: buffers that come and go between two samples
 * drift in and out of step with them, for seconds. Healthy programs were seen to rise by 1.4 of it, and leaks that double a table by 1.9.
 */
const SPREADS = 1.5;

export const noiseBytesOf = (samples: Samples): number =>
  Math.min(MOST_NOISE_BYTES, Math.max(LEAST_NOISE_BYTES, (samples.at(-1)?.[1] ?? 0) * NOISE_SHARE));

/** Judges a series of [Unix seconds, bytes]. */
export function memoryTrend({ samples }: Pick<MemorySeries, 'samples'>): MemoryTrend {
  const seconds = samples.length < 2 ? 0 : samples.at(-1)![0] - samples[0]![0];
  const slope = finite(theilSen(samples));
  const least = noiseBytesOf(samples);
  if (slope === undefined || samples.length < FEWEST_SAMPLES)
    return { seconds, slope, shape: 'unknown', steady: false, noiseBytes: least };
  if (roseEarly(samples) && !cameDown(samples))
    return { seconds, slope: finite(theilSen(lastPart(samples))), shape: 'settled', steady: false, noiseBytes: least };
  const noiseBytes = Math.max(least, spreadBytes(samples, slope) * SPREADS);
  const grows = !roseEarly(samples) && rises(samples, slope) && riseBytes(samples, slope) >= noiseBytes;
  return { seconds, slope, shape: grows ? 'grows' : 'flat', steady: grows && risesThroughout(samples), noiseBytes };
}

/** Times that lie next to nothing apart, as a damaged case may have them, give no slope. */
const finite = (slope: Trend | undefined): Trend | undefined =>
  slope && [slope.slope, slope.low, slope.high].every(Number.isFinite) ? slope : undefined;

/** Whether chance would hardly make such a rise. */
function rises(samples: Samples, slope: Trend): boolean {
  const { p, tau } = mannKendall(samples.map(([, bytes]) => bytes));
  return tau >= LEAST_TAU && p <= ALARM && slope.low > 0;
}

/** Whether memory rose in the first two thirds and did not in the last. */
function roseEarly(samples: Samples): boolean {
  const early = samples.slice(0, cutOf(samples));
  const late = lastPart(samples);
  const rise = early.at(-1)![1] - early[0]![1];
  const lateRise = late.at(-1)![1] - late[0]![1];
  const rate = rise / (early.at(-1)![0] - early[0]![0]);
  const lateRate = lateRise / (late.at(-1)![0] - late[0]![0]);
  return rise >= LEAST_NOISE_BYTES * 4 && lateRate < rate * SETTLED_SHARE;
}

/** Whether much of the rise is gone by the end: a sawtooth, a burst, a load that was put away, another program in its place. */
function cameDown(samples: Samples): boolean {
  const peak = samples.reduce((most, [, bytes]) => Math.max(most, bytes), 0);
  const end = median(lastPart(samples).map(([, bytes]) => bytes))!;
  return peak - end > (peak - samples[0]![1]) * LOST_SHARE || samples.at(-1)![1] < samples[0]![1];
}

const cutOf = (samples: Samples): number => Math.floor(samples.length * (1 - LAST_PART));
const lastPart = (samples: Samples): Samples => samples.slice(cutOf(samples));

/**
 * The slope as the report gives it, in bytes a second; undefined where there is none. What is not told from noise does
 * not count as growth, so its interval has zero in it.
 */
export function growthEstimate({ shape, slope }: MemoryTrend): Estimate | undefined {
  if (slope === undefined || shape === 'unknown') return undefined;
  const { low, high, level } = slope;
  const around = shape === 'flat' ? { low: Math.min(0, low), high: Math.max(0, high) } : { low, high };
  // + 0: JSON has no -0.
  return { value: slope.slope + 0, low: around.low + 0, high: around.high + 0, level };
}
