import type { About } from '../core/diagnose.ts';
import type { Finding } from '../core/report.ts';
import type { Gathered } from '../core/step.ts';
import { bytesText } from '../util/bytes.ts';
import { timesText } from './amounts.ts';
import { comparedIn, comparedText, grownUnexplained } from './baseline-verdict.ts';
import { explainedTogether, explainsLittle, growsElsewhere } from './explained-growth.ts';
import { withLogs } from './logs/with-logs.ts';
import { healthy, tight, undecided } from './quiet.ts';
import { filling, growingUnexplained } from './unexplained-growth.ts';
import { type Facts, factsOf, type Ruling } from './verdict-facts.ts';
import { memoryOf } from './verdict-memory.ts';

type Judgement = ReturnType<About['judge']>;

/** What the findings and the memory of a process on this machine add up to. */
export function judgeProcess(outcomes: Gathered['outcomes'], findings: readonly Finding[]): Judgement {
  const facts = factsOf(outcomes);
  const ruling = rulingOn(facts, findings);
  const memory = memoryOf(facts);
  // What grows may still hide in the noise of the process's memory: then nobody knows when, and not that it never comes.
  const isHidden = ruling.verdict === 'leak' && memory.eta?.status === 'no-growth';
  const compared = comparedIn(facts, findings);
  const headline = `${ruling.headline}${comparedText(compared, facts, findings)}`;
  const judged = { ...ruling, headline, ...memory, ...(isHidden ? { eta: { status: 'unknown' as const } } : {}) };
  return { ...withLogs(judged, outcomes), ...compared };
}

function rulingOn(facts: Facts, findings: readonly Finding[]): Ruling {
  return (
    leaking(facts, findings) ??
    killed(facts, findings) ??
    filling(facts) ??
    growingUnexplained(facts, findings) ??
    grownUnexplained(facts) ??
    tight(facts) ??
    healthy(facts, findings) ??
    undecided(facts, findings)
  );
}

/** A finding names what grows; where that is little of what memory grows, so it is said. */
export function leaking({ trend, growth }: Facts, findings: readonly Finding[]): Ruling | undefined {
  const growing = findings.filter((finding) => finding.holder?.growth !== undefined);
  if (growing[0] === undefined || growsElsewhere(findings, trend, growth)) return undefined;
  const explained = explainedTogether(growing);
  const rest = explainsLittle(explained, trend)
    ? ` That is ${bytesText(explained)}/s of the ${bytesText(trend!.slope!.slope)}/s by which memory grows; what takes the rest is not known.`
    : '';
  return { verdict: 'leak', headline: `${growing[0].summary}${rest}` };
}

/** The kernel counts what it killed in the control group, this process's forerunners and siblings too. */
function killed(facts: Facts, findings: readonly Finding[]): Ruling | undefined {
  const { limit, series } = facts;
  const kills = limit?.limit?.scope === 'container' ? (limit.cgroup?.events?.oomKills ?? 0) : 0;
  if (kills <= 0) return undefined;
  const now =
    (filling(facts) ?? growingUnexplained(facts, findings))?.headline ??
    (series ? 'What held it was not seen to grow this time.' : 'This time memory could not be watched.');
  return { verdict: 'oom-risk', headline: `The kernel killed for lack of memory here ${timesText(kills)}. ${now}` };
}
