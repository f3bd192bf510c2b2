import type { KubeConnection, KubePort } from '../../../src/core/kube-port.ts';
import { createKubePort } from '../../../src/sources/kube/index.ts';
import { fakeApi, json, status } from './fake-api.ts';

/** Things as the API gives them, by the path of their list: `/api/v1/namespaces/shop/pods`. */
export interface FakeCluster {
  readonly lists: Readonly<Record<string, readonly Thing[]>>;
  /** Beginnings of paths that may not be read; with a `?`, of lists. */
  readonly forbidden?: readonly string[];
  /** Answers by path, in place of what the lists give. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

export interface Thing {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly ownerReferences?: object[];
  };
  readonly [field: string]: unknown;
}

const SHOP = '/namespaces/shop';
export const PODS = `/api/v1${SHOP}/pods`;
export const DEPLOYMENTS = `/apis/apps/v1${SHOP}/deployments`;
export const REPLICA_SETS = `/apis/apps/v1${SHOP}/replicasets`;
export const STATEFUL_SETS = `/apis/apps/v1${SHOP}/statefulsets`;
export const JOBS = `/apis/batch/v1${SHOP}/jobs`;
export const CRON_JOBS = `/apis/batch/v1${SHOP}/cronjobs`;

/** A port to an API that holds these, and what it was asked. Equality is all it knows of selectors. */
export async function portTo(cluster: FakeCluster, more: Partial<KubeConnection> = {}) {
  const asked: string[] = [];
  const { connection } = await fakeApi((request, response, { pathname, searchParams }) => {
    asked.push(request.url);
    if (cluster.forbidden?.some((path) => request.url.startsWith(path))) {
      const words = `User "jo" cannot get resource "${pathname.split('/').at(-2)}" in API group "" in the namespace "shop"`;
      return json(response, status(`x is forbidden: ${words}`, 'Forbidden', 403), 403);
    }
    const answer = cluster.answers?.[pathname];
    if (answer !== undefined) return json(response, answer);
    const list = cluster.lists[pathname];
    if (list) return json(response, { items: selected(list, searchParams) });
    const slash = pathname.lastIndexOf('/');
    const name = pathname.slice(slash + 1);
    const one = cluster.lists[pathname.slice(0, slash)]?.find(({ metadata }) => metadata.name === name);
    if (one) return json(response, one);
    json(response, status(`"${name}" not found`, 'NotFound', 404), 404);
  });
  const port: KubePort = await createKubePort({ ...connection, ...more });
  return { port, asked };
}

function selected(list: readonly Thing[], asked: URLSearchParams): readonly Thing[] {
  const name = /^metadata\.name=(.*)$/.exec(asked.get('fieldSelector') ?? '')?.[1];
  const wanted = (asked.get('labelSelector') ?? '').split(',').filter(Boolean);
  return list.filter(
    ({ metadata: { name: own, labels = {} } }) =>
      (name === undefined || name === own) &&
      wanted.every((each) => {
        const [key = '', value] = each.split('=');
        return value === undefined ? key in labels : labels[key] === value;
      }),
  );
}

export const owner = (apiVersion: string, kind: string, name: string) => ({ apiVersion, kind, name, controller: true });

export const thing = (name: string, owners: object[] = [], more: object = {}): Thing => ({
  metadata: { name, ownerReferences: owners },
  ...more,
});

export const podOf = (
  name: string,
  owners: object[] = [],
  labels: Record<string, string> = { app: 'orca' },
): Thing => ({
  metadata: {
    name,
    labels,
    ownerReferences: owners,
    ...{ creationTimestamp: '2026-11-23T06:00:00Z', uid: `uid-${name}` },
  },
  spec: { containers: [{ name: 'app', image: 'x' }] },
  status: { phase: 'Running' },
});

export const ORCA = thing('orca', [], {
  spec: { replicas: 2, selector: { matchLabels: { app: 'orca' } } },
  status: { readyReplicas: 1 },
});
