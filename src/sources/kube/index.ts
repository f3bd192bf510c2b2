import { setTimeout as after } from 'node:timers/promises';
import type { KubeConnection, KubePort } from '../../core/kube-port.ts';
import { createApi } from './api.ts';
import { createDiscovery } from './discovery.ts';
import { addEphemeralContainer } from './ephemeral-container.ts';
import { readEvents } from './events.ts';
import { openExec } from './exec.ts';
import { openForward } from './forward.ts';
import { readLimitRanges } from './limit-ranges.ts';
import { readLog } from './log.ts';
import { readMetrics } from './metrics.ts';
import { readNodeStats } from './node-stats.ts';
import { readNode } from './nodes.ts';
import { readPod, readPods } from './pods.ts';
import { getFromPort } from './port-get.ts';
import { readHistory } from './prometheus.ts';
import { findPrometheusServices } from './prometheus-services.ts';
import { mayI, whoAmI } from './reviews.ts';
import { readRevisions } from './revisions.ts';
import { readWorkload, targetRule } from './workload.ts';

/**
 * One Kubernetes API, as the kubeconfig or the pod's service account names it. Asks nothing yet. To be imported when it is
 * needed: the kubeconfig's library takes a third of a second to load from its sources. Throws a ProblemError where there is
 * no kubeconfig, or no such context.
 */
export async function createKubePort(connection: KubeConnection): Promise<KubePort> {
  const api = await createApi(connection);
  const discovery = createDiscovery(api);
  return {
    context: api.context,
    namespace: api.namespace,
    targetRule: (target) => targetRule(discovery, target, api.namespace),
    whoAmI: () => whoAmI(api),
    workload: (target) => readWorkload(api, discovery, target),
    pods: (workload) => readPods(api, discovery, workload),
    pod: (name) => readPod(api, name),
    mayI: (rule) => mayI(api, rule),
    events: (about, namespace = api.namespace) => readEvents(api, about, namespace),
    limitRanges: () => readLimitRanges(api, api.namespace),
    node: (name) => readNode(api, name),
    revisions: (controller) => readRevisions(api, controller, api.namespace),
    metrics: (workload, pods) => readMetrics(api, workload, pods, api.namespace),
    nodeStats: (node, pods) => readNodeStats(api, node, pods, api.namespace),
    prometheusServices: (namespace) => findPrometheusServices(api, namespace),
    history: (place, asked) => readHistory(api, place, asked, connection),
    log: (request) => readLog(api, request),
    exec: (request) => openExec(api, request),
    forward: (request) => openForward(api, request),
    getFromPort: (request) => getFromPort(api, request),
    addEphemeralContainer: (request) => addEphemeralContainer(api, request),
    sleep: (ms, until) => after(ms, undefined, { signal: until }).catch(() => undefined),
    nowUnixSeconds: () => Date.now() / 1000,
  };
}
