import type { MemoryCourse } from '../../../src/facts/logs/memory-course.ts';
import type { NumberSeries, Unit } from '../../../src/logs/number-series.ts';

export const MiB = 1024 * 1024;

/** A number as a log tells it: one list of values a life, one value every `every` seconds (or at the times given). */
export function number(
  template: string,
  lives: readonly (readonly number[])[],
  {
    every = 1,
    unit = 'count',
    name,
    times,
  }: { every?: number; unit?: Unit; name?: string; times?: (life: number, at: number) => number } = {},
): NumberSeries {
  let line = 0;
  const points = lives.flatMap((values, life) =>
    values.map((value, at) => ({
      atUnixSeconds: times ? times(life, at) : 1_000_000 + life * 10_000 + at * every,
      line: line++,
      value,
      life,
    })),
  );
  return {
    template,
    place: 0,
    name: name ?? template.replaceAll('<*>', ' ').trim(),
    unit,
    points,
    count: points.length,
  };
}

/** Memory that was measured from outside. */
export const measured = (lives: readonly (readonly number[])[], every = 1): MemoryCourse => ({
  from: 'prometheus',
  meaning: 'the working set',
  axis: 'time',
  lives: lives.map((values, life) =>
    values.map((bytes, at) => [1_000_000 + life * 10_000 + at * every, bytes] as const),
  ),
});

export const upTo = (count: number, value: (at: number) => number): number[] =>
  Array.from({ length: count }, (_, at) => value(at));
