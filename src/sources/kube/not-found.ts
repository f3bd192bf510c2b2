import { ProblemError, problemOf } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { type Api, pathOf } from './api.ts';
import { fieldsAt, textOf } from './fields.ts';
import { nearNames } from './near-names.ts';
import { BUILT_IN, partsOf, type ResourceType } from './resource-types.ts';

const MOST_NAMES = 500;
const MOST_SHOWN = 3;

/** In kubectl's words, with what somebody may have meant, as far as that may be listed. */
export async function notFound(api: Api, type: ResourceType, name: string): Promise<ProblemError> {
  const unknown = await unknownNamespace(api);
  if (unknown) return unknown;
  const types = [type, ...BUILT_IN.filter(({ kind }) => kind !== type.kind && kind !== 'ReplicationController')];
  const found = await Promise.all(
    types.map(async (each) =>
      (await namesAt(api, pathOf(...partsOf(each, api.namespace)))).map((n) => `${each.singular}/${n}`),
    ),
  );
  const near = nearest(name, found, type);
  const { group, plural } = type;
  return new ProblemError(
    'absent',
    `${group ? `${plural}.${group}` : plural} "${visible(clipped(name, 253))}" not found in namespace "${api.namespace}"`,
    near.length > 0
      ? `Did you mean ${near.map((each) => visible(each)).join(', ')}?`
      : `See what there is: kubectl get ${plural} -n ${api.namespace}`,
  );
}

/** The same name under another type first, then names of the same type, then all others. */
function nearest(name: string, found: readonly (readonly string[])[], { singular }: ResourceType): string[] {
  const all = found.flat();
  const nameOf = (reference: string) => reference.slice(reference.indexOf('/') + 1);
  const near = nearNames(name, [...new Set(all.map(nameOf))], 10);
  const ranked = near.flatMap((each) => all.filter((reference) => nameOf(reference) === each));
  const same = ranked.filter((reference) => nameOf(reference) === name);
  const own = ranked.filter((reference) => reference.startsWith(`${singular}/`));
  return [...new Set([...same, ...own, ...ranked])].slice(0, MOST_SHOWN);
}

/** Undefined where the namespace is there, or may not be asked for. */
export async function unknownNamespace(api: Api): Promise<ProblemError | undefined> {
  const known = await api.get(pathOf('api', 'v1', 'namespaces', api.namespace)).then(
    () => true,
    (thrown) => problemOf(thrown).code !== 'absent',
  );
  if (known) return undefined;
  const near = nearNames(api.namespace, await namesAt(api, '/api/v1/namespaces'), MOST_SHOWN);
  return new ProblemError(
    'absent',
    `namespaces "${visible(clipped(api.namespace, 253))}" not found`,
    near.length > 0 ? `Did you mean -n ${near.join(', -n ')}?` : 'See what there is: kubectl get namespaces',
  );
}

/** None where they may not be listed. */
async function namesAt(api: Api, path: string): Promise<string[]> {
  const found = await api.list(path, {}, MOST_NAMES, 'names').catch(() => undefined);
  return (found?.items ?? []).flatMap((item) => textOf(fieldsAt(item, 'metadata').name) ?? []);
}
