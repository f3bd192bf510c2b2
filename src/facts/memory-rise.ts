import type { MemorySeries } from '../core/artifacts.ts';
import { median, quantile } from '../stats/quantiles.ts';
import type { Trend } from '../stats/theil-sen.ts';

type Samples = MemorySeries['samples'];

/** How far memory rose, and whether it did all the time. */

/** The part of the samples at either end whose middle value stands for that end. */
const END_SHARE = 0.1;

/**
 * The rise from one end of the watch to the other, in bytes; of the line through it where that rises less. A line alone tells
 * too much of a rise that is bent like an S: its steep middle, as if it had been so all the time.
 */
export function riseBytes(samples: Samples, { slope }: Trend): number {
  const count = Math.max(1, Math.round(samples.length * END_SHARE));
  const ends = middleBytes(samples.slice(-count)) - middleBytes(samples.slice(0, count));
  return Math.min(ends, slope * (samples.at(-1)![0] - samples[0]![0]));
}

/** The part of the samples to either side that is left out of their spread: a peak now and then is no noise. */
const OUTLIERS_SHARE = 0.1;

/** How far apart the samples lie around the line, in bytes, without the outermost. */
export function spreadBytes(samples: Samples, { slope }: Trend): number {
  const rest = samples.map(([at, bytes]) => bytes - slope * (at - samples[0]![0]));
  return quantile(rest, 1 - OUTLIERS_SHARE)! - quantile(rest, OUTLIERS_SHARE)!;
}

/** Of a rise that went on in half of the watch and no longer, at least one of six parts is not above the one before. */
const PARTS = 6;
/** How much of the mean rise from one part to the next each must have. */
const PART_SHARE = 0.1;

/** Whether each sixth of the watch lies above the one before. */
export function risesThroughout(samples: Samples): boolean {
  const cut = (part: number) => Math.floor((part * samples.length) / PARTS);
  const levels = Array.from({ length: PARTS }, (_, at) => middleBytes(samples.slice(cut(at), cut(at + 1))));
  const least = ((levels.at(-1)! - levels[0]!) / (PARTS - 1)) * PART_SHARE;
  return least > 0 && levels.slice(1).every((level, at) => level - levels[at]! >= least);
}

const middleBytes = (samples: Samples): number => median(samples.map(([, bytes]) => bytes))!;
