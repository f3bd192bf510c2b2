import type { Artifacts } from '../core/artifacts.ts';
import type { Finding, Report, Verdict } from '../core/report.ts';
import type { Gathered } from '../core/step.ts';
import { bytesText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';
import { growingHolders } from './growing-holders.ts';
import { plainName } from './holder-finding.ts';
import { growthEstimate, type MemoryTrend, memoryTrend, timeToLimit } from './memory-trend.ts';

type Outcomes = Gathered['outcomes'];
type Judgement = Pick<Report, 'verdict' | 'headline' | 'limit' | 'usage' | 'growth' | 'eta'>;

/** What the findings and the memory add up to. */
export function judge(outcomes: Outcomes, findings: readonly Finding[]): Judgement {
  const facts = factsOf(outcomes);
  return { ...verdictOf(facts, findings), ...memoryOf(facts) };
}

interface Facts {
  readonly limit: Artifacts['memory-limit'] | undefined;
  readonly series: Artifacts['memory-series'] | undefined;
  readonly growth: Artifacts['heap-growth'] | undefined;
  readonly source: Artifacts['source'] | undefined;
  readonly trend: MemoryTrend | undefined;
}

function factsOf(outcomes: Outcomes): Facts {
  const value = <K extends keyof Artifacts>(key: K): Artifacts[K] | undefined => {
    const outcome = outcomes[key];
    return outcome?.ok ? outcome.value : undefined;
  };
  const series = value('memory-series');
  return {
    limit: value('memory-limit'),
    series,
    growth: value('heap-growth'),
    source: value('source'),
    trend: series && memoryTrend(series),
  };
}

function memoryOf({ limit, series, trend }: Facts): Omit<Judgement, 'verdict' | 'headline'> {
  const last = series?.samples.at(-1);
  const rate = trend && growthEstimate(trend);
  return {
    ...(limit?.limit ? { limit: limit.limit } : {}),
    ...(series && last
      ? {
          usage: {
            bytes: last[1],
            measure: series.measure,
            source: series.source,
            at: new Date(Math.round(last[0] * 1000)).toISOString(),
          },
        }
      : {}),
    // Seconds of watching do not tell growth with work from growth with time.
    ...(rate ? { growth: { bytesPerSecond: rate, with: 'undecided' as const } } : {}),
    ...(series && limit && trend ? { eta: timeToLimit(series, limit, trend) } : {}),
  };
}

/** Seconds that must be watched before "nothing grows" means something. */
const LONG_ENOUGH_SECONDS = 10;
/** A process that used less of a processor than this did nothing that could show a leak. */
const BUSY_SHARE = 0.0005;

function verdictOf(facts: Facts, findings: readonly Finding[]): { verdict: Verdict; headline: string } {
  const leaking = findings.find((finding) => finding.holder?.growth !== undefined);
  if (leaking) return { verdict: 'leak', headline: leaking.summary };
  const killed = facts.limit?.limit?.scope === 'container' ? (facts.limit.cgroup?.events?.oomKills ?? 0) : 0;
  if (killed > 0)
    return {
      verdict: 'oom-risk',
      headline: `The kernel killed for lack of memory here ${times(killed)}; what held it was not seen to grow this time.`,
    };
  return filling(facts) ?? growingUnexplained(facts) ?? healthy(facts, findings) ?? undecided(facts, findings);
}

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

/** Something grows and has a bound that it did not reach: nobody can say yet that it will stop there in time. */
function filling({ growth, source, series, trend }: Facts): { verdict: Verdict; headline: string } | undefined {
  const holder = growth && growingHolders(growth, source, series).find((each) => each.judgement === 'fills')?.holder;
  if (holder === undefined || trend?.shape !== 'grows') return undefined;
  const bound =
    holder.bound === undefined ? 'the code that fills it also empties it' : `it is bounded to ${holder.bound}`;
  return {
    verdict: 'undecided',
    headline: `${plainName(holder)} still fills (${holder.items} items), but ${bound}: look again later.`,
  };
}

function growingUnexplained({ trend, growth, series }: Facts): { verdict: Verdict; headline: string } | undefined {
  if (trend?.shape !== 'grows' || trend.slope === undefined || trend.slope.low <= 0) return undefined;
  const rate = `Memory grows ${bytesText(trend.slope.slope)}/s`;
  if (growth === undefined)
    return {
      verdict: 'undecided',
      headline: `${rate}; what holds it is not known, for the heap could not be watched.`,
    };
  if (trend.seconds < LONG_ENOUGH_SECONDS || series?.ended === 'interrupted') {
    return {
      verdict: 'undecided',
      headline: `${rate}, but was watched for only ${secondsText(trend.seconds)}: look longer with --for 60s.`,
    };
  }
  return { verdict: 'oom-risk', headline: `${rate}, and no Python container was seen to grow along with it.` };
}

function healthy(
  { series, growth, trend }: Facts,
  findings: readonly Finding[],
): { verdict: Verdict; headline: string } | undefined {
  if (!series || !growth?.second || growth.second.partial || !trend || trend.shape === 'unknown') return undefined;
  if (trend.seconds < LONG_ENOUGH_SECONDS || series.ended === 'interrupted' || series.ended === 'process-exited')
    return undefined;
  if (series.cpuSeconds < trend.seconds * BUSY_SHARE) return undefined;
  const settled = findings.find((finding) => finding.cause === 'warm-up');
  if (settled) return { verdict: 'healthy', headline: settled.summary };
  if (trend.shape !== 'flat') return undefined;
  const hidden = trend.slope ? Math.max(0, trend.slope.high) * 3600 : 0;
  const unseen = hidden > 0 ? ` A leak of less than ${bytesText(hidden)} an hour would not show in this time.` : '';
  return {
    verdict: 'healthy',
    headline: `Nothing grows: memory stays at ${bytesText(series.samples.at(-1)![1])} over ${secondsText(trend.seconds)}.${unseen}`,
  };
}

/** What is known, and what would decide it. */
function undecided(
  { series, growth, trend }: Facts,
  findings: readonly Finding[],
): { verdict: Verdict; headline: string } {
  const say = (headline: string) => ({ verdict: 'undecided' as const, headline });
  const suspect = findings.find((finding) => finding.holder);
  if (suspect) return say(suspect.summary);
  if (series === undefined || trend === undefined) return say('Memory could not be watched, so growth is not known.');
  if (series.ended === 'process-exited')
    return say(`The process ended after ${secondsText(trend.seconds)} of watching, before anything was decided.`);
  if (growth === undefined) return say('Memory does not grow, but the heap could not be watched.');
  if (trend.seconds < LONG_ENOUGH_SECONDS)
    return say(`Nothing was seen to grow in ${secondsText(trend.seconds)}: look longer with --for 60s.`);
  if (series.cpuSeconds < trend.seconds * BUSY_SHARE)
    return say('Nothing grows, but the process did no work while it was watched: look again under load.');
  return say('Nothing was seen to grow steadily: look again later, or longer with --for 5m.');
}
