import { shapeOfNumber } from '../../src/facts/logs/number-shape.ts';
import { type Course, rememberingRegression } from '../../src/stats/remembering-regression.ts';
import { normalFrom, seeded } from '../../src/stats/seeded.ts';
import { timeToLevel } from '../../src/stats/time-to-level.ts';

/** Worlds whose truth is known, played with fixed seeds: how often does the judgement on a log's numbers hold it? */

export interface World {
  /** Values of each life. */
  readonly values: number;
  readonly lives: number;
  /** The share that each value keeps of how far the one before strayed: autocorrelation at lag 1. */
  readonly memory: number;
}

export interface Played {
  /** Of all runs in which something was said, the share in which it was so. */
  readonly share: number;
  /** Of all runs, the share in which something was said. */
  readonly said: number;
}

/** Values of variance 1 that stray around 0. */
export function straying(values: number, memory: number, random: () => number): number[] {
  let off = normalFrom(random);
  return Array.from({ length: values }, (_, at) => {
    if (at > 0) off = memory * off + Math.sqrt(1 - memory * memory) * normalFrom(random);
    return off;
  });
}

export const seedOf = ({ values, lives, memory }: World): number =>
  values * 1000 + lives * 100 + Math.round(memory * 10);

function play(world: World, runs: number, once: (random: () => number) => boolean | undefined): Played {
  const random = seeded(seedOf(world));
  const answers = Array.from({ length: runs }, () => once(random));
  const said = answers.filter((answer) => answer !== undefined);
  return { share: said.filter(Boolean).length / Math.max(1, said.length), said: said.length / runs };
}

/** Numbers that only stray: how often are they said to grow? `share` is of all runs, "undecided" being no alarm. */
export function falseAlarms(world: World, runs: number): number {
  const grows = play(world, runs, (random) => {
    const points = livesOf(world, (_, at) => at, random).flatMap((life, index) =>
      life.map(([line, value]) => ({ line: line + index * world.values, value: 100 + value, life: index })),
    );
    const { shape } = shapeOfNumber({
      template: 'n <*>',
      place: 0,
      name: 'n',
      unit: 'count',
      points,
      count: points.length,
    });
    return shape === 'only-grows' || shape === 'restarts-with-process';
  });
  return grows.share;
}

/** The same for the chance that the regression gives, held against 1 %. */
export const falseChances = (world: World, runs: number): number =>
  play(world, runs, (random) => {
    const regression = rememberingRegression(livesOf(world, (_, at) => at, random));
    return regression && regression.chanceOfNoRise <= 0.01;
  }).share;

function livesOf(
  { values, lives, memory }: World,
  x: (life: number, at: number) => number,
  random: () => number,
): Course[] {
  return Array.from({ length: lives }, (_, life) =>
    straying(values, memory, random).map((value, at) => [x(life, at), value] as const),
  );
}

/** A number that rises: how often is its true slope within the interval of 90 %? */
export const slopesCovered = (world: World, runs: number, slope = 0.02): Played =>
  play(world, runs, (random) => {
    const lives = livesOf(world, (_, at) => at, random).map((life) => {
      const level = 1000 * random();
      return life.map(([x, y]) => [x, level + slope * x + y] as const);
    });
    const known = rememberingRegression(lives)?.slope;
    return known && known.low <= slope && slope <= known.high;
  });

/** Memory that an item takes the same of each time, items coming in rushes: how often is that within the interval? */
export const itemsCovered = (world: World, runs: number, bytesPerItem = 0.3): Played =>
  play(world, runs, (random) => {
    const lives = Array.from({ length: world.lives }, () => {
      const items = rushes(world.values, random);
      return straying(world.values, world.memory, random).map(
        (y, at) => [items[at]!, bytesPerItem * items[at]! + y] as const,
      );
    });
    const known = rememberingRegression(lives)?.slope;
    return known && known.low <= bytesPerItem && bytesPerItem <= known.high;
  });

/** Items done by each moment: the pace changes every ten moments, and now and then there is nothing to do. */
export function rushes(moments: number, random: () => number): number[] {
  let [done, pace] = [0, 1];
  return Array.from({ length: moments }, (_, at) => {
    if (at % 10 === 0) pace = Math.max(0, 4 * random() - 0.5);
    done += Math.round(pace * 2 * random());
    return done;
  });
}

/** Memory on its way to a limit: how often is the moment at which it first met it within the interval? */
export const timesCovered = (world: World, runs: number, slope = 0.05, room = 15): Played =>
  play(world, runs, (random) => {
    const { values, memory } = world;
    const whole = straying(values + Math.round((6 * room) / slope), memory, random).map((y, x) => slope * x + y);
    const limit = slope * values + room;
    const seen = whole.slice(0, values).map((y, x) => [x, y] as const);
    const met = whole.findIndex((y, x) => x >= values && y >= limit) - (values - 1);
    const regression = rememberingRegression([seen]);
    const known = regression && timeToLevel(seen, regression, limit);
    return known && known.low <= met && met <= known.high;
  });
