import type { Estimate, Eta, Report } from '../../core/report.ts';
import type { Known } from '../../stats/remembering-regression.ts';
import { timeToLevel } from '../../stats/time-to-level.ts';
import type { JudgedLog } from './judged-log.ts';
import type { JudgedNumber } from './judged-number.ts';
import { unitOf } from './number-words.ts';
import { countsWorkInWords } from './suspects.ts';

/** What a report says of growth, work and the time to the limit by the numbers of a log. */

/** Bytes a second; absent where memory is not known, or was told by lines without times. */
export function growthPart({ memory, growsWith }: JudgedLog): Pick<Report, 'growth'> {
  if (memory === undefined || memory.memory.axis !== 'time') return {};
  const { low, high } = memory.rate.slope;
  // What is not told from standing still does not count as growth: its interval has zero in it.
  const around = memory.does === 'grow' ? {} : { low: Math.min(0, low), high: Math.max(0, high) };
  return { growth: { bytesPerSecond: { ...estimate(memory.rate.slope), ...around }, with: growsWith } };
}

/** Items a second, and what one costs; absent where nothing counts work, or memory does not rise with it. */
export function workPart(judged: JudgedLog): Pick<Report, 'work'> {
  const { memory, growsWith } = judged;
  const work = workOf(judged);
  if (work?.fit === undefined || work.rate === undefined || work.axis !== 'time') return {};
  if (memory?.does !== 'grow' || growsWith === 'time' || !(work.fit.byNumber.slope.low > 0)) return {};
  return {
    work: {
      unit: unitOf(work.series),
      perSecond: estimate(work.rate.slope),
      bytesPerItem: estimate(work.fit.byNumber.slope),
    },
  };
}

/** What memory follows best, and is work by its words, leaves what grows: another count of work would name a cost that none of it has. */
const workOf = ({ suspects: [first], work }: JudgedLog): JudgedNumber | undefined =>
  first !== undefined && first.confidence !== 'low' && countsWorkInWords(first.number) ? first.number : work;

/** A kill further away than this is not foretold. */
const FURTHEST_SECONDS = 10 * 365 * 86_400;

/** When memory meets the limit, going on as it did, from the last sample on. */
export function etaBy({ memory }: JudgedLog, limitBytes: number | undefined): Eta {
  if (limitBytes === undefined) return { status: 'no-limit' };
  if (memory?.does === 'stand-still') return { status: 'no-growth' };
  const life = memory?.memory.lives.at(-1);
  if (memory?.does !== 'grow' || memory.memory.axis !== 'time' || life === undefined) return { status: 'unknown' };
  const seconds = timeToLevel(life, memory.rate, limitBytes);
  if (seconds === undefined || seconds.high > FURTHEST_SECONDS) return { status: 'unknown' };
  return { status: 'estimated', seconds: estimate(seconds) };
}

/** + 0: JSON has no -0. */
const estimate = ({ value, low, high, level }: Known): Estimate => ({
  value: value + 0,
  low: low + 0,
  high: high + 0,
  level,
});
