import { median } from '../../stats/quantiles.ts';
import { type Course, type Regression, rememberingRegression } from '../../stats/remembering-regression.ts';
import type { MemoryCourse } from './memory-course.ts';

export interface MemoryGrowth {
  readonly memory: MemoryCourse;
  /** Bytes a second, or a line of the log. */
  readonly rate: Regression;
  readonly does: 'grow' | 'stand-still' | 'undecided';
}

const ALARM = 0.01;
/** Over the whole time: below this part of it, a program's memory moves by itself (see facts/memory-trend.ts). */
const STILL_SHARE = 0.025;
const FEWEST = 8;

/** Whether memory grows, by all lives together; undefined for too few samples. */
export function growthOf(memory: MemoryCourse): MemoryGrowth | undefined {
  const lives = memory.lives.filter(({ length }) => length > 1);
  const rate = rememberingRegression(lives);
  if (rate === undefined || rate.count < FEWEST) return undefined;
  const longest = lives.reduce((a, b) => (b.at(-1)![0] - b[0]![0] > a.at(-1)![0] - a[0]![0] ? b : a));
  const span = longest.at(-1)![0] - longest[0]![0];
  const least = STILL_SHARE * (median(lives.flatMap((life) => life.map(([, bytes]) => bytes))) ?? 0);
  const grows = rate.chanceOfNoRise <= ALARM && rate.slope.value * span >= least && !hasSettled(lives, rate);
  const stands = rate.slope.high * span < 2 * least || hasSettled(lives, rate);
  return { memory, rate, does: grows ? 'grow' : stands ? 'stand-still' : 'undecided' };
}

const SETTLED = 0.5;

/** It rose while the process warmed up: in the later halves of the lives by less than half of the whole's pace, for sure. */
function hasSettled(lives: readonly Course[], rate: Regression): boolean {
  const late = rememberingRegression(lives.map((life) => life.slice(Math.floor(life.length / 2))));
  return late !== undefined && late.count >= FEWEST && late.slope.high < SETTLED * rate.slope.value;
}
