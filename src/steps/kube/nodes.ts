import type { Nodes, Pods } from '../../core/kube-artifacts.ts';
import { defineKubeStep } from '../../core/step.ts';

/** A request a node: the nodes of a workload of ten thousand pods would take too long. */
const MOST_NODES = 50;

/** How the nodes of the pods are: pressure, and how much memory they have. */
export const nodes = defineKubeStep({
  makes: 'nodes',
  title: 'Reading the nodes',
  needs: ['pods'],
  rung: 'api',
  rights: (_, { pods }) => (nodeNames(pods).length > 0 ? [{ verb: 'get', group: '', resource: 'nodes' }] : []),
  async run({ kube }, { pods }): Promise<Nodes> {
    const names = nodeNames(pods);
    const asked = await Promise.allSettled(names.slice(0, MOST_NODES).map((name) => kube.node(name)));
    const found = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = asked.find((each) => each.status === 'rejected');
    if (found.length === 0 && failed) throw failed.reason;
    const unread = names.length - found.length;
    return { nodes: found, ...(unread > 0 ? { unread } : {}) };
  },
  summary: ({ nodes: found }) => {
    const pressed = found.filter(({ conditions }) => conditions.some(isMemoryPressure)).length;
    const many = `${found.length} ${found.length === 1 ? 'node' : 'nodes'}`;
    return pressed > 0 ? `${many}, ${pressed} of them under memory pressure` : many;
  },
});

const isMemoryPressure = ({ type, status }: Nodes['nodes'][number]['conditions'][number]): boolean =>
  type === 'MemoryPressure' && status === 'True';

/** The nodes of the pods, that of the pod which is diagnosed first. */
export function nodeNames({ pods, chosen }: Pods): string[] {
  const first = pods.filter(({ name }) => name === chosen?.pod);
  return [...new Set([...first, ...pods].flatMap(({ node }) => (node === undefined ? [] : [node])))];
}
