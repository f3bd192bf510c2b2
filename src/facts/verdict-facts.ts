import type { Artifacts } from '../core/artifacts.ts';
import type { Verdict } from '../core/report.ts';
import type { Gathered } from '../core/step.ts';
import { type MemoryTrend, memoryTrend } from './memory-trend.ts';

/** What a verdict is made from, each where it was gathered. */
export interface Facts {
  readonly limit: Artifacts['memory-limit'] | undefined;
  readonly series: Artifacts['memory-series'] | undefined;
  /** Of a heap in which containers were watched: where there were none, nothing is known about growth. */
  readonly growth: Artifacts['heap-growth'] | undefined;
  readonly source: Artifacts['source'] | undefined;
  readonly trend: MemoryTrend | undefined;
}

export interface Ruling {
  readonly verdict: Verdict;
  readonly headline: string;
}

export function factsOf(outcomes: Gathered['outcomes']): Facts {
  const value = <K extends keyof Artifacts>(key: K): Artifacts[K] | undefined => {
    const outcome = outcomes[key];
    return outcome?.ok ? outcome.value : undefined;
  };
  const series = value('memory-series');
  const growth = value('heap-growth');
  return {
    limit: value('memory-limit'),
    series,
    growth: growth && growth.watched > 0 ? growth : undefined,
    source: value('source'),
    trend: series && memoryTrend(series),
  };
}

/** Seconds that must be watched before "nothing grows" means something. */
const LONG_ENOUGH_SECONDS = 10;
/** A process that used less of a processor than this did nothing that could show a leak. */
const BUSY_SHARE = 0.0005;

/** Whether it was watched for long enough to speak of what was not seen. */
export const isLongEnough = ({ series, trend }: Facts): boolean =>
  trend !== undefined && trend.seconds >= LONG_ENOUGH_SECONDS && series?.ended !== 'interrupted';

export const isIdle = ({ series, trend }: Facts): boolean =>
  (series?.cpuSeconds ?? 0) < (trend?.seconds ?? 0) * BUSY_SHARE;

/** Whether what counts has come this close to the limit. */
export function isNearLimit({ limit, series }: Facts, share: number): boolean {
  const last = series?.samples.at(-1)?.[1];
  return limit?.limit !== undefined && last !== undefined && last >= limit.limit.bytes * share;
}
