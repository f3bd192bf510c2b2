import type { Artifacts } from '../core/artifacts.ts';
import type { Finding } from '../core/report.ts';
import { bytesOfText, bytesText } from '../util/bytes.ts';
import { countText } from '../util/count.ts';
import { secondsText } from '../util/duration.ts';
import { plainName, plural } from './amounts.ts';
import { explainedTogether, explainsLittle, growsElsewhere } from './explained-growth.ts';
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

/** Memory grows, and no finding says what for: none at all, or only of what is next to nothing of it. */
export function growingUnexplained(facts: Facts, findings: readonly Finding[]): Ruling | undefined {
  const { trend, growth } = facts;
  if (trend?.shape !== 'grows' || trend.slope === undefined) return undefined;
  const rate = `${rateText(facts)}${limitText(facts)}`;
  const risk = isMetSoon(facts) || hasMet(facts) ? 'oom-risk' : 'undecided';
  const leads = findings.filter(({ holder }) => holder?.growth !== undefined);
  if (leads.length > 0 && growth !== undefined && growsElsewhere(findings, trend, growth)) {
    const explained = `${bytesText(explainedTogether(findings))}/s`;
    const most = gainedMost(growth);
    return { verdict: 'oom-risk', headline: `${rate}, and the findings explain only ${explained} of it.${most}` };
  }
  if (growth === undefined) {
    const suspect = findings.find((finding) => finding.holder);
    const held = suspect ? `the heap was read once: ${suspect.summary}` : notWatched;
    return { verdict: risk, headline: `${rate}; ${held}` };
  }
  if (risk === 'undecided' && !isLongEnough(facts)) return { verdict: risk, headline: `${rate}${tooShort(facts)}` };
  if (risk === 'undecided' && !trend.steady) return { verdict: risk, headline: `${rate}${notThroughout(facts)}` };
  return { verdict: 'oom-risk', headline: `${rate}, and no Python container was seen to grow along with it.` };
}

/** ` What gained most is bytearray: 401 more objects, 7.7 MiB in 8.9 s.` */
function gainedMost({ types, seconds }: Artifacts['heap-growth']): string {
  const most = types[0];
  if (most === undefined || most.bytes <= 0) return '';
  const more = most.count > 0 ? `${countText(most.count)} more ${most.count === 1 ? 'object' : 'objects'}, ` : '';
  return ` What gained most is ${plainName({ name: most.type })}: ${more}${bytesText(most.bytes)} in ${secondsText(seconds)}.`;
}

const notWatched = 'what holds it is not known, for the heap was not watched.';

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

/** What is done once and for all takes a part of the watch; what leaks goes on. */
function notThroughout(facts: Facts): string {
  const { seconds } = facts.trend!;
  const longer = seconds < 60 ? '60s' : seconds < 300 ? '5m' : '1h';
  return hasEnded(facts)
    ? ', though not all the time; no Python container was seen to grow along with it.'
    : `, though not all the time, and no Python container was seen to grow along with it: look longer with --for ${longer}.`;
}

function isMetSoon({ series, limit, trend }: Facts): boolean {
  if (!series || !limit || !trend || series.ended === 'process-exited') return false;
  const { seconds } = timeToLimit(series, limit, trend);
  return seconds !== undefined && seconds.high < SOON_SECONDS;
}
