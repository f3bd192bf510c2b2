import { expect, test } from 'vitest';
import { createApi } from '../../../src/sources/kube/api.ts';
import { readRevisions, revisionsIn } from '../../../src/sources/kube/revisions.ts';
import { fakeApi, json } from './fake-api.ts';

const DEPLOYMENT = { kind: 'Deployment', name: 'orca' };

const container = (changes: object = {}) => ({
  name: 'orca',
  image: 'registry.example/orca:1.4',
  command: ['python', 'app.py'],
  env: [
    { name: 'DB_URL', value: 'postgres://me:hunter2@db/x' },
    { name: 'MODE', value: 'fast' },
  ],
  resources: { limits: { memory: '128Mi', cpu: '1' }, requests: { memory: '64Mi' } },
  ...changes,
});
const replicaSet = (
  revision: number,
  containers: object[],
  more: { annotations?: object; template?: object } = {},
) => ({
  metadata: {
    name: `orca-${revision}hash`,
    labels: { 'pod-template-hash': `${revision}hash` },
    annotations: { 'deployment.kubernetes.io/revision': String(revision), ...more.annotations },
    creationTimestamp: `2026-11-2${revision}T06:00:00Z`,
    ownerReferences: [{ ...DEPLOYMENT, apiVersion: 'apps/v1', controller: true }],
  },
  spec: { template: { metadata: { labels: { app: 'orca' } }, spec: { containers }, ...more.template } },
  status: { replicas: revision === 2 ? 3 : 0 },
});
const changesBetween = (before: object, after: object) =>
  revisionsIn([replicaSet(1, [before]), replicaSet(2, [after])], DEPLOYMENT)[1]!.changes;

test('revisions are those of the workload, oldest first, whatever the order of the answer', () => {
  const other = { ...replicaSet(3, []), metadata: { ...replicaSet(3, []).metadata, ownerReferences: [] } };
  const revisions = revisionsIn([replicaSet(2, [container()]), other, replicaSet(1, [container()]), null], DEPLOYMENT);
  expect(revisions).toEqual([
    {
      revision: 1,
      name: 'orca-1hash',
      hash: '1hash',
      createdAtUnixSeconds: Date.parse('2026-11-21T06:00:00Z') / 1000,
      replicas: 0,
      changes: [],
    },
    expect.objectContaining({ revision: 2, replicas: 3, changes: [] }),
  ]);
});

test.each([
  [
    'the image',
    { image: 'registry.example/orca:1.5' },
    'orca: image registry.example/orca:1.4 → registry.example/orca:1.5',
  ],
  ['the command', { command: ['python', 'app.py', '--token', 'hunter2'] }, 'orca: command changed'],
  ['the arguments', { args: ['--password=hunter2'] }, 'orca: arguments changed'],
  [
    'the memory limit',
    { resources: { limits: { memory: '64Mi', cpu: '1' }, requests: { memory: '64Mi' } } },
    'orca: memory limit 128 MiB → 64 MiB',
  ],
  ['a limit taken away', { resources: { requests: { memory: '64Mi' } } }, 'orca: memory limit 128 MiB → none'],
  ['a probe', { livenessProbe: { httpGet: { path: '/', port: 80 } } }, 'orca: liveness probe added'],
  ['the source of variables', { envFrom: [{ secretRef: { name: 'x' } }] }, 'orca: env taken from elsewhere changed'],
  ['another field', { workingDir: '/x' }, 'something else in the pod template changed'],
  ['nothing but the order of its fields', Object.fromEntries(Object.entries(container()).reverse()), undefined],
])('a change of %s is told', (_, changes, told) => {
  expect(changesBetween(container(), { ...changes, ...container(), ...changes })).toEqual(
    told === undefined ? [] : [told],
  );
});

test('of variables the names are told and the values never', () => {
  const env = [
    { name: 'DB_URL', value: 'postgres://me:hunter3@db/x' },
    { name: 'CACHE_SIZE', value: '100000' },
  ];
  const changes = changesBetween(container(), container({ env }));
  expect(changes).toEqual(['orca: env CACHE_SIZE added', 'orca: env MODE removed', 'orca: env DB_URL changed']);
  expect(JSON.stringify(changes)).not.toMatch(/hunter|100000/);
});

test('containers that come and go are told', () => {
  const sidecar = { name: 'sidecar', image: 'x' };
  const [, second] = revisionsIn(
    [replicaSet(1, [container(), sidecar]), replicaSet(2, [sidecar, { name: 'new' }])],
    DEPLOYMENT,
  );
  expect(second!.changes).toEqual(['container new added', 'container orca removed']);
});

test('a rollback and a restart by hand are told as such', () => {
  const back = replicaSet(3, [container()], { annotations: { 'deployment.kubernetes.io/revision-history': '1' } });
  const restarted = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-23T06:00:00Z' } } };
  const again = replicaSet(4, [container()], { template: restarted });
  const revisions = revisionsIn([replicaSet(2, [container({ image: 'x' })]), back, again], DEPLOYMENT);
  expect(revisions[1]!.changes).toEqual([
    'rolled back to what revision 1 was',
    'orca: image x → registry.example/orca:1.4',
  ]);
  expect(revisions[2]!.changes).toEqual(['restarted by kubectl rollout restart']);
});

test('the revisions of a StatefulSet and a DaemonSet are ControllerRevisions', async () => {
  const revision = (kind: string, number: number, image: string, label?: string) => ({
    metadata: {
      name: `db-${number}f`,
      labels: label === undefined ? {} : { 'controller-revision-hash': label },
      creationTimestamp: '2026-11-21T06:00:00Z',
      ownerReferences: [{ kind, name: 'db' }],
    },
    revision: number,
    data: { spec: { template: { $patch: 'replace', spec: { containers: [{ name: 'db', image }] } } } },
  });
  const asked: string[] = [];
  const { connection } = await fakeApi((_, response, { pathname }) => {
    asked.push(pathname);
    json(response, {
      items: [revision('StatefulSet', 2, 'b'), revision('StatefulSet', 1, 'a'), revision('DaemonSet', 1, 'c', '1f')],
    });
  });
  const api = await createApi(connection);
  const stateful = await readRevisions(api, { kind: 'StatefulSet', name: 'db' }, 'shop');
  const daemons = await readRevisions(api, { kind: 'DaemonSet', name: 'db' }, 'shop');
  expect(stateful.map(({ hash, changes }) => [hash, ...changes])).toEqual([['db-1f'], ['db-2f', 'db: image a → b']]);
  expect(daemons).toMatchObject([{ revision: 1, hash: '1f' }]);
  expect(new Set(asked)).toEqual(new Set(['/apis/apps/v1/namespaces/shop/controllerrevisions']));
});

test('a ReplicaSet of a Deployment has the history of the Deployment', async () => {
  const { connection } = await fakeApi((_, response) =>
    json(response, { items: [replicaSet(1, [container()]), replicaSet(2, [container({ image: 'x' })])] }),
  );
  const api = await createApi(connection);
  const revisions = await readRevisions(api, { kind: 'ReplicaSet', name: 'orca-1hash' }, 'shop');
  expect(revisions.map(({ revision }) => revision)).toEqual([1, 2]);
});
