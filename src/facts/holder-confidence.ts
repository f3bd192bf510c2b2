import type { Confidence } from '../core/report.ts';
import { explainsLittle } from './explained-growth.ts';
import { type GrowingHolder, growingHolders } from './growing-holders.ts';
import type { HolderGot } from './holder-artifacts.ts';
import { memoryTrend } from './memory-trend.ts';
import { loadingAge } from './process-age.ts';

const FEWEST_RISES = 5;
const FEWEST_COUNTS = 7;

/**
 * By rule, until it has been measured: high where the count rose again and again, the source shows a line that feeds
 * and none that empties, and the process's memory grows along, not ten times as fast, and it is no start-up that may
 * only be loading; low where few rises were seen.
 */
export function confidenceIn(got: HolderGot, { items, uses, countsBetween }: GrowingHolder): Confidence {
  const seen = items.rises >= FEWEST_RISES && countsBetween >= FEWEST_COUNTS;
  const inSource = uses !== undefined && uses.feeds.length > 0 && uses.empties.length === 0;
  const lasting = items.shape === 'only-grows' && loadingAge(got) === undefined;
  const sure = lasting && inSource && memoryGrowsAlong(got);
  return { level: !seen ? 'low' : sure ? 'high' : 'medium', value: null, basis: 'rule' };
}

function memoryGrowsAlong(got: HolderGot): boolean {
  const { 'heap-growth': growth, 'memory-series': series } = got;
  if (growth === undefined || series === undefined) return false;
  const trend = memoryTrend(series);
  const leaking = growingHolders(growth, got.source, series).filter(({ judgement }) => judgement === 'leaks');
  const bytesPerSecond = leaking.reduce((sum, each) => sum + each.bytesPerSecond, 0);
  return trend.shape === 'grows' && !explainsLittle(bytesPerSecond, trend);
}
