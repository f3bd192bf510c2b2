import { median } from './quantiles.ts';
import { weighSlopes } from './remembering-regression.ts';

/** A level that holds from one value up to another. */
export interface Segment {
  /** The first value of it, and the one behind its last. */
  readonly from: number;
  readonly to: number;
  /** The median. */
  readonly level: number;
}

/** Fewer values show no level. */
const FEWEST = 8;
const MOST_SEGMENTS = 20;

/**
 * Where the level of a series changes: it is cut where it changes most, and each piece again, as long as chance would hardly make such a
 * change (binary segmentation: Scott and Knott 1974, Vostrikova 1981). Two places are tried: where ranks before and behind differ most (Pettitt
 * 1979, Applied Statistics 28:126), and where the neighbours to both sides do. The change there is judged as a slope is,
 * values being like their neighbours as much as they may be. One segment where nothing changes.
 */
export function segmentsOf(values: readonly number[], alarm = 0.01): Segment[] {
  const cuts = [0, values.length];
  const open: [number, number][] = [[0, values.length]];
  while (open.length > 0 && cuts.length <= MOST_SEGMENTS) {
    const [from, to] = open.shift()!;
    const cut = changeIn(values.slice(from, to), alarm);
    if (cut === undefined) continue;
    cuts.push(from + cut);
    open.push([from, from + cut], [from + cut, to]);
  }
  const sorted = cuts.sort((a, b) => a - b);
  return sorted.slice(1).flatMap((to, at) => {
    const from = sorted[at]!;
    const level = median(values.slice(from, to));
    return level === undefined ? [] : [{ from, to, level }];
  });
}

/** The first value of the second part; undefined: no change that chance would not make. */
function changeIn(values: readonly number[], alarm: number): number | undefined {
  if (values.length < 2 * FEWEST) return undefined;
  const judged = [rankCut(values), jumpCut(values)].flatMap((cut) => {
    const change = weighSlopes([values.map((value, at) => [at < cut ? 0 : 1, value] as const)]);
    return change ? [{ cut, ...change }] : [];
  });
  const best = judged.sort((a, b) => b.evidence - a.evidence)[0];
  if (best === undefined) return undefined;
  const chance = 2 * Math.min(best.chanceOfNoRise, 1 - best.chanceOfNoRise);
  // It is the largest of many changes: each place at which it might have been makes one more chance.
  return chance * values.length <= alarm ? best.cut : undefined;
}

function rankCut(values: readonly number[]): number {
  const ranks = ranksOf(values);
  const middle = (values.length + 1) / 2;
  let sum = 0;
  return steepest(values.length, (at) => {
    sum += ranks[at - 1]! - middle;
    return Math.abs(sum);
  });
}

/** How many neighbours to either side are looked at. */
const NEAR = 5;

const jumpCut = (values: readonly number[]): number =>
  steepest(values.length, (at) =>
    at < FEWEST ? 0 : Math.abs(median(values.slice(at, at + NEAR))! - median(values.slice(at - NEAR, at))!),
  );

/** The place with the largest size; asked for each in order, and chosen where enough values lie to both sides. */
function steepest(count: number, sizeAt: (at: number) => number): number {
  let [most, cut] = [-1, FEWEST];
  for (let at = 1; at <= count - FEWEST; at++) {
    const size = sizeAt(at);
    if (at >= FEWEST && size > most) [most, cut] = [size, at];
  }
  return cut;
}

/** From 1 on; equal values share the middle of theirs. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let at = 0; at < order.length; ) {
    let end = at;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[at]!]) end++;
    for (let tied = at; tied <= end; tied++) ranks[order[tied]!] = (at + end) / 2 + 1;
    at = end + 1;
  }
  return ranks;
}
