/** The numbers below `count` with the highest scores, as `Top` chooses them. */
export function top(count: number, most: number, score: (id: number) => number): number[] {
  const chosen = new Top(most);
  for (let id = 0; id < count; id += 1) chosen.offer(id, score(id));
  return chosen.ids();
}

/**
 * Of all that is offered, those with the highest scores, at most `most` of them; what scores 0 or less is left out. In
 * one pass and with a heap of that size: there are millions to choose from.
 */
export class Top {
  readonly #most: number;
  readonly #ids: number[] = [];
  readonly #scores: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** At most once for each id. */
  offer(id: number, score: number): void {
    if (!(score > 0)) return;
    if (this.#ids.length < this.#most) rise(this.#ids, this.#scores, id, score);
    else if (score > this.#scores[0]!) sink(this.#ids, this.#scores, id, score);
  }

  /** Highest score first; of equal scores the lower id. */
  ids(): number[] {
    return this.#ids
      .map((id, at) => ({ id, score: this.#scores[at]! }))
      .sort((a, b) => b.score - a.score || a.id - b.id)
      .map(({ id }) => id);
  }
}

/** Adds at the end of a heap whose lowest score is in front. */
function rise(ids: number[], scores: number[], id: number, score: number): void {
  let at = ids.length;
  for (; at > 0; ) {
    const up = (at - 1) >> 1;
    if (scores[up]! <= score) break;
    ids[at] = ids[up]!;
    scores[at] = scores[up]!;
    at = up;
  }
  ids[at] = id;
  scores[at] = score;
}

/** Puts it in the place of the lowest. */
function sink(ids: number[], scores: number[], id: number, score: number): void {
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    if (down >= ids.length) break;
    if (down + 1 < ids.length && scores[down + 1]! < scores[down]!) down += 1;
    if (scores[down]! >= score) break;
    ids[at] = ids[down]!;
    scores[at] = scores[down]!;
    at = down;
  }
  ids[at] = id;
  scores[at] = score;
}
