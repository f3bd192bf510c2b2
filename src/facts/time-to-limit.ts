import type { MemoryLimit, MemorySeries } from '../core/artifacts.ts';
import type { Estimate, Eta } from '../core/report.ts';
import type { MemoryTrend } from './memory-trend.ts';

/** A kill further away than this is not foretold from seconds of watching. */
const FURTHEST_SECONDS = 10 * 365 * 86_400;

/** When what counts meets the limit, going on as it did; unknown for a process that has ended: it goes on no more. */
export function timeToLimit(series: MemorySeries, { limit }: MemoryLimit, trend: MemoryTrend): Eta {
  if (limit === undefined) return { status: 'no-limit' };
  if (trend.shape === 'flat' || trend.shape === 'settled') return { status: 'no-growth' };
  if (series.ended === 'process-exited') return { status: 'unknown' };
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

/** The same, going on at a rate that is known from elsewhere, in bytes a second above 0. */
export function timeAt({ value, low, high, level }: Estimate, series: MemorySeries, { limit }: MemoryLimit): Eta {
  const last = series.samples.at(-1);
  if (limit === undefined) return { status: 'no-limit' };
  if (series.ended === 'process-exited' || last === undefined) return { status: 'unknown' };
  const room = Math.max(0, limit.bytes - last[1]);
  const seconds = { value: room / value, low: room / high, high: room / low, level };
  return seconds.high > FURTHEST_SECONDS ? { status: 'unknown' } : { status: 'estimated', seconds };
}

function largestRise(samples: MemorySeries['samples']): number {
  return samples.slice(1).reduce((most, [, bytes], at) => Math.max(most, bytes - samples[at]![1]), 0);
}
