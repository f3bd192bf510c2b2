import type { NumberSeries } from '../../logs/number-series.ts';
import { segmentsOf } from '../../stats/change-points.ts';
import { mannKendall } from '../../stats/mann-kendall.ts';
import { median } from '../../stats/quantiles.ts';
import { type Course, type Regression, rememberingRegression } from '../../stats/remembering-regression.ts';
import { plural } from '../amounts.ts';
import { livesOf, type NumberLives } from './number-lives.ts';
import { swingsOf } from './number-swings.ts';

/** What a number does that a log says again and again. */
export type NumberShape =
  /** More and more in a life, to its end; over several lives it goes on where it was, so the process does not hold it. */
  | 'only-grows'
  /** More and more in each life, and each begins low again: the process holds it. */
  | 'restarts-with-process'
  /** Rises and falls, or rose and stands still. */
  | 'bounded'
  /** Fills and is emptied, again and again. */
  | 'sawtooth'
  /** Too few values to say. */
  | 'undecided';

export interface ShapedNumber {
  readonly series: NumberSeries;
  readonly shape: NumberShape;
  /** Part of a sentence: by what the shape was told. */
  readonly because: string;
  readonly axis: NumberLives['axis'];
  readonly lives: NumberLives['lives'];
  /** Change of the value a second, or a line; absent where there are too few values for an interval. */
  readonly rate?: Regression;
}

/**
 * So many rises without a fall make a series that grows: a walk that goes up or down by chance does so in 1 of 64 series,
 * values that stray around a level far less often, however much each is like the one before.
 */
const FEWEST_RISES = 6;
/** What falls back by this part of all its rises, or less, is still called growing: an entry is lost now and then. */
const FALLS_ALLOWED = 0.02;
const FEWEST_RISES_WITH_FALLS = 12;
/** Slopes of values that stray, and are alike, are judged from so many values on: see docs/statistics.md for what fewer are worth. */
const FEWEST_VALUES = 50;
const FEWEST_MORE_A_LIFE = 10;
const ALARM = 0.01;
const LEAST_TAU = 0.4;
/** Pairs grow with the square. */
const MOST_TESTED = 200;
/** What moves by less than this part of its level over the whole log stands still. */
const STILL_SHARE = 0.1;

export function shapeOfNumber(series: NumberSeries): ShapedNumber {
  const { axis, lives } = livesOf(series);
  const isThinned = series.count > series.points.length;
  const rate = rememberingRegression(isThinned ? lives.map(pairMeans) : lives);
  return { series, axis, lives, ...judged(lives, rate, isThinned), ...(rate ? { rate } : {}) };
}

type Judged = Pick<ShapedNumber, 'shape' | 'because'>;

function judged(lives: readonly Course[], rate: Regression | undefined, isThinned: boolean): Judged {
  const own = lives.filter(({ length }) => length > 1);
  if (own.length === 0) return { shape: 'undecided', because: 'it is said too seldom' };
  const smooth = isThinned ? own.map(pairMeans) : own;
  return grown(own) ?? swung(smooth) ?? strayed(smooth, rate);
}

/** Steps of all lives, each within one. */
const stepsOf = (lives: readonly Course[]): number[] =>
  lives.flatMap((life) => life.slice(1).map(([, value], at) => value - life[at]![1]));

/** A series with no falls, or hardly any. */
function grown(lives: readonly Course[]): Judged | undefined {
  const steps = stepsOf(lives);
  const [rises, falls] = [steps.filter((step) => step > 0), steps.filter((step) => step < 0)];
  if (-sum(falls) > sum(rises) * FALLS_ALLOWED) return undefined;
  if (rises.length === 0)
    return steps.length < FEWEST_RISES
      ? { shape: 'undecided', because: `it is said ${plural(steps.length + lives.length, 'time')} only` }
      : { shape: 'bounded', because: 'it never changes' };
  if (rises.length < (falls.length === 0 ? FEWEST_RISES : FEWEST_RISES_WITH_FALLS))
    return hasStopped(longest(lives))
      ? { shape: 'bounded', because: `it rose ${plural(rises.length, 'time')} and stands still since` }
      : { shape: 'undecided', because: `it rose ${plural(rises.length, 'time')} only` };
  if (hasStopped(longest(lives))) return { shape: 'bounded', because: 'it rose, and stands still since' };
  const fell = falls.length === 0 ? 'never fell' : `hardly ever fell (${plural(falls.length, 'time')})`;
  return growing(lives, `it rose ${plural(rises.length, 'time')} and ${fell}`);
}

const longest = (lives: readonly Course[]): Course => lives.reduce((a, b) => (b.length > a.length ? b : a));

/** The chance below which a stretch without a rise is no mere pause, and the part of its earlier pace that it must have kept. */
const PAUSE = 0.01;
const LAST_PART = 1 / 3;
const KEPT_PACE = 0.1;
const FEWEST_TO_SLOW = 12;

/** It rose at first and does not any more: no rise for far longer than between rises before, or hardly any in the last third. */
function hasStopped(life: Course): boolean {
  const steps = stepsOf([life]);
  const last = steps.findLastIndex((step) => step > 0);
  if (last < 0) return false;
  const often = steps.slice(0, last + 1).filter((step) => step > 0).length / (last + 2);
  if ((1 - often) ** (steps.length - 1 - last) <= PAUSE) return true;
  if (life.length < FEWEST_TO_SLOW) return false;
  const cut = Math.floor(life.length * (1 - LAST_PART));
  const end = life.length - 1;
  const rise = (from: number, to: number) => life[to]![1] - life[from]![1];
  const pace = (from: number, to: number) => rise(from, to) / Math.max(1e-9, life[to]![0] - life[from]![0]);
  // By what was said, too: a clock that is put forward, or a night without work, makes all paces slow.
  return pace(cut, end) < KEPT_PACE * pace(0, cut) && rise(cut, end) / (end - cut) < (KEPT_PACE * rise(0, cut)) / cut;
}

/** The next life begins below this part of where the last one ended: it began anew. */
const ANEW_SHARE = 0.5;

function growing(lives: readonly Course[], because: string): Judged {
  if (lives.length === 1) return { shape: 'only-grows', because };
  const begun = lives.slice(1).filter((life, at) => life[0]![1] < lives[at]!.at(-1)![1] * ANEW_SHARE).length;
  if (begun * 2 > lives.length - 1)
    return {
      shape: 'restarts-with-process',
      because: `${because}; in each of ${lives.length} lives it begins low again`,
    };
  const wentOn = lives.slice(1).filter((life, at) => life[0]![1] >= lives[at]!.at(-1)![1]).length;
  if (wentOn * 2 > lives.length - 1)
    return { shape: 'only-grows', because: `${because}; a new life goes on where the last one ended` };
  return { shape: 'undecided', because: `${because}, but new lives begin neither low nor where the last one ended` };
}

/** Filled and emptied, over and over: unless what is left each time is ever more. */
function swung(lives: readonly Course[]): Judged | undefined {
  const { falls, steep, troughs } = swingsOf(lives);
  if (falls < 2) return undefined;
  const left = troughs.map((own): Course => own.map((value, at) => [at, value]));
  const below = left.some(({ length }) => length > FEWEST_RISES)
    ? grown(left.filter(({ length }) => length > 1))
    : undefined;
  if (below?.shape === 'only-grows' || below?.shape === 'restarts-with-process')
    return {
      shape: below.shape,
      because: `it rises and falls, but less is taken out each time: of its low points, ${below.because}`,
    };
  return steep * 2 > falls
    ? { shape: 'sawtooth', because: `it fills and is emptied: ${plural(falls, 'time')} it fell by much at once` }
    : { shape: 'bounded', because: `it rises and falls: ${plural(falls, 'time')} by much` };
}

/** A later half that rises by less than this part of the whole's pace, for sure, has settled: of a course by the square root it rises by 0.59. */
const SLOWED = 0.5;

const fewer = (life: Course): Course => {
  const stride = Math.ceil(life.length / MOST_TESTED);
  return life.filter((_, at) => at % stride === 0);
};

/** The means of neighbours: where a series was thinned, they are the least and the greatest of a stretch, and stray far more than its values. */
const pairMeans = (life: Course): Course =>
  Array.from({ length: Math.floor(life.length / 2) }, (_, pair) => {
    const [a, b] = [life[2 * pair]!, life[2 * pair + 1]!];
    return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as const;
  });

/** Values that stray: by their slope, where there are enough of them for it to mean anything. */
function strayed(lives: readonly Course[], rate: Regression | undefined): Judged {
  const needed = FEWEST_VALUES + FEWEST_MORE_A_LIFE * (lives.length - 1);
  if (rate === undefined || rate.count < needed)
    return { shape: 'undecided', because: `it rises and falls, and is said ${plural(rate?.count ?? 0, 'time')} only` };
  const life = longest(lives);
  const stands = standingSince(life);
  if (stands !== undefined)
    return { shape: 'bounded', because: `it stands at one level for its last ${stands} values` };
  const late = life.slice(Math.floor(life.length / 2));
  const lateRate = rememberingRegression([late]);
  if (lateRate && lateRate.slope.high < rate.slope.value * SLOWED)
    return { shape: 'bounded', because: 'it rose at first, and hardly any more since' };
  const { z, p, tau } = mannKendall(fewer(life).map(([, value]) => value));
  if (rate.chanceOfNoRise <= ALARM && z > 0 && p <= 2 * ALARM && tau >= LEAST_TAU)
    return growing(lives, 'it rises more than chance would make it');
  if (isStill(life, rate) || isStill(late, lateRate))
    return { shape: 'bounded', because: 'it rises and falls around one level' };
  return { shape: 'undecided', because: 'whether it grows cannot be told from how far it strays' };
}

/** Even the steepest slope that the values allow would not take it further than it strays, or than a tenth of its level. */
function isStill(life: Course, rate: Regression | undefined): boolean {
  if (rate === undefined) return false;
  const span = life.at(-1)![0] - life[0]![0];
  const level = Math.abs(median(life.map(([, value]) => value)) ?? 0);
  const spread = rate.weighed.reduce((sum, each) => sum + each.weight * each.spread, 0);
  return rate.slope.high * span <= Math.max(STILL_SHARE * level, spread);
}

/** How many values at the end lie at one level, where that is half of them or more, and others do not; undefined: no such level. */
function standingSince(life: Course): number | undefined {
  const segments = segmentsOf(life.map(([, value]) => value));
  const last = segments.at(-1)!;
  return segments.length > 1 && (last.to - last.from) * 2 >= life.length ? last.to - last.from : undefined;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
