import { defineDetector } from '../core/detector.ts';
import type { Finding } from '../core/report.ts';
import type { ContainerFacts } from '../facts/pod/container-facts.ts';
import { isOtherEviction, type NodeShortage, nodeShortage } from '../facts/pod/eviction.ts';
import { byRule } from '../facts/pod/finding-parts.ts';
import { killEvidence, killSentence } from '../facts/pod/kill-text.ts';
import { POD_NEEDS, POD_USES } from '../facts/pod/pod-artifacts.ts';
import { type PodFacts, podFacts } from '../facts/pod/pod-facts.ts';

/** The pod went, or will, because its node ran short: below a limit of its own. */
export const nodePressure = defineDetector({
  id: 'node-pressure',
  title: 'The node ran short',
  needs: POD_NEEDS,
  uses: POD_USES,
  detect(got) {
    const facts = podFacts(got);
    const shortage = facts.chosen && nodeShortage(facts, facts.chosen);
    return shortage ? [finding(facts, facts.chosen!, shortage)] : [];
  },
});

function finding(facts: PodFacts, of: ContainerFacts, shortage: NodeShortage): Omit<Finding, 'cause'> {
  const { kind, evidence } = shortage;
  return {
    confidence: byRule(kind === 'evicted' ? 'high' : kind === 'pressure' ? 'low' : 'medium'),
    summary: summaryOf(facts, of, shortage),
    places: [],
    evidence: [...evidence, ...(kind === 'evicted' ? [] : killEvidence(facts, of))],
    fix: isOtherEviction(shortage) ? OTHER_FIX : MEMORY_FIX,
  };
}

function summaryOf(facts: PodFacts, of: ContainerFacts, { kind, resource, evidence }: NodeShortage): string {
  switch (kind) {
    case 'evicted':
      return resource === 'memory'
        ? 'Evicted, for the node ran low on memory: it did not reach a limit of its own.'
        : `Evicted, but not for memory as far as the kubelet says: ${evidence[0]!.says}`;
    case 'system-oom':
      return `${killSentence(facts, of)}: the node as a whole had run out of memory.`;
    case 'killed-without-limit':
      return `${killSentence(facts, of)}: it has no limit, so what ran out was the memory of its node.`;
    case 'pressure':
      return `Its node is short of memory: pods that use more than they requested are evicted first.`;
  }
}

const MEMORY_FIX: Finding['fix'] = {
  summary: 'request what it really uses, so that it is placed where there is room; and give it a limit.',
  advice: [
    'Pods that use more than their memory request are evicted first; one whose requests equal its limits goes last.',
    'See who else uses the node: `kubectl top pod -A --sort-by=memory`.',
  ],
};
const OTHER_FIX: Finding['fix'] = {
  summary: 'it is not about memory: see what the node ran short of.',
  advice: ['Files in an emptyDir, logs and the writable layer count as ephemeral-storage: bound them, or set a limit.'],
};
