import type { Artifacts } from '../core/artifacts.ts';
import type { Finding } from '../core/report.ts';
import type { GrowingHolder } from './growing-holders.ts';
import type { MemoryTrend } from './memory-trend.ts';

type HeapGrowth = Artifacts['heap-growth'];

/** Holders that account for less than this part of what memory grows leave the rest in the dark. */
const LITTLE = 0.1;

/** Whether so many bytes a second are only a small part of what memory grows: something else, or C code, takes the rest. */
export function explainsLittle(bytesPerSecond: number, trend: MemoryTrend | undefined): boolean {
  return trend?.shape === 'grows' && trend.slope !== undefined && bytesPerSecond < trend.slope.low * LITTLE;
}

/** Objects that account for this part of what memory grows are what it grows for. */
const GOOD_PART = 0.3;

/**
 * Whether the heap shows what memory grows for, and it is not in what the findings name: then they are leads, and no
 * cause. Where the heap shows it neither, the container may keep C memory that cannot be seen, and be the cause.
 */
export function growsElsewhere(
  findings: readonly Finding[],
  trend: MemoryTrend | undefined,
  growth: HeapGrowth | undefined,
): boolean {
  if (growth === undefined || growth.seconds <= 0 || trend?.slope === undefined) return false;
  const explained = explainedTogether(findings);
  const gained = growth.objectBytesGrown / growth.seconds;
  return explainsLittle(explained, trend) && gained >= trend.slope.slope * GOOD_PART && explained < gained * LITTLE;
}

/** Bytes a second that the findings on what grows account for. */
export const explainedTogether = (findings: readonly Finding[]): number =>
  findings.reduce(
    (sum, { holder, explainsBytesPerSecond = 0 }) => sum + (holder?.growth ? explainsBytesPerSecond : 0),
    0,
  );

/** Growth that two holders of the same objects share is divided between them, so that the findings add up. */
export function explainedBy({ holder, bytesPerSecond }: GrowingHolder, all: readonly GrowingHolder[]): number {
  const held = holder.retainedBytes + holder.sharedBytes;
  if (held === 0 || holder.sharedBytes === 0) return Math.round(bytesPerSecond);
  const sharers = all.filter((each) => each.judgement === 'leaks' && each.holder.sharedBytes > 0).length;
  const own = holder.retainedBytes / held;
  return Math.round(bytesPerSecond * (own + (1 - own) / Math.max(1, sharers)));
}

/** What an object reserves beyond this many times what memory grows by was not written to yet. */
const UNTOUCHED = 1.5;

/** Bytes a second of the process's memory, where a finding's buffers are reserved so much faster than memory grows. */
export function growthInMemory(bytesPerSecond: number, trend: MemoryTrend | undefined): number | undefined {
  if (trend?.shape !== 'grows' || trend.slope === undefined) return undefined;
  return bytesPerSecond > trend.slope.high * UNTOUCHED ? Math.round(trend.slope.slope) : undefined;
}
