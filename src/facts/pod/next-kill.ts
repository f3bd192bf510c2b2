import type { Estimate } from '../../core/report.ts';
import { normalQuantile } from '../../stats/normal.ts';

const LEVEL = 0.9;
const Z = normalQuantile(0.5 + LEVEL / 2);
/**
 * Lives of one program under one limit differ by about a tenth, as a rule: this is the spread of their logarithms before
 * any was seen, and how many lives that rule is worth. One life alone gives an interval of about 20 % either way.
 */
const RULE_SPREAD = 0.09;
const RULE_LIVES = 3;
/** The status gives times to the second, at both ends of a life. */
const ROUNDING_SECONDS = 1;

/** How long a life lasts, by those that ended by a kill; undefined for none. */
export function lifeLength(lengths: readonly number[]): Estimate | undefined {
  const usable = lengths.filter((length) => length > 0 && Number.isFinite(length));
  if (usable.length === 0) return undefined;
  const logs = usable.map(Math.log);
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
  const squares = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const variance = (RULE_LIVES * RULE_SPREAD ** 2 + squares) / (RULE_LIVES + logs.length - 1);
  const spread = Z * Math.sqrt(variance * (1 + 1 / logs.length));
  const value = Math.exp(mean);
  return {
    value,
    low: Math.max(0, value * Math.exp(-spread) - ROUNDING_SECONDS),
    high: value * Math.exp(spread) + ROUNDING_SECONDS,
    level: LEVEL,
  };
}

/** The estimate, so much later: what is left of a life that began `-seconds` ago. Nothing lies before now. */
export function shifted({ value, low, high, level }: Estimate, seconds: number): Estimate {
  const at = (each: number) => Math.max(0, each + seconds);
  return { value: at(value), low: at(low), high: at(high), level };
}

/** Room below the limit, filled at a rate above 0. */
export function timeToFill(roomBytes: number, rate: Estimate): Estimate {
  const room = Math.max(0, roomBytes);
  return { value: room / rate.value, low: room / rate.high, high: room / rate.low, level: rate.level };
}

/**
 * One estimate from two that know nothing of each other: the surer one counts for more. Where they contradict each other
 * the interval holds both.
 */
export function combined(a: Estimate | undefined, b: Estimate | undefined): Estimate | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const [widthA, widthB] = [Math.max(1, a.high - a.low), Math.max(1, b.high - b.low)];
  const share = 1 / (1 + (widthA / widthB) ** 2);
  const between = (of: (each: Estimate) => number) => share * of(a) + (1 - share) * of(b);
  const apart = a.high < b.low || b.high < a.low;
  return {
    value: between(({ value }) => value),
    low: apart ? Math.min(a.low, b.low) : between(({ low }) => low),
    high: apart ? Math.max(a.high, b.high) : between(({ high }) => high),
    level: a.level,
  };
}
