/** At most about `most` of the points, with the lowest and the highest of each stretch kept, so that no peak is lost. */
export function thinned<P extends readonly [number, number]>(points: readonly P[], most: number): P[] {
  if (points.length <= most) return [...points];
  const stretch = Math.ceil(points.length / (most / 2));
  const kept: P[] = [];
  for (let from = 0; from < points.length; from += stretch) {
    const part = points.slice(from, from + stretch);
    const low = part.reduce((least, point) => (point[1] < least[1] ? point : least));
    const high = part.reduce((greatest, point) => (point[1] > greatest[1] ? point : greatest));
    kept.push(...(low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low]));
  }
  return kept;
}
