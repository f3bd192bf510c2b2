import type { LogPoint, NumberSeries } from '../../logs/number-series.ts';
import { wordsOf } from './number-words.ts';

/** Lines between which a number fell back to where it began. */
interface Reset {
  /** Last line before, and first line after. */
  readonly before: number;
  readonly after: number;
  readonly series: NumberSeries;
}

/** What counts from low on falls below this part of where it was, and to no more than so many times its first value. */
const FALLEN_SHARE = 0.5;
const NEAR_FIRST = 2;
/** In which case it rises between: a gauge that comes and goes falls back, too. */
const FEWEST_BETWEEN = 3;
const MOST_RESETS = 100;

/**
 * The same series with new lives where a process began anew without a word of it: two numbers or more that only rise fall back to where they
 * began, within the same lines, of other templates or one of them a count of work; where none is, nothing that only rises may go on through it. A log in which lives
 * are told is left as it is. A buffer and a count since its last flush do the same: `unsaid` lives prove little by themselves.
 */
export function withUnsaidRestarts(all: readonly NumberSeries[]): { series: readonly NumberSeries[]; unsaid: boolean } {
  if (all.some(({ points }) => points.some(({ life }) => life > 0))) return { series: all, unsaid: false };
  const rising = all.filter(
    ({ unit, points }) => unit !== 'percent' && unit !== 'seconds' && points.length > 2 * FEWEST_BETWEEN,
  );
  const resets = rising.map((series) => resetsIn(series));
  const told = resets.flat().sort((a, b) => a.before - b.before);
  const lines = told.flatMap((reset) => restartAt(reset, told) ?? []);
  const cuts = [...new Set(lines)].sort((a, b) => a - b).slice(0, MOST_RESETS);
  // What was done is never undone: where a count of it falls back, numbers that go on are of something outside.
  const isSure = told.some(({ series }) => wordsOf(series).is === 'work');
  const real = cuts.filter(
    (cut) => isSure || !rising.some((series, at) => resets[at]!.length === 0 && goesOnThrough(series, cut)),
  );
  if (real.length === 0) return { series: all, unsaid: false };
  const series = all.map((series) => ({
    ...series,
    points: series.points.map((point) => ({ ...point, life: lifeOf(point, real) })),
  }));
  return { series, unsaid: true };
}

const lifeOf = ({ line }: LogPoint, cuts: readonly number[]): number => cuts.filter((cut) => cut <= line).length;

/** Where it fell back to its beginning; none for a series that falls in other ways, too. */
function resetsIn(series: NumberSeries): Reset[] {
  const { points } = series;
  const first = points[0]?.value ?? 0;
  const resets: Reset[] = [];
  let since = 1;
  for (const [at, point] of points.entries()) {
    const before = points[at - 1];
    if (before === undefined || point.value >= before.value) {
      since++;
      continue;
    }
    const isBack = point.value <= before.value * FALLEN_SHARE && point.value <= Math.max(first * NEAR_FIRST, 0);
    if (!isBack || since < FEWEST_BETWEEN) return [];
    resets.push({ before: before.line, after: point.line, series });
    since = 1;
  }
  return resets;
}

/** The first line of the new life, where another template's number falls back within the same lines. */
function restartAt(reset: Reset, told: readonly Reset[]): number | undefined {
  const others = told.filter(
    (other) => isAnother(reset.series, other.series) && other.before < reset.after && reset.before < other.after,
  );
  if (others.length === 0) return undefined;
  // All of the old life is before, all of the new behind.
  const from = Math.max(reset.before, ...others.map(({ before }) => before));
  const to = Math.min(reset.after, ...others.map(({ after }) => after));
  return from < to ? from + 1 : undefined;
}

const isAnother = (a: NumberSeries, b: NumberSeries): boolean =>
  a.template !== b.template || (a.place !== b.place && [a, b].some((each) => wordsOf(each).is === 'work'));

/** It only rises, and rose on there from where it was. */
function goesOnThrough({ points }: NumberSeries, cut: number): boolean {
  const at = points.findIndex(({ line }) => line >= cut);
  if (at < FEWEST_BETWEEN || points.length - at < FEWEST_BETWEEN) return false;
  return (
    points.every(({ value }, index) => index === 0 || value >= points[index - 1]!.value) &&
    points.at(-1)!.value > points[0]!.value
  );
}
