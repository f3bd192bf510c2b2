import type { PodInfo, Workload } from '../../core/kube-artifacts.ts';
import type { ClusterClock } from '../../core/kube-port.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import { type Api, pathOf } from './api.ts';
import type { Discovery } from './discovery.ts';
import { fieldsAt } from './fields.ts';
import { unknownNamespace } from './not-found.ts';
import { ownedBy } from './owners.ts';
import { type Controller, controllerIn, podIn } from './pod-info.ts';

export interface PodsFound {
  readonly pods: PodInfo[];
  /** Above the limit, or without a name. */
  readonly unread: number;
  readonly clock: ClusterClock;
}

export async function readPod(api: Api, name: string): Promise<PodInfo> {
  const pod = podIn((await api.get(podPath(api, name))).body);
  if (pod) return pod;
  throw new ProblemError('broken', `The API server's answer for the pod ${name} is no pod`);
}

interface Kept {
  readonly pod: PodInfo | undefined;
  readonly controller: Controller | undefined;
}
const kept = (item: unknown): Kept => ({ pod: podIn(item), controller: controllerIn(fieldsAt(item, 'metadata')) });

/** The pods that are a workload's own: by its selector, and as their controllers say. */
export async function readPods(api: Api, discovery: Discovery, workload: Workload): Promise<PodsFound> {
  if (workload.kind === 'Pod') return onePod(api, workload.name);
  const { items, unread, clock } = await api.listOf(kept, podsPath(api), { labelSelector: selectorOf(workload) });
  const isOwn = await ownership(api, discovery, workload, items);
  const own = items.filter(({ controller }) => isOwn(controller));
  const pods = own.flatMap(({ pod }) => pod ?? []);
  if (items.length === 0 && workload.kind === undefined) await throwIfNoNamespace(api);
  return { pods, unread: unread + own.length - pods.length, clock };
}

const podsPath = ({ namespace }: Api) => pathOf('api', 'v1', 'namespaces', namespace, 'pods');
const podPath = ({ namespace }: Api, name: string) => pathOf('api', 'v1', 'namespaces', namespace, 'pods', name);

/** A pod that went meanwhile is none. Who may only list pods lists this one. */
async function onePod(api: Api, name: string): Promise<PodsFound> {
  try {
    const { body, clock } = await api.get(podPath(api, name));
    const pod = podIn(body);
    return { pods: pod ? [pod] : [], unread: pod ? 0 : 1, clock };
  } catch (thrown) {
    const { code } = problemOf(thrown);
    if (code !== 'absent' && code !== 'denied') throw thrown;
    const listed = api.listOf(podIn, podsPath(api), { fieldSelector: `metadata.name=${name}` });
    const { items, clock } = await listed.catch((refused) => {
      if (code === 'denied') throw refused;
      return { items: [], clock: { atUnixSeconds: Date.now() / 1000, aheadSeconds: 0 } };
    });
    return { pods: items.flatMap((pod) => pod ?? []), unread: 0, clock };
  }
}

/** Pods of a CronJob are those of its Jobs, and all that Jobs make have this label. */
const selectorOf = ({ selector, kind }: Workload): string | undefined =>
  selector ?? (kind === 'CronJob' ? 'job-name' : undefined);

async function throwIfNoNamespace(api: Api): Promise<void> {
  const unknown = await unknownNamespace(api);
  if (unknown) throw unknown;
}

type IsOwn = (controller: Controller | undefined) => boolean;

/** These are the controllers of their pods themselves. */
const DIRECT = ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController'];

/** The selector of a custom resource says all: its pods may be owned by what it makes. */
async function ownership(api: Api, discovery: Discovery, workload: Workload, items: readonly Kept[]): Promise<IsOwn> {
  const { kind, name, selector } = workload;
  if (kind === undefined) return () => true;
  if (DIRECT.includes(kind)) return (controller) => controller?.kind === kind && controller.name === name;
  if (kind !== 'Deployment' && selector !== undefined) return () => true;
  const controllers = items.flatMap(({ controller }) => controller ?? []);
  return ownedBy(api, discovery, workload, controllers);
}
