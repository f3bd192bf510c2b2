import type { Sample } from './container-series.ts';

/** Fewer samples in a life tell neither its length nor how near the limit it came. */
const FEWEST_SAMPLES = 5;
/** A life that was seen this near the limit right before it ended was, in all likelihood, killed for it. */
const NEAR_SHARE = 0.7;

/**
 * Seconds that earlier lives lasted, by a history that is cut where the container restarted: those between two restarts
 * that ended near the limit. The first and the last are not whole. What the status tells of is not counted again.
 */
export function lengthsInHistory(
  lives: readonly (readonly Sample[])[],
  limitBytes: number | undefined,
  knownEnds: readonly number[],
): number[] {
  if (limitBytes === undefined) return [];
  return lives.slice(1, -1).flatMap((samples, at) => {
    const next = lives[at + 2]![0]![0];
    const [first, last] = [samples[0]!, samples.at(-1)!];
    const isKnown = knownEnds.some((end) => end >= last[0] - 1 && end <= next + 1);
    const isNear = samples.length >= FEWEST_SAMPLES && last[1] >= limitBytes * NEAR_SHARE;
    return isNear && !isKnown ? [(last[0] + next) / 2 - first[0]] : [];
  });
}
