import { median } from './quantiles.ts';

/** More points than this are thinned: pairs grow with the square, and 2000 points make two million of them. */
export const MOST_POINTS = 2000;

/** Each block of neighbours becomes one point, the medians of its two coordinates: a trend stays, a spike does not. */
export function thinned(points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  if (points.length <= MOST_POINTS) return points;
  const blockLength = Math.ceil((2 * points.length) / MOST_POINTS);
  return Array.from({ length: Math.ceil(points.length / blockLength) }, (_, block) => {
    const members = points.slice(block * blockLength, (block + 1) * blockLength);
    return [median(members.map(([x]) => x))!, median(members.map(([, y]) => y))!] as const;
  });
}
