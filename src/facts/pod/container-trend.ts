import { mannKendall } from '../../stats/mann-kendall.ts';
import { theilSen } from '../../stats/theil-sen.ts';
import { type MemoryTrend, memoryTrend, noiseBytesOf } from '../memory-trend.ts';
import type { Sample } from './container-series.ts';

/** A line through fewer moments is no trend: the metrics API gives a new number every 15 to 60 s. */
export const FEWEST_MOMENTS = 4;
/** From here on it is judged as any series is. */
const MANY_MOMENTS = 8;
const LEAST_TAU = 0.6;

/** What memory did in one life; undefined for fewer than four moments. */
export function containerTrend(samples: readonly Sample[]): MemoryTrend | undefined {
  if (samples.length < FEWEST_MOMENTS) return undefined;
  const own = samples.map(([at, bytes]): Sample => [at, bytes]);
  const short = shortTrend(own);
  if (own.length < MANY_MOMENTS) return short;
  const long = memoryTrend({ samples: own });
  // Moments lie unevenly apart where some were missed: what is left of a straight rise then looks like a series that remembers,
  // and its few values like even fewer. Nothing may be called flat that rises from moment to moment.
  return long.shape === 'flat' && short.shape === 'grows' ? short : long;
}

/** Few moments show a rise where hardly one falls behind another; that nothing rises they show by lying close together. */
function shortTrend(samples: Sample[]): MemoryTrend {
  const seconds = samples.at(-1)![0] - samples[0]![0];
  const slope = theilSen(samples);
  const noiseBytes = noiseBytesOf(samples);
  const usable = slope && [slope.slope, slope.low, slope.high].every(Number.isFinite) ? slope : undefined;
  if (usable === undefined) return { seconds, slope: undefined, shape: 'unknown', steady: false, noiseBytes };
  const values = samples.map(([, bytes]) => bytes);
  const rises = usable.low > 0 && usable.slope * seconds >= noiseBytes && mannKendall(values).tau >= LEAST_TAU;
  const range = Math.max(...values) - Math.min(...values);
  const still = range <= 2 * noiseBytes || usable.high <= 0;
  return { seconds, slope: usable, shape: rises ? 'grows' : still ? 'flat' : 'unknown', steady: rises, noiseBytes };
}
