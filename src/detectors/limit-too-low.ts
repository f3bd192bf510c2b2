import { defineDetector } from '../core/detector.ts';
import type { Finding } from '../core/report.ts';
import { plural } from '../facts/amounts.ts';
import { type ContainerFacts, ownLimitBytes } from '../facts/pod/container-facts.ts';
import { byRule, memoryEvidence } from '../facts/pod/finding-parts.ts';
import { killEvidence, killSentence, limitEvidence } from '../facts/pod/kill-text.ts';
import { isTight, memoryFiles, usedText } from '../facts/pod/memory-course.ts';
import { ageOf, diesAtStart } from '../facts/pod/outlook.ts';
import { POD_NEEDS, POD_USES } from '../facts/pod/pod-artifacts.ts';
import { type PodFacts, podFacts } from '../facts/pod/pod-facts.ts';
import { bytesText } from '../util/bytes.ts';

/** What a program needs for its plain work does not fit: it dies while it starts, or stands right below its limit. */
export const limitTooLow = defineDetector({
  id: 'limit-too-low',
  title: 'The steady state does not fit the limit',
  needs: POD_NEEDS,
  uses: POD_USES,
  detect(got) {
    const facts = podFacts(got);
    const found = facts.chosen && (atStart(facts, facts.chosen) ?? steady(facts, facts.chosen));
    return found ? [found] : [];
  },
});

/** One that lives on for so long this time was killed for another reason. */
const LIVES_ON_SECONDS = 30;

function atStart(facts: PodFacts, of: ContainerFacts): Omit<Finding, 'cause'> | undefined {
  const limit = ownLimitBytes(of);
  if (limit === undefined || !diesAtStart(of) || (ageOf(of, facts.now) ?? 0) > LIVES_ON_SECONDS) return undefined;
  if (memoryFiles(of).length > 0) return undefined;
  if (facts.others.some((other) => fits(other, of, facts.now))) return undefined;
  return {
    confidence: byRule(of.kills.length + of.container.restarts > 1 ? 'medium' : 'low'),
    summary: `${killSentence(facts, of)}: what it loads at its start does not fit ${bytesText(of.limit!.bytes)}.`,
    places: [],
    evidence: killEvidence(facts, of),
    fix: {
      summary: 'raise the memory limit above what it needs to start, or load less at the start.',
      advice: [
        'To learn what it needs, give it twice the limit and read `kubectl top pod --containers` once it is up; then leave a third of room above that.',
        'Look at what is imported and read at the start: models, data frames, one worker process for each processor of the node.',
      ],
    },
  };
}

/** The same program runs under the same limit elsewhere. */
const fits = (other: ContainerFacts, of: ContainerFacts, now: number): boolean =>
  other.limit?.bytes === of.limit?.bytes &&
  other.container.name === of.container.name &&
  other.pod.revision === of.pod.revision &&
  other.kills.length === 0 &&
  (ageOf(other, now) ?? 0) > LIVES_ON_SECONDS;

function steady(facts: PodFacts, of: ContainerFacts): Omit<Finding, 'cause'> | undefined {
  if (!isTight(of)) return undefined;
  const killed = of.kills.length > 0 ? ` ${killSentence(facts, of)}.` : '';
  return {
    confidence: byRule(of.kills.length > 0 ? 'medium' : 'low'),
    summary: `Memory stands at ${usedText(of)} and does not grow: a little more work at once does not fit.${killed}`,
    places: [],
    evidence: [
      ...memoryEvidence(facts, of),
      ...killEvidence(facts, of),
      ...(of.kills.length > 0 ? [] : limitEvidence(facts, of)),
    ],
    fix: {
      summary: 'raise the memory limit, or keep less.',
      advice: [
        'The working set has file pages in it that the kernel takes back before it kills: `kubectl exec … cat /sys/fs/cgroup/memory.stat` tells them apart (active_file).',
        `Count what one worker takes: ${plural(2, 'worker')} take twice that.`,
      ],
    },
  };
}
