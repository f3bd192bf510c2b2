import type { LogPoint, NumberSeries } from '../../logs/number-series.ts';
import { median } from '../../stats/quantiles.ts';
import type { Course } from '../../stats/remembering-regression.ts';

/** A number's values, one list a life of the process, in the order of the log. */
export interface NumberLives {
  /** What x is: Unix seconds, or where not every value has a time (or clocks stand still) the number of the line. */
  readonly axis: 'time' | 'line';
  readonly lives: readonly Course[];
}

export function livesOf({ points }: Pick<NumberSeries, 'points'>): NumberLives {
  const sized = points.filter(({ value }) => Math.abs(value) <= MOST_VALUE);
  const timed = sized.filter(({ atUnixSeconds }) => atUnixSeconds !== undefined);
  const isAll = timed.length >= sized.length * (1 - UNTIMED_SHARE);
  const axis = isAll && isTimed(timed) ? 'time' : 'line';
  const usable = axis === 'time' ? timed : sized;
  const byLife = new Map<number, [number, number][]>();
  for (const point of usable) {
    const own = byLife.get(point.life) ?? [];
    if (own.length === 0) byLife.set(point.life, own);
    own.push([axis === 'time' ? point.atUnixSeconds! : point.line, point.value]);
  }
  const lives = [...byLife].sort(([a], [b]) => a - b).map(([, life]) => life);
  return { axis, lives: axis === 'time' ? lives.map(withoutJumps) : lives };
}

/** The first line of a rotated log may have lost its beginning. */
const UNTIMED_SHARE = 0.02;
/** Threads and workers are not so late. */
const JUMP_SECONDS = 60;

/** A clock that was put back tells times again: what follows comes as long after as values usually do. */
function withoutJumps(life: [number, number][]): [number, number][] {
  const steps = life.slice(1).map(([at], index) => at - life[index]![0]);
  if (steps.every((step) => step > -JUMP_SECONDS)) return life;
  const usual = median(steps.filter((step) => step > 0)) ?? 0;
  let ahead = 0;
  return life.map(([at, value], index) => {
    const step = steps[index - 1] ?? 0;
    if (step <= -JUMP_SECONDS) ahead += usual - step;
    return [at + ahead, value];
  });
}

/** No count and no size is larger; what is was read from something else, and its square would be no number. */
const MOST_VALUE = 1e20;

/** Clocks jump, and lines of threads come a little late: a few steps back are allowed for, and a log whose time stands still has none. */
const BACKWARDS_SHARE = 0.02;

function isTimed(points: readonly LogPoint[]): boolean {
  if (points.length === 0) return false;
  const times = points.map(({ atUnixSeconds }) => atUnixSeconds!);
  const backwards = times.filter((at, index) => index > 0 && at < times[index - 1]!).length;
  return backwards <= points.length * BACKWARDS_SHARE && new Set(times).size > points.length / 10;
}
