/** What a number counts, in the unit that its values are told in. */
export type Unit = 'bytes' | 'count' | 'seconds' | 'percent' | 'unknown';

/**
 * A number that a program says again and again: one place of one template, by one writer. A program that starts anew begins a new life.
 */
export interface NumberSeries {
  /** The template, its places as `<*>`. */
  readonly template: string;
  /** Which of the template's places, from 0 on; or the field's name. */
  readonly place: number | string;
  /** From the words before and behind it, or the field's name: "cache size". */
  readonly name: string;
  readonly unit: Unit;
  /** What the line says in its other places, where one template has several such numbers: `users`. */
  readonly of?: string;
  /** A message that says it, where the template's own example is another wording. */
  readonly example?: string;
  readonly writer?: string;
  /** In the order of the stream. Thinned where there were many: the first and the last of a life are kept, minima and maxima too. */
  readonly points: readonly LogPoint[];
  /** Values that there were, before they were thinned. */
  readonly count: number;
}

export interface LogPoint {
  /** Absent in a log without times. */
  readonly atUnixSeconds?: number;
  readonly line: number;
  readonly value: number;
  /** From 0 on; a kill or a start that the log tells, or another container's log, begins the next. */
  readonly life: number;
}
