/** A number of a row, at its place in the log. */
export interface RowPoint {
  readonly atUnixSeconds?: number;
  /** The line's number, as in `LogLine`. */
  readonly line: number;
  readonly life: number;
  readonly value: number;
}

const MOST_POINTS = 1024;

/** Keeps the points of a series in bounded memory: of many every second one is dropped, but not the first and last of a life, nor minima and maxima. */
export class RowSeries {
  #points: RowPoint[] = [];
  #count = 0;

  add(point: RowPoint): void {
    this.#count++;
    if (this.#points.length >= MOST_POINTS) this.#points = halved(this.#points);
    this.#points.push(point);
  }

  /** In the order of the log; `count` is of all that there were. */
  get points(): readonly RowPoint[] {
    return this.#points;
  }

  /** The same, fewer. */
  pointsUpTo(most: number): readonly RowPoint[] {
    let points = this.#points;
    // Lives of a point each are not thinned below a half.
    for (let round = 0; round < 8 && points.length > most; round++) points = halved(points);
    return points;
  }

  get count(): number {
    return this.#count;
  }
}

function halved(points: readonly RowPoint[]): RowPoint[] {
  const values = points.map(({ value }) => value);
  const [least, most] = [values.indexOf(Math.min(...values)), values.indexOf(Math.max(...values))];
  const kept = points.filter(({ life }, at) => {
    const isEdge = points[at - 1]?.life !== life || points[at + 1]?.life !== life;
    return at % 2 === 0 || isEdge || at === least || at === most;
  });
  // Lives of one or two points each: no more can be kept of them than of others.
  return kept.length > MOST_POINTS * 0.9 ? points.filter((_, at) => at % 2 === 0) : kept;
}
