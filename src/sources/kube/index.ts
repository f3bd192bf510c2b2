import { setTimeout as after } from 'node:timers/promises';
import type { KubeConnection, KubePort } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { createApi } from './api.ts';
import { readEvents } from './events.ts';
import { readLimitRanges } from './limit-ranges.ts';
import { readMetrics } from './metrics.ts';
import { readNodeStats } from './node-stats.ts';
import { readNode } from './nodes.ts';
import { readHistory } from './prometheus.ts';
import { findPrometheusServices } from './prometheus-services.ts';
import { readRevisions } from './revisions.ts';

/** For methods that are still to come. */
function notReadYet(): never {
  throw new ProblemError('unsupported', 'not read yet');
}
const later = async (): Promise<never> => notReadYet();

/**
 * One Kubernetes API, as the kubeconfig or the pod's service account names it. Asks nothing yet. To be imported when it is
 * needed: the kubeconfig's library takes a third of a second to load from its sources. Throws a ProblemError where there is
 * no kubeconfig, or no such context.
 */
export async function createKubePort(connection: KubeConnection): Promise<KubePort> {
  const api = await createApi(connection);
  return {
    context: api.context,
    namespace: api.namespace,
    targetRule: later,
    whoAmI: later,
    workload: later,
    pods: later,
    pod: later,
    mayI: later,
    events: (about, namespace = api.namespace) => readEvents(api, about, namespace),
    limitRanges: () => readLimitRanges(api, api.namespace),
    node: (name) => readNode(api, name),
    revisions: (controller) => readRevisions(api, controller, api.namespace),
    metrics: (workload, pods) => readMetrics(api, workload, pods, api.namespace),
    nodeStats: (node, pods) => readNodeStats(api, node, pods, api.namespace),
    prometheusServices: (namespace) => findPrometheusServices(api, namespace),
    history: (place, asked) => readHistory(api, place, asked, connection),
    log: later,
    sleep: (ms, until) => after(ms, undefined, { signal: until }).catch(() => undefined),
    nowUnixSeconds: () => Date.now() / 1000,
  };
}
