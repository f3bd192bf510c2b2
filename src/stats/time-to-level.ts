import { median, quantileOfSorted } from './quantiles.ts';
import type { Course, Known, Regression, Weighed } from './remembering-regression.ts';
import { normalFrom, seeded } from './seeded.ts';

/** So many futures are played: the outer twentieths hold 30 each. */
const FUTURES = 600;
/** Values stray from their line by less than this many spreads: until the line has come so near, nothing can happen. */
const NEAR = 4.5;
const MOST_STEPS = 300;

/**
 * How far x goes on from the last value of a life until y first reaches a level, going on as it did. Slope, level and strength of memory
 * are drawn from what the regression leaves open, and values stray around the line as they did: the first that reaches the level is what
 * kills, though the line is still below. The draws are the same for the same values. Undefined where one in twenty never arrives, or where
 * few values rise so little that chance may have made it.
 */
export function timeToLevel(life: Course, { weighed, slope, count }: Regression, level: number): Known | undefined {
  const share = slope.level;
  const last = life.at(-1);
  if (last === undefined || life.length < 2 || isVague(slope, count)) return undefined;
  if (last[1] >= level) return { value: 0, low: 0, high: 0, level: share };
  const step = median(
    life
      .slice(1)
      .map(([x], at) => x - life[at]![0])
      .filter((each) => each > 0),
  );
  if (step === undefined) return undefined;
  const random = seeded(life.length);
  const lines = weighed
    .filter(({ weight }) => weight > 1e-4)
    .map((each) => ({ ...each, ...levelOf(life, each.memory) }));
  const total = lines.reduce((sum, { weight }) => sum + weight, 0);
  const times = Float64Array.from({ length: FUTURES }, (_, at) => {
    const line = chosen(lines, ((at + random()) / FUTURES) * total);
    return play(drawn(line, last, random), level, step, random);
  }).sort();
  const [low, value, high] = [(1 - share) / 2, 0.5, (1 + share) / 2].map((each) => quantileOfSorted(times, each));
  return Number.isFinite(high) ? { value: value!, low: low!, high: high!, level: share } : undefined;
}

/** Fewer values that seem to rise may well not: of them only a clear rise is gone by, else of those that rise by chance too much is believed. */
const FEWEST_VALUES = 70;
const CLEAR = 2;

const isVague = ({ low, high }: Known, count: number): boolean =>
  count < FEWEST_VALUES && !(low > 0 && high <= CLEAR * low);

type Line = Weighed & LevelOf;
interface LevelOf {
  /** Means of x and y, the later rows counting for what they do not keep of those before. */
  readonly meanX: number;
  readonly meanY: number;
  /** How many values without memory the level rests on, times 1 − ρ². */
  readonly size: number;
}

function levelOf(life: Course, memory: number): LevelOf {
  const first = Math.sqrt(1 - memory * memory);
  let [size, sumX, sumY] = [first * first, first * first * life[0]![0], first * first * life[0]![1]];
  for (let at = 1; at < life.length; at++) {
    const one = 1 - memory;
    size += one * one;
    sumX += one * (life[at]![0] - memory * life[at - 1]![0]);
    sumY += one * (life[at]![1] - memory * life[at - 1]![1]);
  }
  return { meanX: sumX / size, meanY: sumY / size, size };
}

function chosen(lines: readonly Line[], at: number): Line {
  let sum = 0;
  for (const line of lines) {
    sum += line.weight;
    if (at <= sum) return line;
  }
  return lines.at(-1)!;
}

interface Future {
  readonly slope: number;
  readonly spread: number;
  readonly memory: number;
  /** Where the line is at the last value, and how far above it that lies. */
  readonly line: number;
  readonly above: number;
}

/** One line that the values may have come from. */
function drawn(line: Line, [x, y]: readonly [number, number], random: () => number): Future {
  const { memory, degrees } = line;
  const stretch = Math.sqrt(degrees / chiSquare(degrees, random));
  const spread = line.spread * stretch;
  const slope = line.slope + line.slopeError * stretch * normalFrom(random);
  const error = spread * Math.sqrt((1 - memory * memory) / line.size) * normalFrom(random);
  const here = line.meanY + error + slope * (x - line.meanX);
  return { slope, spread, memory, line: here, above: y - here };
}

/** Wilson and Hilferty 1931. */
function chiSquare(degrees: number, random: () => number): number {
  const part = 2 / (9 * degrees);
  return Math.max(1e-3, degrees * (1 - part + Math.sqrt(part) * normalFrom(random)) ** 3);
}

function play(
  { slope, spread, memory, line, above }: Future,
  level: number,
  step: number,
  random: () => number,
): number {
  if (!(slope > 0)) return Number.POSITIVE_INFINITY;
  const rise = slope * step;
  if (spread * MOST_STEPS < rise || spread === 0)
    return Math.max(0, level - line - (above > 0 ? above * memory : 0)) / slope;
  let steps = 0;
  let off = above;
  const go = (count: number): void => {
    const kept = memory ** count;
    off = kept * off + Math.sqrt(1 - kept * kept) * spread * normalFrom(random);
    steps += count;
  };
  const clear = Math.floor((level - line - NEAR * spread) / rise);
  if (clear > 0) go(clear);
  const stride = Math.max(1, Math.ceil((2 * NEAR * spread) / rise / MOST_STEPS));
  for (let turn = 0; turn < 4 * MOST_STEPS; turn++) {
    go(stride);
    if (line + rise * steps + off >= level) return steps * step;
  }
  return Math.max(0, level - line) / slope;
}
