import { setTimeout as after } from 'node:timers/promises';
import type { KubeConnection, KubePort } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { createApi } from './api.ts';

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
    events: later,
    limitRanges: later,
    node: later,
    revisions: later,
    metrics: later,
    nodeStats: later,
    prometheusServices: later,
    history: later,
    log: later,
    sleep: (ms, until) => after(ms, undefined, { signal: until }).catch(() => undefined),
    nowUnixSeconds: () => Date.now() / 1000,
  };
}
