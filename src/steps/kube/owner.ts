import type { Pods } from '../../core/kube-artifacts.ts';
import type { Named } from '../../core/kube-port.ts';

/** `ReplicaSet/orca-645f4b4d65` as kind and name; undefined where it is no such thing. */
export function splitReference(reference: string | undefined): Named | undefined {
  const at = reference?.indexOf('/') ?? -1;
  if (reference === undefined || at < 1 || at === reference.length - 1) return undefined;
  return { kind: reference.slice(0, at), name: reference.slice(at + 1) };
}

/** Kinds whose earlier pod templates the API keeps. */
const WITH_HISTORY = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'];

/** What rolls the pods out: the workload that was named, or the controller of the pod that is diagnosed. */
export function rollsOut({ workload, pods, chosen }: Pods): Named | undefined {
  const pod = pods.find(({ name }) => name === chosen?.pod) ?? pods[0];
  const named = workload.kind === undefined ? undefined : { kind: workload.kind, name: workload.name };
  return [named, splitReference(pod?.owner)].find((each) => each !== undefined && WITH_HISTORY.includes(each.kind));
}

/** The pods by name, that which is diagnosed first. */
export const podNames = ({ pods, chosen }: Pods): string[] => [
  ...new Set([...(chosen ? [chosen.pod] : []), ...pods.map(({ name }) => name)]),
];

/** What Kubernetes makes random parts of names from: no vowels, no 0, 1, 3 (apimachinery, pkg/util/rand). */
const LETTERS = '[bcdfghjklmnpqrstvwxz2456789]';
const RANDOM = `-${LETTERS}{5}`;

/** How the names of a workload's pods go on after its own name. */
const ENDINGS: Readonly<Record<string, string>> = {
  Deployment: `-${LETTERS}{1,10}${RANDOM}`,
  ReplicaSet: RANDOM,
  ReplicationController: RANDOM,
  StatefulSet: '-[0-9]+',
  DaemonSet: RANDOM,
  Job: `(-[0-9]+)?${RANDOM}`,
  CronJob: `-[0-9]+(-[0-9]+)?${RANDOM}`,
};

/**
 * A pattern (RE2, of the whole name) of the pods there are and of earlier ones of the same workload, by how Kubernetes names
 * them; undefined: no pod is known, and the workload's kind gives none.
 */
export function podPattern({ workload, pods }: Pods): string | undefined {
  const ending = ENDINGS[workload.kind ?? ''];
  const names = pods.slice(0, MOST_NAMES).map(({ name }) => escaped(name));
  const patterns =
    ending === undefined ? names : [`${escaped(workload.name)}${ending}`, ...oddNames(names, workload, ending)];
  return patterns.length > 0 ? patterns.join('|') : undefined;
}

/** The pattern goes into a URL. */
const MOST_NAMES = 50;

/** Pods that are named in another way: by an operator, or by hand. */
function oddNames(names: readonly string[], { name }: Pods['workload'], ending: string): string[] {
  const usual = new RegExp(`^(?:${escaped(name)}${ending})$`);
  return names.filter((each) => !usual.test(each.replaceAll('\\.', '.')));
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
