import type { Confidence } from '../core/report.ts';
import type { Uses } from '../source-code/index.ts';
import type { GrownSince } from './baseline-growth.ts';
import { explainsLittle } from './explained-growth.ts';
import { type GrowingHolder, growingHolders } from './growing-holders.ts';
import type { HolderGot } from './holder-artifacts.ts';
import { memoryTrend } from './memory-trend.ts';
import { loadingAge } from './process-age.ts';
import { sinceBaseline } from './since-baseline.ts';

const FEWEST_RISES = 5;
const FEWEST_COUNTS = 7;

/**
 * By rule, until it has been measured: high where the count rose again and again, the source shows a line that feeds
 * and none that empties, and the process's memory grows along, not ten times as fast, and it is no start-up that may
 * only be loading; low where few rises were seen.
 */
export function confidenceIn(got: HolderGot, grown: GrowingHolder): Confidence {
  if (grown.since?.decides) return { level: levelSince(grown.since, grown.uses), value: null, basis: 'rule' };
  const { items, uses, countsBetween } = grown;
  const seen = items.rises >= FEWEST_RISES && countsBetween >= FEWEST_COUNTS;
  const inSource = uses !== undefined && uses.feeds.length > 0 && uses.empties.length === 0;
  const lasting = items.shape === 'only-grows' && loadingAge(got) === undefined;
  const sure = lasting && inSource && memoryGrowsAlong(got);
  return { level: !seen ? 'low' : sure ? 'high' : 'medium', value: null, basis: 'rule' };
}

/** Two points hours apart never make sure; the source may show that what came in between has no way out. */
function levelSince({ sinceStart }: GrownSince, uses: Uses | undefined): Confidence['level'] {
  const hasNoWayOut = uses !== undefined && uses.feeds.length > 0 && uses.empties.length === 0;
  return hasNoWayOut && !sinceStart ? 'medium' : 'low';
}

function memoryGrowsAlong(got: HolderGot): boolean {
  const { 'heap-growth': growth, 'memory-series': series } = got;
  if (growth === undefined || series === undefined) return false;
  const trend = memoryTrend(series);
  const all = growingHolders(growth, got.source, series, sinceBaseline(got));
  const bytesPerSecond = all
    .filter(({ judgement }) => judgement === 'leaks')
    .reduce((sum, each) => sum + each.bytesPerSecond, 0);
  return trend.shape === 'grows' && !explainsLittle(bytesPerSecond, trend);
}
