import type { AccessRule, Workload } from '../../core/kube-artifacts.ts';
import type { KubeTarget } from '../../core/kube-port.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { type Api, pathOf } from './api.ts';
import type { Discovery } from './discovery.ts';
import { countOf, type Fields, fieldsAt, fieldsOf, secondsOf } from './fields.ts';
import { notFound } from './not-found.ts';
import { apiVersionOf, partsOf, type ResourceType, referenceOf } from './resource-types.ts';
import { selectorText } from './selector-text.ts';

/** What must be allowed to read the target itself. */
export async function targetRule(
  discovery: Discovery,
  target: KubeTarget,
  namespace: string,
): Promise<AccessRule | undefined> {
  if (target.by === 'selector') return undefined;
  const { group, plural, namespaced } = await discovery.named(target.type);
  return { verb: 'get', group, resource: plural, ...(namespaced ? { namespace } : {}) };
}

/**
 * The workload that a target names. One that may not be read is known by its name alone, and its pods by their owners.
 * Throws a ProblemError where there is none, with names that are near.
 */
export async function readWorkload(api: Api, discovery: Discovery, target: KubeTarget): Promise<Workload> {
  if (target.by === 'selector') return bySelector(target.selector, api.namespace);
  const type = await discovery.named(target.type);
  if (!type.namespaced) throw clusterWide(type, target.name);
  const path = pathOf(...partsOf(type, api.namespace), target.name);
  try {
    return workloadIn((await api.get(path)).body, type, target.name, api.namespace);
  } catch (thrown) {
    const { code } = problemOf(thrown);
    if (code === 'absent') throw await notFound(api, type, target.name);
    if (code === 'denied' && isForbidden(thrown))
      return { ...named(type, target.name, api.namespace), readBy: 'owner' };
    throw thrown;
  }
}

/** A 403, not a 401: who is not known at all may not list pods either. */
const isForbidden = (thrown: unknown): boolean => /forbidden/i.test(problemOf(thrown).message);

const clusterWide = ({ plural, singular }: ResourceType, name: string) =>
  new ProblemError(
    'unsupported',
    `${singular}/${visible(clipped(name, 253))} belongs to the whole cluster: no pods of a namespace are its own`,
    `Name what runs the pods, as deploy/NAME; ${plural} are looked at where pods run on them.`,
  );

const bySelector = (selector: string, namespace: string): Workload => ({
  reference: `pods -l ${selector}`,
  name: selector,
  namespace,
  selector,
});

const named = (type: ResourceType, name: string, namespace: string) => ({
  kind: type.kind,
  apiVersion: apiVersionOf(type),
  reference: referenceOf(type, name),
  name,
  namespace,
});

function workloadIn(body: unknown, type: ResourceType, name: string, namespace: string): Workload {
  const [metadata, spec, status] = [fieldsAt(body, 'metadata'), fieldsAt(body, 'spec'), fieldsAt(body, 'status')];
  const selector = type.kind === 'Pod' ? undefined : selectorIn(spec, status);
  const createdAtUnixSeconds = secondsOf(metadata.creationTimestamp);
  const replicas = replicasIn(spec, status);
  return {
    ...named(type, name, namespace),
    ...(selector === undefined ? {} : { selector }),
    ...(Object.keys(replicas).length === 0 ? {} : { replicas }),
    ...(createdAtUnixSeconds === undefined ? {} : { createdAtUnixSeconds }),
  };
}

/** Its own; of a custom resource also what its scale names (`status.selector` by convention). */
const selectorIn = (spec: Fields, status: Fields): string | undefined =>
  [spec.selector, status.selector, status.labelSelector].map(selectorText).find((text) => text !== undefined);

function replicasIn(spec: Fields, status: Fields): NonNullable<Workload['replicas']> {
  const wanted = countOf(spec.replicas) ?? countOf(status.desiredNumberScheduled) ?? countOf(spec.parallelism);
  const ready = countOf(status.readyReplicas) ?? countOf(status.numberReady) ?? countOf(fieldsOf(status).ready);
  return {
    ...(wanted === undefined ? {} : { wanted }),
    // The API leaves out a count of none.
    ...(ready === undefined ? (wanted === undefined ? {} : { ready: 0 }) : { ready }),
  };
}
