import type { MemoryLimit, MemorySeries } from '../core/artifacts.ts';
import type { Estimate, Eta } from '../core/report.ts';
import { mannKendall } from '../stats/mann-kendall.ts';
import { type Trend, theilSen } from '../stats/theil-sen.ts';

/** What the memory did while it was watched. */
export interface MemoryTrend {
  readonly seconds: number;
  readonly slope: Trend | undefined;
  readonly shape: /** Rises, and still did at the end. */
    | 'grows'
    /** Rose, and stands still by the end. */
    | 'settled'
    /** No rise that could be told from noise. */
    | 'flat'
    /** Too few samples to say. */
    | 'unknown';
}

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
/** A rise below this over the whole watch is the allocator's noise, whatever its significance. */
const LEAST_RISE_BYTES = 256 * 1024;

/** Judges a series of [Unix seconds, bytes]. */
export function memoryTrend({ samples }: Pick<MemorySeries, 'samples'>): MemoryTrend {
  const seconds = samples.length < 2 ? 0 : samples.at(-1)![0] - samples[0]![0];
  const slope = theilSen(samples);
  if (slope === undefined || samples.length < FEWEST_SAMPLES) return { seconds, slope, shape: 'unknown' };
  const rise = slope.slope * seconds;
  const { p, tau } = mannKendall(samples.map(([, bytes]) => bytes));
  const rises = tau >= LEAST_TAU && p <= ALARM && slope.low > 0 && rise >= LEAST_RISE_BYTES;
  if (!rises) return { seconds, slope, shape: roseEarly(samples) ? 'settled' : 'flat' };
  return { seconds, slope, shape: roseEarly(samples) ? 'settled' : 'grows' };
}

/** Whether memory rose in the first two thirds and stands still in the last. */
function roseEarly(samples: MemorySeries['samples']): boolean {
  const cut = Math.floor(samples.length * (1 - LAST_PART));
  const early = samples.slice(0, cut);
  const late = samples.slice(cut);
  const rise = early.at(-1)![1] - early[0]![1];
  const lateRise = late.at(-1)![1] - late[0]![1];
  const rate = rise / (early.at(-1)![0] - early[0]![0]);
  const lateRate = lateRise / (late.at(-1)![0] - late[0]![0]);
  return rise >= LEAST_RISE_BYTES * 4 && lateRate < rate * SETTLED_SHARE;
}

/** The slope as the report gives it, in bytes a second; undefined where there is none. */
export function growthEstimate({ slope }: MemoryTrend): Estimate | undefined {
  return slope && { value: slope.slope, low: slope.low, high: slope.high, level: slope.level };
}

/** A kill further away than this is not foretold from seconds of watching. */
const FURTHEST_SECONDS = 10 * 365 * 86_400;

/** When what counts meets the limit, going on as it did. */
export function timeToLimit(series: MemorySeries, { limit }: MemoryLimit, trend: MemoryTrend): Eta {
  if (limit === undefined) return { status: 'no-limit' };
  if (trend.shape === 'flat' || trend.shape === 'settled') return { status: 'no-growth' };
  const last = series.samples.at(-1);
  if (trend.shape === 'unknown' || trend.slope === undefined || last === undefined || trend.slope.low <= 0) {
    return { status: 'unknown' };
  }
  const room = Math.max(0, limit.bytes - last[1]);
  const { slope, low, high, level } = trend.slope;
  // Memory comes in steps: the one that meets the limit may come a step sooner or later than the line says.
  const step = largestRise(series.samples);
  const seconds = { value: room / slope, low: Math.max(0, room - step) / high, high: (room + step) / low, level };
  return seconds.high > FURTHEST_SECONDS ? { status: 'unknown' } : { status: 'estimated', seconds };
}

function largestRise(samples: MemorySeries['samples']): number {
  return samples.slice(1).reduce((most, [, bytes], at) => Math.max(most, bytes - samples[at]![1]), 0);
}
