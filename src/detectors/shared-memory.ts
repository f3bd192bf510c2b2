import { defineDetector } from '../core/detector.ts';
import type { Finding } from '../core/report.ts';
import { type ContainerFacts, ownLimitBytes } from '../facts/pod/container-facts.ts';
import { byRule } from '../facts/pod/finding-parts.ts';
import { killEvidence, killSentence } from '../facts/pod/kill-text.ts';
import { kubectl } from '../facts/pod/kubectl.ts';
import { memoryFiles } from '../facts/pod/memory-course.ts';
import { diesAtStart } from '../facts/pod/outlook.ts';
import { POD_NEEDS, POD_USES } from '../facts/pod/pod-artifacts.ts';
import { type PodFacts, podFacts } from '../facts/pod/pod-facts.ts';

/** Files in memory fill the limit: they outlive the container, so that each start after the first kill ends at once. */
export const sharedMemory = defineDetector({
  id: 'shared-memory',
  title: 'Files in memory fill the limit',
  needs: POD_NEEDS,
  uses: POD_USES,
  detect(got) {
    const facts = podFacts(got);
    const of = facts.chosen;
    if (of === undefined || ownLimitBytes(of) === undefined || !diesAtStart(of)) return [];
    const volumes = memoryFiles(of);
    return volumes.length > 0 ? [finding(facts, of, volumes)] : [];
  },
});

function finding(facts: PodFacts, of: ContainerFacts, volumes: readonly string[]): Omit<Finding, 'cause'> {
  const names = volumes.map((name) => `"${name}"`).join(', ');
  return {
    confidence: byRule('medium'),
    summary: `${killSentence(facts, of)}: it is killed right after its start, as where the files in its volume in memory (${names}) fill the limit, for they stay from one start to the next.`,
    places: [],
    evidence: [
      ...killEvidence(facts, of),
      {
        says: `It mounts ${names}, an emptyDir with the medium Memory: its files count as memory of the container.`,
        from: 'pods',
        reproduce: kubectl(facts.where, 'get', `pod/${of.pod.name}`, '-o', 'jsonpath={.spec.volumes}'),
      },
    ],
    fix: {
      summary:
        'delete the pod, which empties the volume; then remove files once they are read, or set its sizeLimit well below the limit.',
      advice: [
        'With a sizeLimit a write fails with "No space left on device" where the container would be killed.',
        'If the volume is small when it is killed, what it loads at its start does not fit: raise the limit.',
      ],
    },
  };
}
