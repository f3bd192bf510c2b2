import type { Estimate, Report } from '../core/report.ts';
import { breakdownOf } from './breakdown.ts';
import { growthEstimate } from './memory-trend.ts';
import { timeAt, timeToLimit } from './time-to-limit.ts';
import type { Facts } from './verdict-facts.ts';

type MemoryParts = Pick<Report, 'limit' | 'usage' | 'growth' | 'eta' | 'breakdown' | 'breakdownOf'>;

/** What the report says about memory as a whole: limit, usage, growth, time to the limit, and what it is. */
export function memoryOf(facts: Facts): MemoryParts {
  const { limit, series, trend } = facts;
  const since = rateSince(facts);
  const rate = since ?? (trend && growthEstimate(trend));
  return {
    ...(limit?.limit ? { limit: limit.limit } : {}),
    ...(series ? usageOf(series) : {}),
    // Seconds of watching do not tell growth with work from growth with time.
    ...(rate ? { growth: { bytesPerSecond: rate, with: 'undecided' as const } } : {}),
    ...(series && limit && trend
      ? { eta: since ? timeAt(since, series, limit) : timeToLimit(series, limit, trend) }
      : {}),
    ...breakdownOf(facts),
  };
}

/** Growth too slow to show while it was watched shows against an earlier case. */
function rateSince({ since, trend }: Facts): Estimate | undefined {
  const rate = since?.memory?.bytesPerSecond;
  return rate !== undefined && rate.low > 0 && trend?.shape !== 'grows' ? rate : undefined;
}

function usageOf({ samples, measure, source }: NonNullable<Facts['series']>): Pick<Report, 'usage'> {
  const last = samples.at(-1);
  if (last === undefined) return {};
  const at = new Date(Math.round(last[0] * 1000)).toISOString();
  return { usage: { bytes: last[1], measure, source, at } };
}
