import type { Finding } from '../core/report.ts';
import { bytesOfText, bytesText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';
import { countText, plainName, plural } from './amounts.ts';
import { explainsLittle } from './explained-growth.ts';
import { type GrowingHolder, growingHolders } from './growing-holders.ts';
import { timeToLimit } from './time-to-limit.ts';
import { type Facts, isLongEnough, isNearLimit, type Ruling } from './verdict-facts.ts';

/** Something grows and has a bound that it did not reach: nobody can say yet that it will stop there in time. */
export function filling({ growth, source, series, trend, limit, since }: Facts): Ruling | undefined {
  if (growth === undefined || trend?.shape !== 'grows') return undefined;
  const fill = growingHolders(growth, source, series, since).filter((each) => each.judgement === 'fills');
  const bytesPerSecond = fill.reduce((sum, each) => sum + each.bytesPerSecond, 0);
  if (fill[0] === undefined || explainsLittle(bytesPerSecond, trend)) return undefined;
  return fillingRuling(fill[0], roomBytes({ limit, series }));
}

function fillingRuling({ holder, itemsNow, bytesPerItem }: GrowingHolder, room: number): Ruling {
  const fills = `${plainName(holder)} still fills (${plural(itemsNow, 'item')})`;
  if (holder.bound === undefined)
    return {
      verdict: 'undecided',
      headline: `${fills}, but the code that fills it also empties it: look again later.`,
    };
  const bound = `is bounded to ${countText(holder.bound)}`;
  // The bound is one container's; of several that go by one name, only the sum is known.
  const toCome = holder.instances > 1 ? 0 : (holder.bound - itemsNow) * (bytesPerItem ?? 0);
  return toCome > room
    ? {
        verdict: 'oom-risk',
        headline: `${fills}; it ${bound}, but only ${bytesText(room)} are left for ${bytesText(toCome)} to come.`,
      }
    : { verdict: 'undecided', headline: `${fills}, but it ${bound}: look again later.` };
}

/** What the limit leaves. */
const roomBytes = ({ limit, series }: Pick<Facts, 'limit' | 'series'>): number =>
  Math.max(0, (limit?.limit?.bytes ?? Number.POSITIVE_INFINITY) - (series?.samples.at(-1)?.[1] ?? 0));

/** A limit that will be met sooner than this leaves no time for a longer look. */
const SOON_SECONDS = 120;
/** A process that ended with so much of its limit in use had, as far as can be seen, met it. */
const AT_LIMIT_SHARE = 0.9;

/** Memory grows, and no finding says what for. */
export function growingUnexplained(facts: Facts, findings: readonly Finding[]): Ruling | undefined {
  const { trend, growth } = facts;
  if (trend?.shape !== 'grows' || trend.slope === undefined) return undefined;
  const rate = `${rateText(facts)}${limitText(facts)}`;
  const risk = isMetSoon(facts) || hasMet(facts) ? 'oom-risk' : 'undecided';
  if (growth === undefined) {
    const suspect = findings.find((finding) => finding.holder);
    const held = suspect ? `the heap was read once: ${suspect.summary}` : notWatched;
    return { verdict: risk, headline: `${rate}; ${held}` };
  }
  if (risk === 'undecided' && !isLongEnough(facts)) return { verdict: risk, headline: `${rate}${tooShort(facts)}` };
  return { verdict: 'oom-risk', headline: `${rate}, and no Python container was seen to grow along with it.` };
}

const notWatched = 'what holds it is not known, for the heap could not be watched.';

const hasEnded = ({ series }: Facts): boolean => series?.ended === 'process-exited';
const hasMet = (facts: Facts): boolean => hasEnded(facts) && isNearLimit(facts, AT_LIMIT_SHARE);

function rateText(facts: Facts): string {
  const rate = `${bytesText(facts.trend!.slope!.slope)}/s`;
  return hasEnded(facts) ? `Memory grew ${rate} until the process ended` : `Memory grows ${rate}`;
}

/** Where the process ended at its limit: what it had, as seen last. */
function limitText(facts: Facts): string {
  return hasMet(facts) ? `, at ${bytesOfText(facts.series!.samples.at(-1)![1], facts.limit!.limit!.bytes)}` : '';
}

function tooShort(facts: Facts): string {
  const watched = secondsText(facts.trend!.seconds);
  return hasEnded(facts)
    ? `; ${watched} of watching were too short to say what held it.`
    : `, but was watched for only ${watched}: look longer with --for 60s.`;
}

function isMetSoon({ series, limit, trend }: Facts): boolean {
  if (!series || !limit || !trend || series.ended === 'process-exited') return false;
  const { seconds } = timeToLimit(series, limit, trend);
  return seconds !== undefined && seconds.high < SOON_SECONDS;
}
