import type { NodeStats } from '../../core/kube-artifacts.ts';
import { type Api, pathOf } from './api.ts';
import { fieldsAt, fieldsOf, listOf, secondsOf, textOf } from './fields.ts';

type Series = NodeStats['series'][number];

/** Fields of a container's memory (kubelet, pkg/apis/stats/v1alpha1), by measure. */
const MEASURES = { 'working-set': 'workingSetBytes', rss: 'rssBytes' } as const;

/** What the kubelet of a node says of these pods' memory. Throws a ProblemError where it may not be asked. */
export async function readNodeStats(
  api: Api,
  node: string,
  pods: readonly string[],
  namespace: string,
): Promise<Series[]> {
  const { body } = await api.get(pathOf('api', 'v1', 'nodes', node, 'proxy', 'stats', 'summary'));
  return statsIn(body, pods, namespace);
}

/** A sample a container and measure, of the namespace's pods that are asked for. */
export function statsIn(body: unknown, pods: readonly string[], namespace: string): Series[] {
  const asked = new Set(pods);
  return listOf(fieldsOf(body).pods).flatMap((each) => {
    const { name, namespace: place } = fieldsAt(each, 'podRef');
    const pod = textOf(name);
    if (pod === undefined || place !== namespace || !asked.has(pod)) return [];
    return listOf(fieldsOf(each).containers).flatMap((container) => seriesOf(pod, container));
  });
}

function seriesOf(pod: string, value: unknown): Series[] {
  const container = textOf(fieldsOf(value).name);
  const memory = fieldsAt(value, 'memory');
  const at = secondsOf(memory.time);
  if (container === undefined || at === undefined) return [];
  return (Object.keys(MEASURES) as (keyof typeof MEASURES)[]).flatMap((measure): Series[] => {
    const bytes = memory[MEASURES[measure]];
    if (typeof bytes !== 'number' || !(bytes >= 0 && bytes <= 2 ** 64)) return [];
    return [{ pod, container, measure, samples: [[at, bytes]] }];
  });
}
