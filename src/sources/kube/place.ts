import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeConnection } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { clipped } from '../../util/text-escape.ts';
import { type ClusterEntry, type Kubeconfig, readKubeconfig, type UserEntry } from './kubeconfig.ts';

/** Where the kubelet mounts a pod's service account (client-go v0.34, rest/config.go, InClusterConfig). */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Which API is asked, as whom, and about which namespace. */
export interface Place {
  /** Absent in a pod. */
  readonly context: string | undefined;
  readonly namespace: string;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
}

/**
 * Chooses as kubectl does: flags before the context, the context before what is built in; the service account of the pod
 * that this runs in where there is no kubeconfig. Throws a ProblemError that lists what there is.
 */
export async function choosePlace(connection: KubeConnection, serviceAccount = SERVICE_ACCOUNT): Promise<Place> {
  const kubeconfig = await readKubeconfig(connection.kubeconfig, connection.env);
  const inPod = kubeconfig.contexts.size + kubeconfig.clusters.size === 0 && !connection.context;
  const place = inPod
    ? await placeInPod(connection, kubeconfig, serviceAccount)
    : fromKubeconfig(connection, kubeconfig);
  return { ...place, user: asSomebody(place.user, connection), namespace: connection.namespace || place.namespace };
}

async function placeInPod({ env }: KubeConnection, { sought }: Kubeconfig, folder: string): Promise<Place> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const tokenFile = join(folder, 'token');
  const token = await readFile(tokenFile, 'utf8').catch(() => undefined);
  if (!host || !port || token === undefined) {
    throw new ProblemError(
      'absent',
      `No kubeconfig: no cluster is named in ${sought.map((path) => clipped(path, 200)).join(', ')}.`,
      'Set KUBECONFIG or --kubeconfig, or put one at ~/.kube/config. For a process on this machine: whyoom --pid N',
    );
  }
  const namespace = await readFile(join(folder, 'namespace'), 'utf8').catch(() => '');
  return {
    context: undefined,
    namespace: namespace.trim() || 'default',
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'certificate-authority': join(folder, 'ca.crt'),
    },
    user: { tokenFile },
  };
}

function fromKubeconfig(connection: KubeConnection, kubeconfig: Kubeconfig): Place {
  const name = connection.context || kubeconfig.currentContext;
  if (!name && !connection.cluster) throw noContext(kubeconfig);
  const context = name ? found('context', name, kubeconfig.contexts) : {};
  const clusterName = connection.cluster || context.cluster;
  const userName = connection.user || context.user;
  if (!clusterName) throw new ProblemError('absent', `The context "${name}" names no cluster`, 'kubectl config view');
  return {
    context: name,
    namespace: context.namespace || 'default',
    cluster: found('cluster', clusterName, kubeconfig.clusters),
    user: userName ? found('user', userName, kubeconfig.users) : {},
  };
}

function found<T>(what: string, name: string, among: ReadonlyMap<string, T>): T {
  const entry = among.get(name);
  if (entry) return entry;
  throw new ProblemError('absent', `The kubeconfig has no ${what} "${clipped(name, 200)}"`, listed(what, among));
}

const noContext = (kubeconfig: Kubeconfig) =>
  new ProblemError(
    'absent',
    'The kubeconfig has no current context',
    `Choose one with --context. ${listed('context', kubeconfig.contexts)}`,
  );

function listed(what: string, among: ReadonlyMap<string, unknown>): string {
  if (among.size === 0) return `It has no ${what}s at all.`;
  const names = [...among.keys()].slice(0, 20).map((name) => clipped(name, 100));
  return `Its ${what}s: ${names.join(', ')}${among.size > 20 ? `, and ${among.size - 20} more` : ''}`;
}

/** `--as` replaces all that the kubeconfig says of impersonation, as client-go does. */
function asSomebody(user: UserEntry, { as, asGroup, asUid }: KubeConnection): UserEntry {
  if (!as && !asGroup?.length && !asUid) return user;
  if (!as) throw new ProblemError('refused', '--as-group and --as-uid need --as', 'Add --as USER.');
  return { ...user, as, 'as-groups': asGroup ? [...asGroup] : undefined, 'as-uid': asUid, 'as-user-extra': undefined };
}
