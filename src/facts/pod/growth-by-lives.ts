import type { Estimate } from '../../core/report.ts';
import { median } from '../../stats/quantiles.ts';
import type { Sample } from './container-series.ts';

/** Usage at an age, in seconds and bytes: of any life that was measured. */
export type AgedSample = Sample;

/** A sample later than this part of a life is too near its end to tell a rate by. */
const EARLY_SHARE = 0.6;
/** Where no life was measured: the part of the limit that a program takes before it does any work. */
const START_SHARE = { least: 0.05, likely: 0.2, most: 0.45 };
const MARGIN = 0.15;

/**
 * Growth by how long lives last: usage was at the limit when the kernel killed, and at its start, or where it was measured
 * early in a life, far below. Undefined without a life that ended so.
 */
export function growthByLives(
  limitBytes: number,
  lengths: readonly number[],
  measured: readonly AgedSample[],
): Estimate | undefined {
  const usable = lengths.filter((length) => length >= 1);
  if (usable.length === 0) return undefined;
  const rates = usable.flatMap((length) =>
    measured
      .filter(([age, bytes]) => age >= 0 && age <= length * EARLY_SHARE && bytes < limitBytes)
      .map(([age, bytes]) => (limitBytes - bytes) / (length - age)),
  );
  if (rates.length === 0) return byRule(limitBytes, usable);
  const [low, high] = [rates.reduce((a, b) => Math.min(a, b)), rates.reduce((a, b) => Math.max(a, b))];
  return { value: median(rates)!, low: low * (1 - MARGIN), high: high * (1 + MARGIN), level: 0.9 };
}

/** Less than this part of what steady growth would have taken by then tells against it. */
const BEHIND_SHARE = 0.6;
/** Later in a life than this, in parts of it, so that the difference is no matter of seconds. */
const LATE_SHARE = 0.3;

/**
 * Whether what was measured late in a life is far below what steady growth from its start to the limit would have taken: then
 * it was a burst that reached the limit, or growth that comes late.
 */
export function isBehind(limitBytes: number, lengths: readonly number[], measured: readonly AgedSample[]): boolean {
  const longest = Math.max(0, ...lengths);
  return measured.some(
    ([age, bytes]) =>
      age >= longest * LATE_SHARE && age <= longest && bytes < (BEHIND_SHARE * limitBytes * age) / longest,
  );
}

function byRule(limitBytes: number, lengths: readonly number[]): Estimate {
  const filled = (share: number, length: number) => (limitBytes * (1 - share)) / length;
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
  return {
    value: filled(START_SHARE.likely, median(lengths)!),
    low: filled(START_SHARE.most, longest),
    high: filled(START_SHARE.least, shortest),
    level: 0.9,
  };
}
