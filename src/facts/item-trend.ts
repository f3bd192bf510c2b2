import { theilSen } from '../stats/theil-sen.ts';

/** What the number of items did between the looks. */
export type ItemShape =
  /** More and more, never fewer (or hardly ever). */
  | 'only-grows'
  /** Grows at most readings; some are of another object that was at the address then (a container replaced by its copy). */
  | 'mostly-grows'
  /** Fills and is emptied. */
  | 'rises-and-falls'
  /** Grew, and stands still by the end. */
  | 'settled'
  /** Grew too seldom to tell. */
  | 'unsure';

export interface ItemTrend {
  readonly shape: ItemShape;
  /** Times at which there were more items than before. */
  readonly rises: number;
  readonly itemsPerSecond: number;
}

const FEWEST_RISES = 3;
/** Registries also lose an entry now and then: falls below this part of the rises do not stop the growth. */
const FALLS_ALLOWED = 0.2;
const LAST_PART = 1 / 3;

/** Judges a series of [Unix seconds, items], of which `gained` came in `seconds` between two looks. */
export function itemTrend(counts: readonly (readonly [number, number])[], gained: number, seconds: number): ItemTrend {
  const steps = counts.slice(1).map(([, items], at) => items - counts[at]![1]);
  const up = steps.filter((step) => step > 0);
  const risen = sum(up);
  const fallen = -sum(steps.filter((step) => step < 0));
  const itemsPerSecond = theilSen(counts)?.slope || (seconds > 0 ? gained / seconds : 0);
  return {
    shape: fallen > risen * FALLS_ALLOWED ? fallingShape(counts.map(([, items]) => items)) : shapeOf(steps, up.length),
    rises: up.length,
    itemsPerSecond: Math.max(0, itemsPerSecond),
  };
}

function shapeOf(steps: readonly number[], rises: number): ItemShape {
  if (rises < FEWEST_RISES) return 'unsure';
  const last = steps.slice(-Math.max(FEWEST_RISES, Math.floor(steps.length * LAST_PART)));
  return last.some((step) => step > 0) ? 'only-grows' : 'settled';
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

const RISING_SHARE = 2 / 3;
const FEWEST_COUNTS = 9;

/** Whether two thirds of the counts form a rise that ends at the top. Of counts at random a third or so do. */
function fallingShape(items: readonly number[]): ItemShape {
  const rising = longestRise(items);
  const isRise = rising.length >= items.length * RISING_SHARE && rising.at(-1) === Math.max(...items);
  return isRise && items.length >= FEWEST_COUNTS ? 'mostly-grows' : 'rises-and-falls';
}

/** The longest subsequence that never falls. Quadratic: there are some tens of readings. */
function longestRise(items: readonly number[]): number[] {
  const lengths: number[] = [];
  const before: number[] = [];
  items.forEach((item, at) => {
    let best = -1;
    for (let earlier = 0; earlier < at; earlier += 1) {
      if (items[earlier]! <= item && (best < 0 || lengths[earlier]! > lengths[best]!)) best = earlier;
    }
    before.push(best);
    lengths.push(best < 0 ? 1 : lengths[best]! + 1);
  });
  const rise: number[] = [];
  for (let at = lengths.indexOf(Math.max(...lengths)); at >= 0; at = before[at]!) rise.unshift(items[at]!);
  return rise;
}
