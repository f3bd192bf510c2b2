/**
 * How much memory the residuals of a trend have from one sample to the next, and what that costs. Memory series have a
 * lot: an allocator takes a megabyte at a time and a collector gives back in bursts, so twenty samples do not say as
 * much as twenty independent ones.
 */

/** The strongest lag-1 autocorrelation that is reckoned with: beyond it the series is a random walk to us. */
const MOST = 0.95;

/**
 * Lag-1 autocorrelation of residuals around a fitted line, between 0 and 0.95. The plain estimate is too low, by about
 * (2 + 4ρ)/n where level and slope were fitted ((1 + 3ρ)/n for the level: Marriott and Pope 1954, Kendall 1954; the slope
 * adds (1 + ρ)/n), and is corrected. A negative one counts as 0: it would narrow the interval.
 */
export function lagOneAutocorrelation(residuals: readonly number[]): number {
  const n = residuals.length;
  const mean = residuals.reduce((sum, value) => sum + value, 0) / n;
  let squares = 0;
  let products = 0;
  for (let i = 0; i < n; i++) {
    const here = residuals[i]! - mean;
    squares += here * here;
    if (i > 0) products += here * (residuals[i - 1]! - mean);
  }
  // Below eight values the correction is larger than what it corrects.
  if (n < 8 || squares === 0) return 0;
  const raw = products / squares;
  return Math.min(MOST, Math.max(0, (n * raw + 2) / (n - 4)));
}

/**
 * By how much the variance of Kendall's S is larger than that of n independent values, for a series whose values
 * remember as in AR(1): n/n* of Hamed and Rao 1998 (Journal of Hydrology 204:182), with ρ of the ranks from
 * ρ of the values as (6/π) asin(ρ/2). 1 or more; n divided by it is the effective sample size.
 */
export function varianceInflation(n: number, rho: number): number {
  if (n < 3) return 1;
  let sum = 0;
  let power = rho;
  for (let lag = 1; lag < n - 2 && power > 1e-6; lag++) {
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * (6 / Math.PI) * Math.asin(power / 2);
    power *= rho;
  }
  return 1 + (2 * sum) / (n * (n - 1) * (n - 2));
}
