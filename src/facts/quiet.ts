import type { Finding } from '../core/report.ts';
import { bytesOfText, bytesText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';
import { timesText } from './amounts.ts';
import { steadyText } from './baseline-verdict.ts';
import type { MemoryTrend } from './memory-trend.ts';
import { grownOther } from './other-processes.ts';
import { type Facts, isCountedEnough, isIdle, isLongEnough, isNearLimit, type Ruling } from './verdict-facts.ts';

/** Verdicts where nothing was seen to grow. */

/** Steady use above this part of the limit leaves no room for one larger piece of work. */
const TIGHT_SHARE = 0.95;

/** Memory stands still, right below the limit. */
export function tight(facts: Facts): Ruling | undefined {
  const { trend, series, limit } = facts;
  if ((trend?.shape !== 'flat' && trend?.shape !== 'settled') || !isNearLimit(facts, TIGHT_SHARE)) return undefined;
  const used = bytesOfText(series!.samples.at(-1)![1], limit!.limit!.bytes);
  return {
    verdict: 'oom-risk',
    headline: `Memory does not grow, but stands at ${used}: a little more work at once does not fit. Raise the limit, or keep less.`,
  };
}

/** Looked at for long enough, under load, with both looks whole: nothing grows, in no other Python of the tree either. */
export function healthy(facts: Facts, findings: readonly Finding[]): Ruling | undefined {
  const { series, growth, trend } = facts;
  if (!series || !growth?.second || partialLook(facts) || !trend || trend.shape === 'unknown') return undefined;
  if (!isLongEnough(facts) || !isCountedEnough(facts) || series.ended === 'process-exited') return undefined;
  if (isIdle(facts) || grownOther(facts)) return undefined;
  const settled = findings.find((finding) => finding.cause === 'warm-up');
  if (settled) return { verdict: 'healthy', headline: settled.summary };
  if (trend.shape !== 'flat') return undefined;
  const course = `Nothing grows: memory ${courseText(series.samples)} over ${secondsText(trend.seconds)}.`;
  const headline = `${course} ${steadyText(facts) ?? unseenText(trend)}`;
  return { verdict: 'healthy', headline };
}

/** What is missing of the look that was not whole; a first look that missed a container saw nothing of its growth. */
const partialLook = ({ look, growth }: Facts): string | undefined => look?.partial ?? growth?.second?.partial;

/** Samples that differ by more than this part of the largest are told as a range. */
const RANGE_SHARE = 0.1;

function courseText(samples: NonNullable<Facts['series']>['samples']): string {
  const last = samples.at(-1)![1];
  const least = samples.reduce((so, [, bytes]) => Math.min(so, bytes), last);
  const most = samples.reduce((so, [, bytes]) => Math.max(so, bytes), last);
  return most - least > most * RANGE_SHARE
    ? `went up and down between ${bytesText(least)} and ${bytesText(most)}`
    : `stays at ${bytesText(last)}`;
}

/** The rate that the noise, or the least rise that counts, would have hidden. */
function unseenText({ slope, seconds, noiseBytes }: MemoryTrend): string {
  const hidden = Math.max(slope?.high ?? 0, noiseBytes / seconds) * 3600;
  return `A leak of less than ${bytesText(hidden)} an hour would not show in this time.`;
}

/** What is known, and what would decide it. */
export function undecided(facts: Facts, findings: readonly Finding[]): Ruling {
  const suspect = findings.find((finding) => finding.holder);
  return { verdict: 'undecided', headline: grownOther(facts) ?? suspect?.summary ?? missing(facts) };
}

function missing(facts: Facts): string {
  const { series, growth, trend } = facts;
  if (series === undefined || trend === undefined) return 'Memory could not be watched, so growth is not known.';
  const watched = secondsText(trend.seconds);
  if (series.ended === 'process-exited')
    return `The process ended after ${watched} of watching, before anything was decided.`;
  if (trend.shape === 'unknown')
    return `Memory was read only ${timesText(series.samples.length)} in ${watched}: look longer with --for 60s.`;
  if (growth === undefined) return 'Memory does not grow, but the heap was not watched.';
  if (!isLongEnough(facts)) return `Nothing was seen to grow in ${watched}: look longer with --for 60s.`;
  if (growth.second && !isCountedEnough(facts))
    return `Containers were counted for only ${secondsText(growth.seconds)}: look longer with --for 60s.`;
  if (isIdle(facts))
    return 'Nothing grows, but the process did little work while it was watched: look again under load.';
  const partial = partialLook(facts);
  if (partial) return `Memory does not grow, but the heap was read only in part: ${partial}.`;
  return 'Nothing was seen to grow steadily: look again later, or longer with --for 5m.';
}
