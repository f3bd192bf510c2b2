import { theilSen } from '../stats/theil-sen.ts';

/** What the number of items did between the looks. */
export type ItemShape =
  /** More and more, never fewer (or hardly ever). */
  | 'only-grows'
  /** Fills and is emptied; or is replaced by a copy again and again, and something else comes to its address. */
  | 'rises-and-falls'
  /** Grew, and stands still by the end. */
  | 'settled'
  /** Grew too seldom to tell. */
  | 'unsure';

export interface ItemTrend {
  readonly shape: ItemShape;
  /** Times at which there were more items than before, and fewer. */
  readonly rises: number;
  readonly falls: number;
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
    shape: fallen > risen * FALLS_ALLOWED ? 'rises-and-falls' : shapeOf(steps, up.length),
    rises: up.length,
    falls: steps.filter((step) => step < 0).length,
    itemsPerSecond: Math.max(0, itemsPerSecond),
  };
}

function shapeOf(steps: readonly number[], rises: number): ItemShape {
  if (rises < FEWEST_RISES) return 'unsure';
  const last = steps.slice(-Math.max(FEWEST_RISES, Math.floor(steps.length * LAST_PART)));
  return last.some((step) => step > 0) ? 'only-grows' : 'settled';
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
