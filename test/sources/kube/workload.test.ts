import { expect, test } from 'vitest';
import type { KubePort, KubeTarget } from '../../../src/core/kube-port.ts';
import { ProblemError } from '../../../src/core/problem.ts';
import { createKubePort } from '../../../src/sources/kube/index.ts';
import { selectorText } from '../../../src/sources/kube/selector-text.ts';
import { fakeApi, json, status } from './fake-api.ts';
import {
  CRON_JOBS,
  DEPLOYMENTS,
  type FakeCluster,
  JOBS,
  ORCA,
  owner,
  PODS,
  podOf,
  portTo,
  REPLICA_SETS,
  STATEFUL_SETS,
  thing,
} from './fake-cluster.ts';

const named = (type: string, name: string): KubeTarget => ({ by: 'name', type, name });
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );
const podNames = async (port: KubePort, type: string, name: string) => {
  const { pods } = await port.pods(await port.workload(named(type, name)));
  return pods.map((pod) => pod.name);
};

const RS = (name: string) => owner('apps/v1', 'ReplicaSet', name);
/** `orca-b` is another Deployment of the same labels; one pod is nobody's, one a foreign ReplicaSet's. */
const SHOP: FakeCluster = {
  lists: {
    '/api/v1/namespaces': [thing('shop'), thing('default')],
    [DEPLOYMENTS]: [ORCA],
    [STATEFUL_SETS]: [thing('db', [], { spec: { selector: { matchLabels: { app: 'db' } } } })],
    [REPLICA_SETS]: [
      thing('orca-7d4b9c', [owner('apps/v1', 'Deployment', 'orca')]),
      thing('adopted', [owner('apps/v1', 'Deployment', 'orca')]),
      thing('stranger'),
    ],
    [CRON_JOBS]: [thing('nightly')],
    [JOBS]: [
      thing('nightly-29390400', [owner('batch/v1', 'CronJob', 'nightly')]),
      thing('by-hand', [owner('batch/v1', 'CronJob', 'nightly')]),
      thing('other'),
    ],
    [PODS]: [
      podOf('orca-7d4b9c-1', [RS('orca-7d4b9c')]),
      podOf('adopted-1', [RS('adopted')]),
      podOf('stranger-1', [RS('stranger')]),
      podOf('nobodys'),
      podOf('db-0', [owner('apps/v1', 'StatefulSet', 'db')], { app: 'db' }),
      podOf('night-1', [owner('batch/v1', 'Job', 'nightly-29390400')], { 'job-name': 'nightly-29390400' }),
      podOf('hand-1', [owner('batch/v1', 'Job', 'by-hand')], { 'job-name': 'by-hand' }),
      podOf('other-1', [owner('batch/v1', 'Job', 'other')], { 'job-name': 'other' }),
    ],
  },
};

test.each(['deploy', 'deployment', 'deployments', 'Deployment', 'deployments.apps', 'deployments.v1.apps'])(
  'a Deployment may be typed as %s, and no type has to be asked for',
  async (type) => {
    const { port, asked } = await portTo(SHOP);
    expect(await port.workload(named(type, 'orca'))).toEqual({
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      reference: 'deployment.apps/orca',
      name: 'orca',
      namespace: 'shop',
      selector: 'app=orca',
      replicas: { wanted: 2, ready: 1 },
    });
    expect(asked).toEqual([`${DEPLOYMENTS}/orca`]);
    expect(await port.targetRule(named(type, 'orca'))).toEqual({
      verb: 'get',
      group: 'apps',
      resource: 'deployments',
      namespace: 'shop',
    });
  },
);

test("a Deployment's pods are those that its selector matches and that its ReplicaSets made", async () => {
  const { port } = await portTo(SHOP);
  expect(await podNames(port, 'deploy', 'orca')).toEqual(['orca-7d4b9c-1', 'adopted-1']);
});

test("a StatefulSet's pods, a Job's and one pod are found", async () => {
  const { port } = await portTo(SHOP);
  expect(await podNames(port, 'sts', 'db')).toEqual(['db-0']);
  expect(await podNames(port, 'job', 'other')).toEqual(['other-1']);
  expect(await podNames(port, 'pod', 'nobodys')).toEqual(['nobodys']);
  expect((await port.workload(named('po', 'nobodys'))).reference).toBe('pod/nobodys');
});

test('a pod that went is none, also for who may not list pods; who may only list them finds it', async () => {
  const one = (name: string) => ({ kind: 'Pod', reference: `pod/${name}`, name, namespace: 'shop' });
  const { port } = await portTo(SHOP);
  expect((await port.pods(one('gone'))).pods).toEqual([]);
  const unlisted = await portTo({ lists: {}, answers: {}, forbidden: [`${PODS}?`] });
  expect((await unlisted.port.pods(one('gone'))).pods).toEqual([]);
  const listed = await portTo({ ...SHOP, forbidden: [`${PODS}/`] });
  expect((await listed.port.pods(one('nobodys'))).pods.map(({ name }) => name)).toEqual(['nobodys']);
});

test("a CronJob's pods are those of its Jobs, also of one that was made by hand", async () => {
  const { port } = await portTo(SHOP);
  expect(await podNames(port, 'cj', 'nightly')).toEqual(['night-1', 'hand-1']);
});

test('a selector matches what it matches', async () => {
  const { port } = await portTo(SHOP);
  const workload = await port.workload({ by: 'selector', selector: 'app=db' });
  expect(workload).toEqual({ reference: 'pods -l app=db', name: 'app=db', namespace: 'shop', selector: 'app=db' });
  expect((await port.pods(workload)).pods.map(({ name }) => name)).toEqual(['db-0']);
  expect(await port.targetRule({ by: 'selector', selector: 'app=db' })).toBeUndefined();
});

test('of 12,000 pods under one selector 10,000 are read and the others counted', async () => {
  const pods = Array.from({ length: 12_000 }, (_, n) => podOf(`orca-${n}`, [RS('orca-7d4b9c')]));
  const { connection } = await fakeApi((_, response, { pathname, searchParams }) => {
    if (pathname === `${DEPLOYMENTS}/orca`) return json(response, ORCA);
    const from = Number(searchParams.get('continue') ?? 0);
    const more = from + 500 < pods.length ? { continue: String(from + 500) } : {};
    json(response, { items: pods.slice(from, from + 500), metadata: more });
  });
  const port = await createKubePort(connection);
  const found = await port.pods(await port.workload(named('deploy', 'orca')));
  expect(found.pods).toHaveLength(10_000);
  expect(found.unread).toBe(2000);
});

test('a workload that may not be read is known by its name, and its pods by their owners', async () => {
  const { port } = await portTo({ ...SHOP, forbidden: [DEPLOYMENTS, REPLICA_SETS, CRON_JOBS, JOBS, STATEFUL_SETS] });
  const workload = await port.workload(named('deploy', 'orca'));
  expect(workload).toEqual({
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    reference: 'deployment.apps/orca',
    name: 'orca',
    namespace: 'shop',
    readBy: 'owner',
  });
  expect((await port.pods(workload)).pods.map(({ name }) => name)).toEqual(['orca-7d4b9c-1']);
  expect(await podNames(port, 'sts', 'db')).toEqual(['db-0']);
  expect(await podNames(port, 'cronjob', 'nightly')).toEqual(['night-1']);
});

test('who is refused the pods too is told in the words of the API', async () => {
  const { port } = await portTo({ lists: {}, forbidden: ['/'] });
  const workload = await port.workload(named('deploy', 'orca'));
  expect(await problemIn(port.pods(workload))).toMatchObject({
    code: 'denied',
    message: expect.stringMatching(/User "jo" cannot/),
  });
});

test('credentials that are refused are no reason to guess', async () => {
  const { connection } = await fakeApi((_, response) =>
    json(response, status('Unauthorized', 'Unauthorized', 401), 401),
  );
  const port = await createKubePort(connection);
  expect(await problemIn(port.workload(named('deploy', 'orca')))).toMatchObject({
    code: 'denied',
    message: expect.stringMatching(/401/),
  });
});

test.each([
  ['deploy', 'orka', 'deployments.apps "orka" not found in namespace "shop"', 'Did you mean deployment/orca?'],
  ['deploy', 'db', 'deployments.apps "db" not found in namespace "shop"', /^Did you mean statefulset\/db/],
  ['pod', 'orca', 'pods "orca" not found in namespace "shop"', /^Did you mean deployment\/orca, pod\/orca-7d4b9c-1/],
  ['pod', 'zzz', 'pods "zzz" not found in namespace "shop"', 'See what there is: kubectl get pods -n shop'],
])('%s %s, which is not there, is told with what is near', async (type, name, message, hint) => {
  const { port } = await portTo({ ...SHOP, lists: { ...SHOP.lists, '/api/v1/namespaces': [thing('shop')] } });
  const problem = await problemIn(port.workload(named(type, name)));
  expect(problem).toMatchObject({ code: 'absent', message });
  expect(problem.hint).toMatch(hint);
});

test('a namespace that is not there is told, also where a selector finds nothing', async () => {
  const { port } = await portTo(SHOP, { namespace: 'shp' });
  const wrong = { code: 'absent', message: 'namespaces "shp" not found', hint: 'Did you mean -n shop?' };
  expect(await problemIn(port.workload(named('deploy', 'orca')))).toEqual(wrong);
  const empty = await portTo({ lists: { ...SHOP.lists, '/api/v1/namespaces/shp/pods': [] } }, { namespace: 'shp' });
  const workload = await empty.port.workload({ by: 'selector', selector: 'app=x' });
  expect(await problemIn(empty.port.pods(workload))).toEqual(wrong);
});

const ROLLOUTS = '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts';
const RESOURCE = { singular: 'rollout', plural: 'rollouts', kind: 'Rollout', shortNames: ['ro'] };
const AGGREGATED = {
  '/api': { kind: 'APIGroupDiscoveryList', items: [] },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'argoproj.io' },
        versions: [
          {
            version: 'v1alpha1',
            resources: [
              {
                resource: RESOURCE.plural,
                singularResource: RESOURCE.singular,
                scope: 'Namespaced',
                responseKind: { kind: RESOURCE.kind },
                shortNames: RESOURCE.shortNames,
              },
              { resource: 'widgets', singularResource: 'widget', scope: 'Cluster', responseKind: { kind: 'Widget' } },
            ],
          },
        ],
      },
    ],
  },
};
const PLAIN = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      { name: 'dead.io', preferredVersion: { groupVersion: 'dead.io/v1' } },
      { name: 'argoproj.io', versions: [{ groupVersion: 'argoproj.io/v1alpha1' }] },
    ],
  },
  '/apis/argoproj.io/v1alpha1': {
    resources: [
      { name: 'rollouts/status', kind: 'Rollout', namespaced: true },
      { name: 'rollouts', singularName: 'rollout', kind: 'Rollout', namespaced: true, shortNames: ['ro'] },
      { name: 'widgets', singularName: 'widget', kind: 'Widget', namespaced: false },
    ],
  },
};

test.each([
  ['at once', AGGREGATED],
  ['group by group, one of them dead', PLAIN],
])('types that are not built in are asked for %s', async (_, answers) => {
  const rollout = thing('orca', [], { status: { selector: 'app=orca' } });
  const { port, asked } = await portTo({ lists: { ...SHOP.lists, [ROLLOUTS]: [rollout] }, answers });
  for (const type of ['ro', 'rollout', 'Rollout', 'rollouts.argoproj.io', 'rollouts.v1alpha1.argoproj.io']) {
    const workload = await port.workload(named(type, 'orca'));
    expect(workload).toMatchObject({
      reference: 'rollout.argoproj.io/orca',
      apiVersion: 'argoproj.io/v1alpha1',
      selector: 'app=orca',
    });
    expect((await port.pods(workload)).pods).toHaveLength(4);
  }
  expect(asked.filter((url) => url === '/apis')).toHaveLength(1);
  expect(await problemIn(port.workload(named('rolout', 'x')))).toMatchObject({
    code: 'absent',
    message: 'The API server has no resource type "rolout"',
    hint: expect.stringMatching(/Did you mean rollout/),
  });
  expect(await problemIn(port.workload(named('widget', 'x')))).toMatchObject({ code: 'unsupported' });
});

test('pods of a custom resource without a selector are found over several owners', async () => {
  const rollout = owner('argoproj.io/v1alpha1', 'Rollout', 'orca');
  const { port } = await portTo({
    answers: AGGREGATED,
    lists: {
      ...SHOP.lists,
      [ROLLOUTS]: [thing('orca')],
      [REPLICA_SETS]: [thing('ro-1', [owner('apps/v1', 'Deployment', 'made')]), thing('ro-2', [rollout])],
      [DEPLOYMENTS]: [thing('made', [rollout])],
      [PODS]: [
        podOf('deep', [RS('ro-1')]),
        podOf('shallow', [RS('ro-2')]),
        podOf('own', [rollout]),
        podOf('loop', [owner('x/v1', 'Loop', 'loop')]),
        podOf('none'),
      ],
    },
  });
  expect(await podNames(port, 'rollout', 'orca')).toEqual(['deep', 'shallow', 'own']);
});

test.each([
  [{ matchLabels: { a: '1', b: '2' } }, 'a=1,b=2'],
  [
    {
      matchExpressions: [
        { key: 'a', operator: 'In', values: ['1', '2'] },
        { key: 'b', operator: 'Exists' },
      ],
    },
    'a in (1,2),b',
  ],
  [{ matchLabels: { a: '1' }, matchExpressions: [{ key: 'c', operator: 'NotIn', values: ['x'] }] }, 'a=1,c notin (x)'],
  [{ matchExpressions: [{ key: 'd', operator: 'DoesNotExist' }] }, '!d'],
  [{ app: 'rc' }, 'app=rc'],
  ['app=x', 'app=x'],
  [{}, undefined],
  [undefined, undefined],
  [{ matchExpressions: [{ key: 'a', operator: 'constructor' }] }, undefined],
])('the selector %j is %s', (value, text) => {
  expect(selectorText(value)).toBe(text);
});
