import { lagOneAutocorrelation, varianceInflation } from './autocorrelation.ts';
import { normalQuantile } from './normal.ts';
import { pairwiseSlopes, residuals, varianceOfS } from './pairs.ts';
import { median, quantileOfSorted } from './quantiles.ts';
import { thinned } from './thinning.ts';

export interface Trend {
  /** Change of y for one of x: the median of the slopes of all pairs. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** y at x = 0 on the line with this slope through the medians. */
  readonly intercept: number;
  /** 0.9: nine in ten such intervals hold the true slope. */
  readonly level: number;
}

const FEWEST_POINTS = 4;

/**
 * The slope of a series that may jump, stall and have outliers (Theil 1950, Sen 1968), with an interval from the ranks
 * of the pairs' slopes (Sen 1968; Gilbert 1987, chapter 16). Neighbouring samples of memory are alike, so the variance
 * behind the interval is that of the effective sample size (see `varianceInflation`). Up to 29 % of the points may be
 * anything. Undefined for fewer than four points with different x. Points that are no finite numbers are left out.
 */
export function theilSen(points: readonly (readonly [number, number])[], level = 0.9): Trend | undefined {
  const used = thinned(inOrder(points));
  if (new Set(used.map(([x]) => x)).size < FEWEST_POINTS) return undefined;
  const slopes = pairwiseSlopes(used);
  const slope = quantileOfSorted(slopes, 0.5);
  const rest = residuals(used, slope);
  const inflation = varianceInflation(used.length, lagOneAutocorrelation(rest));
  const spread = Math.sqrt(varianceOfS(used.map(([, y]) => y)) * inflation) * normalQuantile(0.5 + level / 2);
  const intercept = median(used.map(([x, y]) => y - slope * x))!;
  return { slope, ...interval(slopes, slope, spread), intercept, level };
}

const inOrder = (points: readonly (readonly [number, number])[]) =>
  points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)).sort(([a], [b]) => a - b);

/**
 * The slopes whose ranks lie `spread` / 2 to either side of the middle. Where that is beyond the outermost pair there
 * are too few independent values for the level; the outermost slope is then moved out in proportion.
 */
function interval(slopes: Float64Array, slope: number, spread: number): { low: number; high: number } {
  const last = slopes.length - 1;
  const beyond = Math.max(1, spread / slopes.length);
  const below = slopes[Math.max(0, Math.floor((slopes.length - spread) / 2) - 1)]!;
  const above = slopes[Math.min(last, Math.ceil((slopes.length + spread) / 2))]!;
  return { low: slope - (slope - below) * beyond, high: slope + (above - slope) * beyond };
}
