import { median } from './quantiles.ts';

type Point = readonly [x: number, y: number];

/** Points of all lives that the slope is first guessed from: 100 make 5,000 pairs. */
const MOST_GUESSED = 100;
/** What lies further from the line than this many spreads (as of normal values, by the median of distances) is drawn in to there. */
const FAR = 5;
const NORMAL = 1.4826;

/**
 * The same lives with the points that lie far off drawn in (winsorized): a burst that came and went says nothing of the slope. What counts as
 * far is measured from the median of the slopes of all pairs within a life (Theil 1950), which a quarter of wild points does not move.
 */
export function tamed(lives: readonly (readonly Point[])[]): readonly (readonly Point[])[] {
  const slope = commonSlope(lives);
  const levels = lives.map((life) => median(life.map(([x, y]) => y - slope * x)) ?? 0);
  const distances = lives.flatMap((life, at) => life.map(([x, y]) => Math.abs(y - slope * x - levels[at]!)));
  const most = FAR * NORMAL * (median(distances) ?? 0);
  // More than half lie on the line: then nobody can say what is far.
  if (!(most > 0) || distances.every((distance) => distance <= most)) return lives;
  return lives.map((life, at) =>
    life.map(([x, y]): Point => {
      const line = levels[at]! + slope * x;
      return [x, line + Math.min(most, Math.max(-most, y - line))];
    }),
  );
}

function commonSlope(lives: readonly (readonly Point[])[]): number {
  const count = lives.reduce((sum, { length }) => sum + length, 0);
  const step = Math.max(1, Math.ceil(count / MOST_GUESSED));
  const slopes: number[] = [];
  for (const life of lives) {
    const few = life.filter((_, at) => at % step === 0);
    for (let at = 0; at < few.length; at++) {
      const [x, y] = few[at]!;
      for (let later = at + 1; later < few.length; later++) {
        const [laterX, laterY] = few[later]!;
        if (laterX !== x) slopes.push((laterY - y) / (laterX - x));
      }
    }
  }
  return median(slopes) ?? 0;
}
