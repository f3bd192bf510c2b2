import type { GrowingHolder } from './growing-holders.ts';
import type { MemoryTrend } from './memory-trend.ts';

/** Holders that account for less than this part of what memory grows leave the rest in the dark. */
const LITTLE = 0.1;

/** Whether so many bytes a second are only a small part of what memory grows: something else, or C code, takes the rest. */
export function explainsLittle(bytesPerSecond: number, trend: MemoryTrend | undefined): boolean {
  return trend?.shape === 'grows' && trend.slope !== undefined && bytesPerSecond < trend.slope.low * LITTLE;
}

/** Growth that two holders of the same objects share is divided between them, so that the findings add up. */
export function explainedBy({ holder, bytesPerSecond }: GrowingHolder, all: readonly GrowingHolder[]): number {
  const held = holder.retainedBytes + holder.sharedBytes;
  if (held === 0 || holder.sharedBytes === 0) return Math.round(bytesPerSecond);
  const sharers = all.filter((each) => each.judgement === 'leaks' && each.holder.sharedBytes > 0).length;
  const own = holder.retainedBytes / held;
  return Math.round(bytesPerSecond * (own + (1 - own) / Math.max(1, sharers)));
}
