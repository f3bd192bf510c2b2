import { defineDetector } from '../core/detector.ts';
import type { Finding } from '../core/report.ts';
import { LOG_USES, logFacts } from '../facts/logs/log-facts.ts';
import { spikeFindings } from '../facts/logs/spike-finding.ts';
import { type ContainerFacts, ownLimitBytes } from '../facts/pod/container-facts.ts';
import type { Sample } from '../facts/pod/container-series.ts';
import { containerTrend } from '../facts/pod/container-trend.ts';
import { byRule, memoryEvidence } from '../facts/pod/finding-parts.ts';
import { killEvidence, killSentence, lastKill } from '../facts/pod/kill-text.ts';
import { topCommand } from '../facts/pod/kubectl.ts';
import { isRoomy, usedText } from '../facts/pod/memory-course.ts';
import { diesAtStart, outlookOf } from '../facts/pod/outlook.ts';
import { POD_NEEDS, POD_USES } from '../facts/pod/pod-artifacts.ts';
import { type PodFacts, podFacts } from '../facts/pod/pod-facts.ts';
import { bytesOfText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';

/** One burst reached the limit: before it, or since, memory stands still far below. */
export const memorySpike = defineDetector({
  id: 'memory-spike',
  title: 'One burst reached the limit',
  needs: POD_NEEDS,
  uses: POD_USES,
  detect(got) {
    const facts = podFacts(got);
    const of = facts.chosen;
    if (of === undefined || of.kills.length === 0 || ownLimitBytes(of) === undefined || diesAtStart(of)) return [];
    const found = before(facts, of) ?? since(facts, of);
    return found ? [found] : [];
  },
});

/** A life whose last samples lie this close to its end, below this part of the limit, was far from its limit when the burst came. */
const CLOSE_SECONDS = 90;
const FAR_SHARE = 0.7;

/** The life that was killed was measured: it stood still until right before its end. */
function before(facts: PodFacts, of: ContainerFacts): Omit<Finding, 'cause'> | undefined {
  const kill = lastKill(of)!;
  const limit = ownLimitBytes(of)!;
  const samples = samplesOf(of, kill.startedAt, kill.endedAt);
  const last = samples.at(-1);
  if (last === undefined || kill.endedAt! - last[0] > CLOSE_SECONDS || last[1] > limit * FAR_SHARE) return undefined;
  const shape = containerTrend(samples)?.shape;
  if (shape !== 'flat' && shape !== 'settled') return undefined;
  const used = bytesOfText(last[1], limit);
  const ahead = secondsText(kill.endedAt! - last[0]);
  return finding(facts, of, {
    level: 'high',
    summary: `${killSentence(facts, of)}: ${ahead} before, memory stood at ${used}, so one burst reached the limit.`,
    says: `It stood still at ${used} until ${ahead} before the kill.`,
  });
}

function samplesOf(of: ContainerFacts, from: number | undefined, to: number | undefined): Sample[] {
  if (from === undefined || to === undefined) return [];
  return (of.main?.lives ?? []).flat().filter(([at]) => at >= from && at <= to);
}

/** The life after it is measured: memory that grew as the length of the other asks for would have been seen to rise. */
function since(facts: PodFacts, of: ContainerFacts): Omit<Finding, 'cause'> | undefined {
  const { isQuiet } = outlookOf(facts, of);
  if (!isQuiet || !isRoomy(of)) return undefined;
  return finding(facts, of, {
    level: 'medium',
    summary: `${killSentence(facts, of)}: since then memory stands at ${usedText(of)} and does not grow, so one burst reached the limit.`,
  });
}

function finding(
  facts: PodFacts,
  of: ContainerFacts,
  { level, summary, says }: { level: 'high' | 'medium'; summary: string; says?: string },
): Omit<Finding, 'cause'> {
  const reproduce = topCommand(facts.where, of.pod.name);
  return {
    confidence: byRule(level),
    summary,
    places: [],
    evidence: [
      ...(says === undefined ? [] : [{ says, from: 'prometheus', reproduce }]),
      ...killEvidence(facts, of),
      ...memoryEvidence(facts, of),
    ],
    fix: {
      summary: 'find the work that needs so much at once, and do it in parts; or give it a limit that holds it.',
      advice: [
        'The log right before the kill says what it worked on: `kubectl logs --previous`.',
        'Bound what comes in at once: the size of a request or file, of a batch, the number of them side by side.',
      ],
    },
  };
}

/** By the sizes of pieces of work that a log tells: the largest came right before a kill. */
export const loggedSpike = defineDetector({
  id: 'memory-spike',
  title: 'One burst reached the limit',
  needs: ['log-digest'],
  uses: LOG_USES,
  detect(got) {
    const facts = logFacts(got);
    return facts ? spikeFindings(facts) : [];
  },
});
