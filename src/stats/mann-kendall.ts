import { lagOneAutocorrelation, varianceInflation } from './autocorrelation.ts';
import { twoSidedP } from './normal.ts';
import { kendallS, pairwiseSlopes, residuals, tieSizes, varianceOfS } from './pairs.ts';
import { quantileOfSorted } from './quantiles.ts';
import { thinned } from './thinning.ts';

export interface MonotonicTrend {
  /** Rising pairs less falling pairs. */
  readonly s: number;
  readonly z: number;
  /** The chance of an |S| at least as large without a trend, two-sided. */
  readonly p: number;
  /** Kendall's tau-b, −1 to 1: 1 where no value is below an earlier one and none are equal. */
  readonly tau: number;
}

/**
 * Does the series rise or fall, whatever its shape? Mann 1945, Kendall 1975; ties corrected; the variance widened for
 * samples that are like their neighbours as in Hamed and Rao 1998, with the autocorrelation of what is left when the
 * trend is taken off (Yue and Wang 2004: else a trend counts as autocorrelation and hides itself). Normal
 * approximation with continuity correction, within 0.03 of the exact p down to four values; fewer give p = 1.
 * Values are in the order of time; those that are no finite numbers are left out.
 */
export function mannKendall(values: readonly number[]): MonotonicTrend {
  const points = thinned(values.filter(Number.isFinite).map((value, at) => [at, value] as const));
  const s = kendallS(points);
  const used = points.map(([, value]) => value);
  const tau = tauB(s, used);
  const independent = varianceOfS(used);
  if (used.length < 4 || independent <= 0) return { s, z: 0, p: 1, tau };
  const slope = quantileOfSorted(pairwiseSlopes(points), 0.5);
  const inflation = varianceInflation(used.length, lagOneAutocorrelation(residuals(points, slope)));
  const z = (Math.sign(s) * Math.max(0, Math.abs(s) - 1)) / Math.sqrt(independent * inflation);
  return { s, z, p: twoSidedP(z), tau };
}

function tauB(s: number, values: readonly number[]): number {
  const pairs = (values.length * (values.length - 1)) / 2;
  const tied = tieSizes(values).reduce((sum, t) => sum + (t * (t - 1)) / 2, 0);
  return pairs === tied ? 0 : s / Math.sqrt(pairs * (pairs - tied));
}
