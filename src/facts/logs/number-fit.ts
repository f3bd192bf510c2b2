import { type Course, type Regression, rememberingRegression } from '../../stats/remembering-regression.ts';
import { alignedWith, type MemoryCourse } from './memory-course.ts';
import type { ShapedNumber } from './number-shape.ts';

/** How well memory follows a number. */
export interface NumberFit {
  /** Memory by the number: its slope is bytes an item. */
  readonly byNumber: Regression;
  /** Logarithm of how much likelier memory is as a line by this number than as one by time. 3 is 20 to 1. */
  readonly lead: number;
  /** How far memory lies from the line, in bytes: a standard deviation. */
  readonly spreadBytes: number;
}

/** 20 to 1, as a natural logarithm: from here on one course is called the better one (Kass and Raftery 1995: strong evidence). */
export const CLEAR_LEAD = Math.log(20);

/** Memory against a number that grows, and against time, on the same rows; undefined where too few were told together. */
export function fitOf(
  memory: MemoryCourse,
  number: Pick<ShapedNumber, 'series' | 'lives' | 'axis'>,
): NumberFit | undefined {
  const lives = onAxis(memory, number);
  if (lives === undefined) return undefined;
  const byNumber = rememberingRegression(alignedWith(memory, lives));
  const clocks = lives.map((life) => life.map(([x]) => [x, x] as const));
  const byTime = rememberingRegression(alignedWith(memory, clocks));
  if (byNumber === undefined || byTime === undefined) return undefined;
  const spreadBytes = spreadOf(byNumber);
  const least = EXACT * rangeOf(memory);
  // Where both tell memory to the digit, rounding alone would choose between them.
  const isTie = spreadBytes <= least && spreadOf(byTime) <= least;
  return { byNumber, lead: isTie ? 0 : byNumber.evidence - byTime.evidence, spreadBytes };
}

/** Of the range of memory: no program's memory follows anything so closely. */
const EXACT = 1e-3;
const spreadOf = ({ weighed }: Regression): number =>
  weighed.reduce((sum, { weight, spread }) => sum + weight * spread, 0);

function rangeOf({ lives }: MemoryCourse): number {
  const values = lives.flat().map(([, bytes]) => bytes);
  return values.reduce((most, each) => Math.max(most, each), 0) - values.reduce((least, each) => Math.min(least, each));
}

/** Many samples tell lines apart that are next to the same: what is better must also lie closer, by this factor. */
const CLOSER = 1.5;

/** Whether memory follows the first clearly better than the second. */
export const followsBetter = (a: NumberFit, b: NumberFit, closer = CLOSER): boolean =>
  a.lead >= b.lead + CLEAR_LEAD && a.spreadBytes * closer <= b.spreadBytes;

/** The number's lives by what memory is told by: a log's own memory may be told by line where the number has times, too. */
function onAxis(
  memory: MemoryCourse,
  { series, lives, axis }: Pick<ShapedNumber, 'series' | 'lives' | 'axis'>,
): readonly Course[] | undefined {
  if (memory.axis === axis) return lives;
  if (memory.axis === 'time') return undefined;
  const byLife = new Map<number, [number, number][]>();
  for (const { life, line, value } of series.points) byLife.set(life, [...(byLife.get(life) ?? []), [line, value]]);
  return [...byLife.values()];
}
