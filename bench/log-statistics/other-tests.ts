import { lagOneAutocorrelation } from '../../src/stats/autocorrelation.ts';
import { mannKendall } from '../../src/stats/mann-kendall.ts';
import { normalQuantile } from '../../src/stats/normal.ts';
import { kendallS, varianceOfS } from '../../src/stats/pairs.ts';
import { seeded } from '../../src/stats/seeded.ts';
import { theilSen } from '../../src/stats/theil-sen.ts';
import { seedOf, straying, type World } from './simulations.ts';

/** What else could judge whether a series rises, for the choice between them: each says so of a series at 1 %, to one side. */
const LEAST_Z = normalQuantile(0.99);

/** Mann–Kendall, with the variance of Hamed and Rao 1998. */
const hamedRao = (values: readonly number[]): boolean => mannKendall(values).z >= LEAST_Z;

/** Mann–Kendall on the series without its trend, whitened, with the trend put back: trend-free pre-whitening, Yue and Wang 2002. */
function trendFree(values: readonly number[]): boolean {
  const slope = theilSen(values.map((value, at) => [at, value] as const))?.slope ?? 0;
  const rest = values.map((value, at) => value - slope * at);
  const memory = lagOneAutocorrelation(rest);
  const whitened = rest.slice(1).map((value, at) => value - memory * rest[at]! + slope * (at + 1));
  const points = whitened.map((value, at) => [at, value] as const);
  return (kendallS(points) - 1) / Math.sqrt(varianceOfS(whitened)) >= LEAST_Z;
}

export const OTHERS = { 'Hamed and Rao': hamedRao, 'trend-free pre-whitening': trendFree };

/** The share of series without a trend that it calls rising. */
export function falseAlarmsOf(test: (values: readonly number[]) => boolean, world: World, runs: number): number {
  const random = seeded(seedOf(world));
  return (
    Array.from({ length: runs }, () => test(straying(world.values, world.memory, random))).filter(Boolean).length / runs
  );
}
