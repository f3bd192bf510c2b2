import type { Finding, Report } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';
import { listText, plainName, plural } from './amounts.ts';
import { comparedOf } from './compared.ts';
import { type GrowingHolder, growingHolders } from './growing-holders.ts';
import type { SinceBaseline } from './since-baseline.ts';
import { type Facts, isIdle, type Ruling } from './verdict-facts.ts';

/** Where the limit will be met sooner than this, a third look may come too late. */
const SOON_SECONDS = 3600;
/** What gains less in the time between is not worth a third look: 22 MB a day. */
const LEAST_BYTES_PER_SECOND = 256;
/** Watched for so long, a leak shows. */
const LONG_ENOUGH_SECONDS = 6;

/** What differs from the earlier case, for the report. */
export function comparedIn(facts: Facts, findings: readonly Finding[]): Pick<Report, 'compared'> {
  const { since, look, growth } = facts;
  const now = growth?.second ?? look;
  if (since === undefined || now === undefined) return {};
  const watchedSeconds = growth?.second === undefined ? 0 : growth.seconds;
  return { compared: comparedOf(since, { look: now, findings, watchedSeconds, idle: isIdle(facts) }) };
}

/** Memory is more than it was in the same process long before, and no finding says what for. */
export function grownUnexplained(facts: Facts): Ruling | undefined {
  const { since, growth, source, series, limit } = facts;
  if (since === undefined || !since.sameProcess) return undefined;
  const unsure = growingHolders(growth, source, series, since).find(isUnsure);
  if (unsure) return { verdict: 'undecided', headline: unsureText(unsure, since) };
  const memory = since.memory;
  if (memory === undefined || memory.bytesPerSecond.low <= 0) return undefined;
  const { before, now, bytesPerSecond } = memory;
  const grew = `Memory went from ${bytesText(before.bytes)} to ${bytesText(now.bytes)} in ${secondsText(since.seconds)}`;
  const room = limit?.limit ? limit.limit.bytes - now.bytes : Number.POSITIVE_INFINITY;
  return {
    verdict: room < bytesPerSecond.value * SOON_SECONDS ? 'oom-risk' : 'undecided',
    headline: `${grew}, and no Python container is seen to keep more for it: compare once more later.`,
  };
}

/** What the interpreter keeps for itself follows what the program keeps. */
const isUnsure = ({ since, judgement, bytesPerSecond, holder }: GrowingHolder): boolean =>
  since?.decides === true &&
  judgement === 'unsure' &&
  bytesPerSecond >= LEAST_BYTES_PER_SECOND &&
  holder.kind !== 'interpreter' &&
  holder.kind !== 'thread-local';

function unsureText({ holder, itemsNow, uses }: GrowingHolder, { seconds }: SinceBaseline): string {
  const why = uses === undefined || uses.feeds.length === 0 ? '' : ', and there is code that empties it';
  return `${plainName(holder)} has more than ${secondsText(seconds)} before (${plural(itemsNow, 'item')} now)${why}: two looks do not tell what fills from what leaks. Compare once more later.`;
}

/** What the headline says besides, of a case that is compared with an earlier one. */
export function comparedText(
  { compared }: Pick<Report, 'compared'>,
  { since }: Facts,
  findings: readonly Finding[],
): string {
  if (compared === undefined || since === undefined) return '';
  const { leaks, watchedSeconds } = since.baseline;
  const before = new Set(leaks.map(({ name }) => name));
  const growing = findings.flatMap(({ holder }) => (holder?.growth ? [holder] : []));
  const added = growing.filter(({ name }) => !before.has(name)).map(plainName);
  const fixed = compared.fixed.map(plainName);
  return [
    fixed.length > 0 ? ` Fixed since the earlier case: ${listText(fixed)} leaked then, and does not any more.` : '',
    // Where it was not watched for long, nobody knows what leaked then.
    added.length > 0 && !since.sameProcess && watchedSeconds >= LONG_ENOUGH_SECONDS
      ? ` New since the earlier case: ${listText(added)}.`
      : '',
  ].join('');
}

/** That memory is where it was in the same process long before. */
export function steadyText({ since }: Facts): string | undefined {
  const memory = since?.memory;
  if (memory === undefined || memory.bytesPerSecond.low > 0) return undefined;
  const { before, bytesPerSecond } = memory;
  const hidden = bytesText(Math.max(0, bytesPerSecond.high) * 3600);
  return `It was ${bytesText(before.bytes)} ${secondsText(since!.seconds)} before: a leak of more than ${hidden} an hour would have shown.`;
}
