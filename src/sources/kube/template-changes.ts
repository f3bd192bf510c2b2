import { imageWithoutLogin } from '../../logs/secret-arguments.ts';
import { bytesText } from '../../util/bytes.ts';
import { type Fields, fieldsAt, fieldsOf, listOf, quantityBytes, textOf } from './fields.ts';

const MOST_CHANGES = 50;
const MOST_NAMES = 20;

/**
 * What differs between two pod templates, a short sentence each. Values that may be secret (of variables, commands and
 * arguments) are compared and not told.
 */
export function templateChanges(before: Fields, after: Fields): string[] {
  const told = [
    ...listChanges(before, after, 'initContainers', 'init container'),
    ...listChanges(before, after, 'containers', 'container'),
    ...podLevelChanges(before, after),
  ];
  if (told.length === 0 && !same(fieldsAt(before, 'spec'), fieldsAt(after, 'spec')))
    told.push('something else in the pod template changed');
  return [...told, ...annotationChanges(before, after)].slice(0, MOST_CHANGES);
}

function listChanges(before: Fields, after: Fields, list: string, word: string): string[] {
  const [old, now] = [byName(fieldsAt(before, 'spec')[list]), byName(fieldsAt(after, 'spec')[list])];
  const added = [...now.keys()].filter((name) => !old.has(name)).map((name) => `${word} ${name} added`);
  const removed = [...old.keys()].filter((name) => !now.has(name)).map((name) => `${word} ${name} removed`);
  const changed = [...now].flatMap(([name, container]) => {
    const earlier = old.get(name);
    return earlier ? containerChanges(earlier, container).map((change) => `${name}: ${change}`) : [];
  });
  return [...added, ...removed, ...changed];
}

/** Things with a name, by it. */
const byName = (value: unknown): Map<string, Fields> =>
  new Map(
    listOf(value).flatMap((each): [string, Fields][] => {
      const name = textOf(fieldsOf(each).name, 253);
      return name === undefined ? [] : [[name, fieldsOf(each)]];
    }),
  );

const containerChanges = (before: Fields, after: Fields): string[] => [
  ...imageChange(before, after),
  ...envChanges(before, after),
  ...(same(before.command, after.command) ? [] : ['command changed']),
  ...(same(before.args, after.args) ? [] : ['arguments changed']),
  ...memoryChange('memory request', memoryOf(before, 'requests'), memoryOf(after, 'requests')),
  ...memoryChange('memory limit', memoryOf(before, 'limits'), memoryOf(after, 'limits')),
  ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) => probeChange(before, after, probe)),
];

function imageChange(before: Fields, after: Fields): string[] {
  const [old, now] = [textOf(before.image, 300) ?? 'none', textOf(after.image, 300) ?? 'none'];
  return old === now ? [] : [`image ${imageWithoutLogin(old)} → ${imageWithoutLogin(now)}`];
}

function envChanges(before: Fields, after: Fields): string[] {
  const [old, now] = [byName(before.env), byName(after.env)];
  const added = [...now.keys()].filter((name) => !old.has(name));
  const removed = [...old.keys()].filter((name) => !now.has(name));
  const changed = [...now.keys()].filter((name) => old.has(name) && !same(old.get(name), now.get(name)));
  return [
    ...named(added, 'added'),
    ...named(removed, 'removed'),
    ...named(changed, 'changed'),
    ...(same(before.envFrom, after.envFrom) ? [] : ['env taken from elsewhere changed']),
  ];
}

function named(names: readonly string[], what: string): string[] {
  if (names.length === 0) return [];
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return [`env ${names.slice(0, MOST_NAMES).join(', ')}${more} ${what}`];
}

const memoryOf = (fields: Fields, which: string): number | undefined =>
  quantityBytes(fieldsAt(fields, 'resources', which).memory);

function memoryChange(what: string, before: number | undefined, after: number | undefined): string[] {
  const text = (bytes: number | undefined) => (bytes === undefined ? 'none' : bytesText(bytes));
  return before === after ? [] : [`${what} ${text(before)} → ${text(after)}`];
}

function probeChange(before: Fields, after: Fields, probe: string): string[] {
  const [old, now] = [before[probe], after[probe]];
  if (same(old, now)) return [];
  const what = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
  return [`${probe.replace('Probe', ' probe')} ${what}`];
}

/** `spec.resources` of the pod as a whole (Kubernetes 1.34). */
function podLevelChanges(before: Fields, after: Fields): string[] {
  const [old, now] = [fieldsAt(before, 'spec'), fieldsAt(after, 'spec')];
  return [
    ...memoryChange("the pod's memory request", memoryOf(old, 'requests'), memoryOf(now, 'requests')),
    ...memoryChange("the pod's memory limit", memoryOf(old, 'limits'), memoryOf(now, 'limits')),
  ];
}

/** What `kubectl rollout restart` writes. */
const RESTARTED = 'kubectl.kubernetes.io/restartedAt';

function annotationChanges(before: Fields, after: Fields): string[] {
  const [old, now] = [before, after].map((template) => fieldsAt(template, 'metadata', 'annotations')[RESTARTED]);
  return same(old, now) || now === undefined ? [] : ['restarted by kubectl rollout restart'];
}

/** The API gives the same object in the same order of fields, but two versions of it may not. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

function ordered(value: unknown, depth = 0): unknown {
  if (depth > 50 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => ordered(each, depth + 1));
  const entries = Object.entries(value).filter(([name]) => name !== 'creationTimestamp' && name !== '$patch');
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, ordered(each, depth + 1)]);
}
