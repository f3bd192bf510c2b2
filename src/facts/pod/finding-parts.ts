import type { Confidence, Evidence } from '../../core/report.ts';
import { bytesText } from '../../util/bytes.ts';
import { countText } from '../../util/count.ts';
import { secondsText } from '../../util/duration.ts';
import { memoryCommand } from '../memory-evidence.ts';
import type { ContainerFacts } from './container-facts.ts';
import { topCommand } from './kubectl.ts';
import type { PodFacts } from './pod-facts.ts';

/** As sure as the rule is: none of these has been measured on programs with known answers. */
export const byRule = (level: Confidence['level']): Confidence => ({ level, value: null, basis: 'rule' });

const MEASURED = {
  rss: 'Resident memory',
  'working-set': 'The working set',
  unreclaimable: 'Memory that cannot be reclaimed',
  virtual: 'The address space',
} as const;

/** What the samples of the life that runs say; nothing where there are none. */
export function memoryEvidence(facts: PodFacts, { samples, pod, usage }: ContainerFacts): Evidence[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || usage === undefined) return [];
  const seconds = secondsText(last[0] - first[0]);
  const says =
    samples.length === 1
      ? `${MEASURED[usage.measure]} is ${bytesText(last[1])}.`
      : `Memory was ${bytesText(first[1])} and ${seconds} later ${bytesText(last[1])} (${countText(samples.length)} samples).`;
  const inside = usage.source === 'cgroup' || usage.source === 'process';
  const reproduce = inside ? memoryCommand(facts.got) : topCommand(facts.where, pod.name);
  return [{ says, from: inside ? 'memory-series' : sourceKey(usage.source), reproduce }];
}

const sourceKey = (source: string): string =>
  source.startsWith('metrics API') ? 'pod-metrics' : source.startsWith('kubelet') ? 'node-stats' : 'prometheus';

const KINDS = {
  main: 'container',
  init: 'init container',
  sidecar: 'sidecar',
  ephemeral: 'ephemeral container',
} as const;

/** `The sidecar "proxy"` */
export const containerText = ({ container: { kind, name } }: ContainerFacts): string => `The ${KINDS[kind]} "${name}"`;
