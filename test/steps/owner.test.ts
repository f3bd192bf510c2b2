import { expect, test } from 'vitest';
import { podPattern } from '../../src/steps/kube/owner.ts';
import { pod, podsOf, workload } from './kube-port.ts';

const fits = (pattern: string | undefined, name: string) => new RegExp(`^(?:${pattern})$`).test(name);
const patternOf = (kind: string, name: string, pods: string[]) =>
  podPattern(
    podsOf(
      pods.map((each) => pod({ name: each })),
      { workload: { ...workload, kind, name } },
    ),
  );

test.each([
  [
    'Deployment',
    'orca',
    ['orca-645f4b4d65-hhxmt', 'orca-6c-zzzzz'],
    ['orca-api-hhxmt', 'orca-api-645f4b4d65-hhxmt', 'orca'],
  ],
  ['ReplicaSet', 'orca-645f4b4d65', ['orca-645f4b4d65-hhxmt'], ['orca-645f4b4d66-hhxmt']],
  ['StatefulSet', 'db', ['db-0', 'db-12'], ['db-a', 'db-0-x']],
  ['DaemonSet', 'agent', ['agent-hhxmt'], ['agent-2-hhxmt']],
  ['Job', 'load', ['load-hhxmt', 'load-3-hhxmt'], ['load-a-hhxmt']],
  ['CronJob', 'nightly', ['nightly-29001234-hhxmt', 'nightly-29001234-0-hhxmt'], ['nightly-hhxmt']],
])('earlier pods of a %s are known by how Kubernetes names them', (kind, name, own, others) => {
  const pattern = patternOf(kind, name, []);
  expect(own.filter((each) => !fits(pattern, each))).toEqual([]);
  expect(others.filter((each) => fits(pattern, each))).toEqual([]);
});

test('pods of a custom resource, and those with names of their own, are asked for by name', () => {
  expect(patternOf('Rollout', 'orca', ['a.b', 'c'])).toBe('a\\.b|c');
  expect(fits(patternOf('Deployment', 'orca', ['mine', 'orca-645f4b4d65-hhxmt']), 'mine')).toBe(true);
});

test('a name is taken for what it is, not for a pattern', () => {
  expect(fits(patternOf('StatefulSet', 'a.b', []), 'axb-0')).toBe(false);
  expect(fits(patternOf('Pod', '.*', ['.*']), 'anything')).toBe(false);
});

test('without a pod and a kind that names its pods there is nothing to ask for', () => {
  expect(patternOf('Rollout', 'orca', [])).toBeUndefined();
});
