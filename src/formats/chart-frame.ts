import type { Report } from '../core/report.ts';

export type Series = Report['series'][number];

/** What part of the plane a chart of memory shows, in Unix seconds and bytes. */
export interface Frame {
  readonly x: { readonly low: number; readonly high: number };
  readonly y: { readonly low: number; readonly high: number };
  /** The limit, where it is near enough to be the upper edge. */
  readonly limitBytes: number | undefined;
}

/** A limit further away than this many times the highest point would flatten the line. */
const NEAR = 1.6;
/** Less than this share of the top is noise: the chart must not make a mountain of it. */
const LEAST_RANGE = 0.05;

/** No address space and no life of a process is larger; what is comes from a broken case. */
const ABSURD = { bytes: 2 ** 63, seconds: 1e11 };

/** Undefined where there are fewer than two moments to draw. */
export function frameOf(series: Series, limitBytes: number | undefined): Frame | undefined {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [seconds, bytes] of series.lives.flat()) {
    [left, right] = [Math.min(left, seconds), Math.max(right, seconds)];
    [low, high] = [Math.min(low, bytes), Math.max(high, bytes)];
  }
  const absurd = high > ABSURD.bytes || Math.max(Math.abs(left), Math.abs(right)) > ABSURD.seconds;
  if (!(right > left) || absurd) return undefined;
  const near = limitBytes !== undefined && limitBytes >= high && limitBytes <= high * NEAR ? limitBytes : undefined;
  const least = Math.max(1, high * LEAST_RANGE);
  // A line that hardly moves runs a third up: on a row of its own in a chart of four.
  const spare = near === undefined ? Math.max(0, least - (high - low)) / 3 : 0;
  const bottom = Math.max(0, low - spare);
  const y = { low: bottom, high: Math.max(near ?? 0, high + 2 * spare, bottom + 1) };
  return { x: { low: left, high: right }, y, limitBytes: near };
}
