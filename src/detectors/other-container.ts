import { defineDetector } from '../core/detector.ts';
import type { Finding } from '../core/report.ts';
import { type ContainerFacts, ownLimitBytes } from '../facts/pod/container-facts.ts';
import { byRule, containerText, memoryEvidence } from '../facts/pod/finding-parts.ts';
import { killEvidence, killWhen, lastKill } from '../facts/pod/kill-text.ts';
import { usedText } from '../facts/pod/memory-course.ts';
import { POD_NEEDS, POD_USES } from '../facts/pod/pod-artifacts.ts';
import { type PodFacts, podFacts } from '../facts/pod/pod-facts.ts';
import { bytesText } from '../util/bytes.ts';
import { shellWord } from '../util/shell-word.ts';

/** A sidecar, an init container or another container of the pod is what was killed, or grows. */
export const otherContainer = defineDetector({
  id: 'other-container',
  title: 'Another container of the pod',
  needs: POD_NEEDS,
  uses: POD_USES,
  detect(got) {
    const facts = podFacts(got);
    const { chosen, beside } = facts;
    if (chosen === undefined) return [];
    const killed = beside.filter(({ kills }) => kills.length > 0);
    const growing = beside.filter((each) => each.kills.length === 0 && growsToLimit(each, chosen));
    return [...killed, ...growing].map((each) => finding(facts, each, chosen));
  },
});

/** It grows, and against a limit of its own or one that it shares with the container that was looked at. */
const growsToLimit = (each: ContainerFacts, chosen: ContainerFacts): boolean =>
  each.trend?.shape === 'grows' && (ownLimitBytes(each) !== undefined || chosen.trend?.shape !== 'grows');

function finding(facts: PodFacts, of: ContainerFacts, chosen: ContainerFacts): Omit<Finding, 'cause'> {
  const rate = of.trend?.shape === 'grows' ? of.trend.slope?.slope : undefined;
  return {
    confidence: byRule(of.kills.length > 0 ? 'high' : 'medium'),
    summary: summaryOf(facts, of, chosen),
    ...(rate !== undefined && rate > 0 && of.kills.length === 0 ? { explainsBytesPerSecond: rate } : {}),
    places: [],
    evidence: [...killEvidence(facts, of), ...memoryEvidence(facts, of)],
    fix: {
      summary: `diagnose that container instead: -c ${shellWord(of.container.name)}`,
      advice: ['A sidecar has a limit of its own: it may simply need more.'],
    },
  };
}

function summaryOf({ now }: PodFacts, of: ContainerFacts, chosen: ContainerFacts): string {
  const kill = lastKill(of);
  const which = chosen.kills.length > 0 ? '' : `, not "${chosen.container.name}",`;
  if (kill !== undefined) {
    const too = chosen.kills.length > 0 ? ', too' : '';
    return `${containerText(of)}${which} was OOM killed${too}${killWhen(kill, now)}.`;
  }
  return `${containerText(of)}${which} grows ${bytesText(of.trend!.slope!.slope)}/s and is at ${usedText(of)}.`;
}
