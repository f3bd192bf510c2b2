import { quantileOfSorted } from './quantiles.ts';

type Points = readonly (readonly [number, number])[];

/** The slopes of all pairs of points with different x, smallest first. */
export function pairwiseSlopes(points: Points): Float64Array {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2);
  let found = 0;
  for (let i = 0; i < points.length; i++) {
    const [x, y] = points[i]!;
    for (let j = i + 1; j < points.length; j++) {
      const dx = points[j]![0] - x;
      if (dx !== 0) slopes[found++] = (points[j]![1] - y) / dx;
    }
  }
  return slopes.subarray(0, found).sort();
}

/** Kendall's S: rising pairs less falling pairs, of points in the order of x. */
export function kendallS(points: Points): number {
  let s = 0;
  for (let i = 0; i < points.length; i++) {
    const [x, y] = points[i]!;
    for (let j = i + 1; j < points.length; j++) s += Math.sign((points[j]![1] - y) * (points[j]![0] - x));
  }
  return s;
}

/** Variance of S where there is no trend and no memory between values; ties taken off (Kendall 1975, Gilbert 1987 chapter 16). */
export function varianceOfS(values: readonly number[]): number {
  const n = values.length;
  const tied = tieSizes(values).reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  return (n * (n - 1) * (2 * n + 5) - tied) / 18;
}

/** How many values there are of each value that occurs more than once. */
export function tieSizes(values: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}

/** What is left of y when the line with this slope, through the medians, is taken off. */
export function residuals(points: Points, slope: number): number[] {
  const rest = points.map(([x, y]) => y - slope * x);
  const intercept = quantileOfSorted(Float64Array.from(rest).sort(), 0.5);
  return rest.map((value) => value - intercept);
}
