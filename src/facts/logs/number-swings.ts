import type { Course } from '../../stats/remembering-regression.ts';

export interface Swings {
  /** How often it fell by much within a life. */
  readonly falls: number;
  /** Those that took far fewer values than the rise before them. */
  readonly steep: number;
  /** The low points of each life, its first value included. */
  readonly troughs: readonly (readonly number[])[];
}

/** A turn counts where it goes this part of the way between the least and the most. */
const MUCH = 0.4;
const STEEP = 0.5;

/** The turning points of all lives, small ones left out. */
export function swingsOf(lives: readonly Course[]): Swings {
  const values = lives.flatMap((life) => life.map(([, value]) => value));
  const range =
    values.reduce((most, each) => Math.max(most, each), -Infinity) -
    values.reduce((least, each) => Math.min(least, each), Infinity);
  const turns = lives.map((life) =>
    turnsIn(
      life.map(([, value]) => value),
      range * MUCH,
    ),
  );
  const falls = turns.flatMap((own) => own.filter(({ down }) => down));
  return {
    falls: falls.length,
    steep: falls.filter(({ steps, before }) => before > 0 && steps <= Math.max(1, before * STEEP)).length,
    troughs: turns.map((own, at) => [lives[at]![0]![1], ...own.filter(({ down }) => down).map(({ to }) => to)]),
  };
}

interface Turn {
  readonly down: boolean;
  readonly to: number;
  /** Values from the turn before to this one, and of the swing before. */
  readonly steps: number;
  readonly before: number;
}

/** Swings by at least `much`, each from one extreme to the next; the last one may still go on. */
function turnsIn(values: readonly number[], much: number): Turn[] {
  const extremes = extremesOf(values, much);
  return extremes.slice(1).map((to, at) => {
    const from = extremes[at]!;
    const before = at === 0 ? 0 : from - extremes[at - 1]!;
    return { down: values[to]! < values[from]!, to: values[to]!, steps: to - from, before };
  });
}

/** Where it turned: by the first value that is so much below the highest since the turn before, or above the lowest. */
function extremesOf(values: readonly number[], much: number): number[] {
  if (!(much > 0)) return [];
  const extremes: number[] = [];
  let [low, high, direction] = [0, 0, 0];
  values.forEach((value, at) => {
    if (value > values[high]!) high = at;
    if (value < values[low]!) low = at;
    if (direction >= 0 && values[high]! - value >= much) {
      extremes.push(high);
      [direction, low] = [-1, at];
    } else if (direction <= 0 && value - values[low]! >= much) {
      extremes.push(low);
      [direction, high] = [1, at];
    }
  });
  if (direction !== 0) extremes.push(direction > 0 ? high : low);
  return extremes;
}
