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
  /** 0 or more. */
  readonly itemsPerSecond: number;
}

type Counts = readonly (readonly [number, number])[];

const FEWEST_RISES = 3;
/** Registries also lose an entry now and then: falls below this part of the rises do not stop the growth. */
const FALLS_ALLOWED = 0.2;
const LAST_PART = 1 / 3;
/** Two looks that are closer than this give no rate. */
export const LEAST_SECONDS = 0.1;

/** Judges a series of [Unix seconds, items], of which `gained` came in `seconds` between two looks. */
export function itemTrend(counts: Counts, gained: number, seconds: number): ItemTrend {
  const steps = counts.slice(1).map(([, items], at) => items - counts[at]![1]);
  const up = steps.filter((step) => step > 0);
  const down = steps.filter((step) => step < 0);
  const shape = -sum(down) > sum(up) * FALLS_ALLOWED ? 'rises-and-falls' : shapeOf(steps, up.length);
  return { shape, rises: up.length, falls: down.length, itemsPerSecond: rateOf(shape, counts, gained, seconds) };
}

/** Counts that fall may be another object's, at the same address: then what the looks gained is the better witness. */
function rateOf(shape: ItemShape, counts: Counts, gained: number, seconds: number): number {
  const between = seconds >= LEAST_SECONDS ? gained / seconds : 0;
  const counted = shape === 'rises-and-falls' ? 0 : (theilSen(counts)?.slope ?? 0);
  return Math.max(0, Number.isFinite(counted) && counted !== 0 ? counted : between);
}

function shapeOf(steps: readonly number[], rises: number): ItemShape {
  if (rises < FEWEST_RISES) return 'unsure';
  const last = steps.slice(-Math.max(FEWEST_RISES, Math.floor(steps.length * LAST_PART)));
  return last.some((step) => step > 0) ? 'only-grows' : 'settled';
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
