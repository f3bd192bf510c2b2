import type { Artifacts } from '../core/artifacts.ts';
import type { Verdict } from '../core/report.ts';
import type { Gathered } from '../core/step.ts';
import { type MemoryTrend, memoryTrend } from './memory-trend.ts';
import { type SinceBaseline, sinceBaseline } from './since-baseline.ts';

/** What a verdict is made from, each where it was gathered. */
export interface Facts {
  readonly limit: Artifacts['memory-limit'] | undefined;
  readonly series: Artifacts['memory-series'] | undefined;
  /** Of a heap in which containers were watched: where there were none, nothing is known about growth. */
  readonly growth: Artifacts['heap-growth'] | undefined;
  readonly source: Artifacts['source'] | undefined;
  readonly trend: MemoryTrend | undefined;
  /** The first look at the heap. */
  readonly look: Artifacts['heap'] | undefined;
  readonly processes: Artifacts['processes'] | undefined;
  /** The process is one of a container. */
  readonly inPod: boolean;
  /** What lies between an earlier case and this one, where there is one. */
  readonly since: SinceBaseline | undefined;
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
  const got = Object.fromEntries(
    Object.entries(outcomes).flatMap(([key, outcome]) => (outcome?.ok ? [[key, outcome.value]] : [])),
  );
  const series = value('memory-series');
  const growth = value('heap-growth');
  return {
    limit: value('memory-limit'),
    series,
    growth: growth && growth.watched > 0 ? growth : undefined,
    source: value('source'),
    trend: series && memoryTrend(series),
    look: value('heap'),
    processes: value('processes'),
    inPod: value('inside') !== undefined,
    since: sinceBaseline(got),
  };
}

/** Seconds that must be watched before "nothing grows" means something. */
const LONG_ENOUGH_SECONDS = 10;
/** What uses this part of a processor does work. An event loop that only waits uses a tenth of it. */
const BUSY_SHARE = 0.005;
/** Programs that serve a few requests a second use so much; a clock tick is 10 ms, and one or two say nothing. */
const LIGHT_SHARE = 0.002;
const LEAST_CPU_SECONDS = 0.025;
/** Changes in the heap that no waiting makes: objects more or fewer of some type, moments at which a container grew. */
const FEWEST_OBJECTS = 10;
const FEWEST_CHANGES = 3;

/** Whether it was watched for long enough to speak of what was not seen. */
export const isLongEnough = ({ series, trend }: Facts): boolean =>
  trend !== undefined && trend.seconds >= LONG_ENOUGH_SECONDS && series?.ended !== 'interrupted';

/** Whether containers' items were really counted for so long: the memory alone says little about what is small. */
export const isCountedEnough = ({ growth }: Facts): boolean => (growth?.seconds ?? 0) >= LONG_ENOUGH_SECONDS;

/** Whether it did too little for a leak to show: it hardly used a processor, and hardly anything changed in its heap. */
export function isIdle({ series, trend, growth }: Facts): boolean {
  const cpuSeconds = series?.cpuSeconds ?? 0;
  const share = cpuSeconds / (trend?.seconds ?? 0);
  const isLight = share >= LIGHT_SHARE && cpuSeconds >= LEAST_CPU_SECONDS;
  return !(share >= BUSY_SHARE || isLight || (growth !== undefined && hasChanged(growth)));
}

function hasChanged({ types, holders }: Artifacts['heap-growth']): boolean {
  const objects = types.reduce((sum, { count }) => sum + Math.abs(count), 0);
  return objects >= FEWEST_OBJECTS || holders.some(({ counts }) => changesIn(counts) >= FEWEST_CHANGES);
}

const changesIn = (counts: readonly (readonly [number, number])[]): number =>
  counts.slice(1).filter(([, items], at) => items !== counts[at]![1]).length;

/** Whether what counts has come this close to the limit. */
export function isNearLimit({ limit, series }: Facts, share: number): boolean {
  const last = series?.samples.at(-1)?.[1];
  return limit?.limit !== undefined && last !== undefined && last >= limit.limit.bytes * share;
}
