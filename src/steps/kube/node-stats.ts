import type { NodeStats, Pods } from '../../core/kube-artifacts.ts';
import type { KubePort } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { defineKubeStep } from '../../core/step.ts';
import { nodeNames } from './nodes.ts';
import { askWhileWatched, SampleStore } from './sampling.ts';

/** The kubelet looks every 10 s (`housekeeping interval` of its cAdvisor). */
const EVERY_MS = 5000;
/** A request a node, as long as memory is watched. */
const MOST_NODES = 10;

/**
 * Working set and RSS from the kubelets themselves. Asked for only with `--allow node-stats`: the right `nodes/proxy` lets its
 * holder run commands in every pod of the node, on many versions (kubernetes.io, "RBAC Good Practices").
 */
export const nodeStats = defineKubeStep({
  makes: 'node-stats',
  title: "Watching memory (kubelet's statistics)",
  needs: ['pods'],
  rung: 'api',
  rights: ({ kubeOptions }) => (kubeOptions.mayAskNodes ? [{ verb: 'get', group: '', resource: 'nodes/proxy' }] : []),
  async run(context, { pods }): Promise<NodeStats> {
    if (!context.kubeOptions.mayAskNodes) throw notAsked();
    context.note('nodes/proxy, which node-stats needs, is on many versions as good as exec in every pod of the node.');
    const store = new SampleStore();
    await askWhileWatched(context, EVERY_MS, () => ask(context.kube, pods, store));
    return { series: store.series() };
  },
  summary: ({ series }) => `${series.reduce((sum, { samples }) => sum + samples.length, 0)} samples`,
});

/** A node that does not answer is left out as long as another does. */
async function ask(kube: KubePort, pods: Pods, store: SampleStore): Promise<boolean> {
  const names = pods.pods.map(({ name }) => name);
  const nodes = nodeNames(pods).slice(0, MOST_NODES);
  const asked = await Promise.allSettled(nodes.map((node) => kube.nodeStats(node, names)));
  const answered = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = asked.find((each) => each.status === 'rejected');
  if (answered.length === 0 && failed) throw failed.reason;
  for (const { samples, ...about } of answered.flat())
    for (const [atUnixSeconds, value] of samples) store.add(about, atUnixSeconds, value);
  return nodes.length > 0;
}

const notAsked = (): ProblemError =>
  new ProblemError('refused', 'The kubelets were not asked.', 'If you hold nodes/proxy: --allow node-stats');
