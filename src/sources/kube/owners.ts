import type { Workload } from '../../core/kube-artifacts.ts';
import { type Api, pathOf } from './api.ts';
import type { Discovery } from './discovery.ts';
import { fieldsAt, textOf } from './fields.ts';
import { type Controller, controllerIn } from './pod-info.ts';
import { groupAndVersion, partsOf } from './resource-types.ts';

/** Rollout → ReplicaSet → pod is two; operators nest a little deeper. */
const MOST_LEVELS = 5;
/** The characters of a pod template's hash (apimachinery v0.34, util/rand, SafeEncodeString). */
const HASH = /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/;
/** A CronJob's Job ends with its time in minutes (pkg/controller/cronjob/utils.go, getJobName). */
const MINUTES = /^\d{6,}$/;

/** Tells of a pod's controller whether it is the workload, or belongs to it over several levels. */
export async function ownedBy(
  api: Api,
  discovery: Discovery,
  workload: Workload,
  controllers: readonly Controller[],
): Promise<(controller: Controller | undefined) => boolean> {
  const parentsOf = parentLists(api, discovery);
  const isOwned = async (controller: Controller, levels: number): Promise<boolean> => {
    if (isSame(controller, workload) || isReplicaSetOf(controller, workload)) return true;
    const parents = levels > 0 ? await parentsOf(controller) : undefined;
    // Where they may not be listed, the name has to do.
    if (!parents) return isJobOf(controller, workload);
    const parent = parents.get(controller.name);
    return parent !== undefined && isOwned(parent, levels - 1);
  };
  const distinct = new Map(controllers.map((controller) => [keyOf(controller), controller]));
  const own = new Set<string>();
  await Promise.all(
    [...distinct].map(async ([key, controller]) => {
      if (await isOwned(controller, MOST_LEVELS)) own.add(key);
    }),
  );
  return (controller) => controller !== undefined && own.has(keyOf(controller));
}

const keyOf = ({ apiVersion, kind, name }: Controller) => `${apiVersion} ${kind} ${name}`;

/** A type may be written in several versions. */
const isSame = ({ apiVersion, kind, name }: Controller, workload: Workload): boolean =>
  kind === workload.kind &&
  name === workload.name &&
  groupAndVersion(apiVersion).group === groupAndVersion(workload.apiVersion ?? '').group;

/** Saves asking: a Deployment's ReplicaSets are named after it (pkg/controller/deployment/sync.go, getNewReplicaSet). */
const isReplicaSetOf = (controller: Controller, { kind, name }: Workload): boolean =>
  kind === 'Deployment' && controller.kind === 'ReplicaSet' && HASH.test(after(controller.name, name) ?? '');

const isJobOf = (controller: Controller, { kind, name }: Workload): boolean =>
  kind === 'CronJob' && controller.kind === 'Job' && MINUTES.test(after(controller.name, name) ?? '');

const after = (name: string, prefix: string): string | undefined =>
  name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : undefined;

type Parents = ReadonlyMap<string, Controller | undefined>;

/** By name, the controllers of all things of a type, listed once a type; undefined where they may not be listed. */
function parentLists(api: Api, discovery: Discovery): (of: Controller) => Promise<Parents | undefined> {
  const lists = new Map<string, Promise<Parents | undefined>>();
  return ({ apiVersion, kind }) => {
    const key = `${apiVersion} ${kind}`;
    const list = lists.get(key) ?? parentsIn(api, discovery, apiVersion, kind);
    lists.set(key, list);
    return list;
  };
}

async function parentsIn(
  api: Api,
  discovery: Discovery,
  apiVersion: string,
  kind: string,
): Promise<Parents | undefined> {
  try {
    const type = await discovery.ofKind(apiVersion, kind);
    if (!type) return undefined;
    const { items } = await api.list(pathOf(...partsOf(type, api.namespace)), {}, undefined, 'names');
    return new Map(
      items.map((item) => {
        const metadata = fieldsAt(item, 'metadata');
        return [textOf(metadata.name) ?? '', controllerIn(metadata)];
      }),
    );
  } catch {
    return undefined;
  }
}
