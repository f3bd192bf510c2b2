/** A type of thing that the API has. */
export interface ResourceType {
  /** `` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
}

const builtIn = (group: string, kind: string, ...shortNames: string[]): ResourceType => {
  const singular = kind.toLowerCase();
  return { group, version: 'v1', plural: `${singular}s`, kind, singular, shortNames, namespaced: true };
};

/** What runs pods in every cluster: named without asking the API, which may refuse to list its types. */
export const BUILT_IN: readonly ResourceType[] = [
  builtIn('', 'Pod', 'po'),
  builtIn('apps', 'Deployment', 'deploy'),
  builtIn('apps', 'ReplicaSet', 'rs'),
  builtIn('apps', 'StatefulSet', 'sts'),
  builtIn('apps', 'DaemonSet', 'ds'),
  builtIn('batch', 'Job'),
  builtIn('batch', 'CronJob', 'cj'),
  builtIn('', 'ReplicationController', 'rc'),
];

/**
 * What a name may mean, in kubectl's forms: a short name, singular, plural or kind, alone or with its group
 * (`deployments.apps`) or version and group (`deployments.v1.apps`).
 */
export function typesNamed(typed: string, among: readonly ResourceType[]): ResourceType[] {
  const [name = '', ...rest] = typed.toLowerCase().split('.');
  const where = rest.join('.');
  return among.filter(
    (type) =>
      (type.plural === name ||
        type.singular === name ||
        type.kind.toLowerCase() === name ||
        type.shortNames.includes(name)) &&
      (where === '' || where === type.group || where === `${type.version}.${type.group}`),
  );
}

/** `apps/v1`; `v1` for the core group. */
export const apiVersionOf = ({ group, version }: Pick<ResourceType, 'group' | 'version'>): string =>
  group ? `${group}/${version}` : version;

export function groupAndVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(0, slash)), version: apiVersion.slice(slash + 1) };
}

/** The parts of the path under which things of this type lie. */
export const partsOf = ({ group, version, plural, namespaced }: ResourceType, namespace: string): string[] => [
  ...(group ? ['apis', group] : ['api']),
  version,
  ...(namespaced ? ['namespaces', namespace] : []),
  plural,
];

/** As kubectl writes it: `deployment.apps/orca`, `pod/orca-1`. */
export const referenceOf = ({ group, singular }: ResourceType, name: string): string =>
  `${group ? `${singular}.${group}` : singular}/${name}`;
