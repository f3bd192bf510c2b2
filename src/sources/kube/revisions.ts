import type { Rollout } from '../../core/kube-artifacts.ts';
import type { Named } from '../../core/kube-port.ts';
import { type Api, pathOf } from './api.ts';
import { countOf, type Fields, fieldsAt, fieldsOf, listOf, secondsOf, textOf } from './fields.ts';
import { templateChanges } from './template-changes.ts';

type Revision = Rollout['revisions'][number];

const MOST_READ = 5000;
/** The newest are kept; a Deployment keeps ten (`revisionHistoryLimit`) unless told otherwise. */
const MOST_KEPT = 100;

/** A revision as the API keeps it, with the pod template, whose values are compared here and not kept. */
interface Kept {
  readonly revision: number;
  readonly name: string;
  readonly hash: string;
  readonly createdAtUnixSeconds: number;
  readonly replicas: number | undefined;
  readonly template: Fields;
  /** Revisions in which the same template was in force before: it was rolled back to. */
  readonly earlier: readonly number[];
}

/**
 * The revisions of a Deployment (or of a ReplicaSet's Deployment), a StatefulSet or a DaemonSet, oldest first, with what
 * each changed. Throws a ProblemError where they may not be read.
 */
export async function readRevisions(api: Api, controller: Named, namespace: string): Promise<Revision[]> {
  const list = async (resource: string) =>
    (await api.list(pathOf('apis', 'apps', 'v1', 'namespaces', namespace, resource), {}, MOST_READ)).items;
  switch (controller.kind) {
    case 'StatefulSet':
    case 'DaemonSet':
      return revisionsIn(await list('controllerrevisions'), controller);
    case 'Deployment':
      return revisionsIn(await list('replicasets'), controller);
    case 'ReplicaSet': {
      const sets = await list('replicasets');
      return revisionsIn(sets, deploymentOf(sets, controller));
    }
    default:
      return [];
  }
}

/** What owns a ReplicaSet; itself where nothing does. */
function deploymentOf(sets: readonly unknown[], set: Named): Named {
  const found = sets.find((each) => textOf(fieldsAt(each, 'metadata').name) === set.name);
  const owner = ownersOf(found).find(({ kind }) => kind === 'Deployment');
  return owner ?? set;
}

const ownersOf = (item: unknown): Named[] =>
  listOf(fieldsAt(item, 'metadata').ownerReferences).flatMap((each) => {
    const { kind, name } = fieldsOf(each);
    return typeof kind === 'string' && typeof name === 'string' ? [{ kind, name }] : [];
  });

/** Of these ReplicaSets or ControllerRevisions, the owner's, in the order of their revisions. */
export function revisionsIn(items: readonly unknown[], owner: Named): Revision[] {
  const own = items.filter((item) =>
    ownersOf(item).some(({ kind, name }) => kind === owner.kind && name === owner.name),
  );
  const kept = own.flatMap((item) => keptOf(item) ?? []).sort((a, b) => a.revision - b.revision);
  return kept.map((each, at) => told(each, kept[at - 1])).slice(-MOST_KEPT);
}

function keptOf(item: unknown): Kept | undefined {
  const metadata = fieldsAt(item, 'metadata');
  const annotations = fieldsAt(metadata, 'annotations');
  const labels = fieldsAt(metadata, 'labels');
  const revision = countOf(fieldsOf(item).revision) ?? numberOf(annotations['deployment.kubernetes.io/revision']);
  const name = textOf(metadata.name);
  const createdAtUnixSeconds = secondsOf(metadata.creationTimestamp);
  if (revision === undefined || name === undefined || createdAtUnixSeconds === undefined) return undefined;
  return {
    revision,
    name,
    // Pods are labelled with the same, a StatefulSet's with the revision's name.
    hash: textOf(labels['pod-template-hash']) ?? textOf(labels['controller-revision-hash']) ?? name,
    createdAtUnixSeconds,
    replicas: countOf(fieldsAt(item, 'status').replicas),
    // A ControllerRevision holds a patch of the workload (pkg/controller/history).
    template: fieldsOf(fieldsAt(item, 'spec').template ?? fieldsAt(item, 'data', 'spec').template),
    earlier: earlierOf(annotations['deployment.kubernetes.io/revision-history']),
  };
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;

const earlierOf = (value: unknown): number[] =>
  (textOf(value) ?? '').split(',').flatMap((each) => numberOf(each) ?? []);

function told({ template, earlier, replicas, ...kept }: Kept, before: Kept | undefined): Revision {
  const back = earlier.length > 0 ? [`rolled back to what revision ${Math.max(...earlier)} was`] : [];
  const changes = before ? [...back, ...templateChanges(before.template, template)] : back;
  return {
    ...kept,
    ...(replicas === undefined ? {} : { replicas }),
    changes,
  };
}
