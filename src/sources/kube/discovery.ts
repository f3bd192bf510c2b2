import { ProblemError } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { type Api, type ApiAnswer, pathOf } from './api.ts';
import { type Fields, fieldsAt, fieldsOf, listOf, textOf } from './fields.ts';
import { nearNames } from './near-names.ts';
import { BUILT_IN, groupAndVersion, type ResourceType, typesNamed } from './resource-types.ts';

/** What types a cluster has. Common ones are known without asking; the others are asked for once. */
export interface Discovery {
  /** Throws a ProblemError where there is no such type, or the API does not tell. */
  named(typed: string): Promise<ResourceType>;
  /** As an owner reference names it; undefined where there is none. */
  ofKind(apiVersion: string, kind: string): Promise<ResourceType | undefined>;
}

/** All types at once, since Kubernetes 1.26 (beta) and 1.30; an API without it gives the plain list of groups. */
const AGGREGATED = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');
/** Of one name in several groups, the first of these counts. */
const PREFERRED_GROUPS = ['', 'apps', 'batch'];
const MOST_TYPES = 20_000;

export function createDiscovery(api: Api): Discovery {
  let asked: Promise<readonly ResourceType[]> | undefined;
  const all = () => {
    asked ??= typesOf(api);
    return asked;
  };
  return {
    named: async (typed) => {
      const found = typesNamed(typed, BUILT_IN)[0] ?? preferred(typesNamed(typed, await all()));
      if (found) return found;
      throw unknownType(typed, await all());
    },
    ofKind: async (apiVersion, kind) => {
      const { group, version } = groupAndVersion(apiVersion);
      const wanted = (type: ResourceType) => type.group === group && type.kind === kind;
      const found = BUILT_IN.find(wanted) ?? (await all().catch(() => [])).find(wanted);
      return found && { ...found, version };
    },
  };
}

const preferred = (types: readonly ResourceType[]): ResourceType | undefined =>
  PREFERRED_GROUPS.map((group) => types.find((type) => type.group === group)).find(Boolean) ?? types[0];

function unknownType(typed: string, all: readonly ResourceType[]): ProblemError {
  const near = nearNames(
    typed.toLowerCase(),
    [...new Set(all.flatMap(({ plural, singular }) => [plural, singular]))],
    3,
  );
  return new ProblemError(
    'absent',
    `The API server has no resource type "${visible(clipped(typed, 200))}"`,
    near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'Its types: kubectl api-resources',
  );
}

async function typesOf(api: Api): Promise<readonly ResourceType[]> {
  const [core, groups] = await Promise.all(['/api', '/apis'].map((path) => api.get(path, {}, { accept: AGGREGATED })));
  const types = (await Promise.all([coreTypes(api, core!), groupTypes(api, groups!)])).flat();
  return types.slice(0, MOST_TYPES);
}

const isAggregated = ({ body }: ApiAnswer) => fieldsOf(body).kind === 'APIGroupDiscoveryList';

async function coreTypes(api: Api, answer: ApiAnswer): Promise<ResourceType[]> {
  if (isAggregated(answer)) return aggregatedTypes(answer.body);
  return plainTypes(api, '', 'v1');
}

async function groupTypes(api: Api, answer: ApiAnswer): Promise<ResourceType[]> {
  if (isAggregated(answer)) return aggregatedTypes(answer.body);
  const versions = listOf(fieldsOf(answer.body).groups).map((group) => {
    const { preferredVersion, versions: all } = fieldsOf(group);
    return textOf(fieldsOf(preferredVersion).groupVersion) ?? textOf(fieldsOf(listOf(all)[0]).groupVersion) ?? '';
  });
  const known = versions.filter(Boolean).map(groupAndVersion);
  return (await Promise.all(known.map(({ group, version }) => plainTypes(api, group, version)))).flat();
}

/** `apidiscovery.k8s.io/v2`, `APIGroupDiscoveryList`: the preferred version of a group comes first. */
function aggregatedTypes(body: unknown): ResourceType[] {
  return listOf(fieldsOf(body).items).flatMap((item) => {
    const group = textOf(fieldsAt(item, 'metadata').name) ?? '';
    return listOf(fieldsOf(item).versions).flatMap((each) => {
      const { version, resources } = fieldsOf(each);
      return listOf(resources).flatMap((resource) => {
        const { resource: plural, scope, singularResource, responseKind, shortNames } = fieldsOf(resource);
        const namespaced = scope === 'Namespaced';
        return typeOf(group, version, {
          plural,
          namespaced,
          singular: singularResource,
          kind: fieldsOf(responseKind).kind,
          shortNames,
        });
      });
    });
  });
}

/** An API that does not answer, as of a dead aggregated server, takes no other with it. */
async function plainTypes(api: Api, group: string, version: string): Promise<ResourceType[]> {
  const path = group ? pathOf('apis', group, version) : pathOf('api', version);
  const answer = await api.get(path).catch(() => undefined);
  return listOf(fieldsOf(answer?.body).resources).flatMap((resource) => {
    const { name, singularName, namespaced, kind, shortNames } = fieldsOf(resource);
    return typeOf(group, version, { plural: name, namespaced, singular: singularName, kind, shortNames });
  });
}

function typeOf(group: string, version: unknown, fields: Fields): ResourceType[] {
  const [plural, kind, versionText] = [textOf(fields.plural), textOf(fields.kind), textOf(version)];
  // A slash is a sub-resource: pods/log.
  if (!plural || !kind || !versionText || plural.includes('/')) return [];
  const singular = textOf(fields.singular) ?? kind.toLowerCase();
  const shortNames = listOf(fields.shortNames).flatMap((name) => textOf(name) ?? []);
  return [{ group, version: versionText, plural, kind, singular, shortNames, namespaced: fields.namespaced === true }];
}
