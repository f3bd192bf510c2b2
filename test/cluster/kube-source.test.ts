import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeConnection, KubePort } from '../../src/core/kube-port.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { createKubePort } from '../../src/sources/kube/index.ts';
import { temporaryFolder } from '../temporary.ts';
import {
  apply,
  get,
  KUBECONFIG,
  kubeconfigWith,
  kubectl,
  makeNamespace,
  namespace,
  removeNamespace,
  waitUntil,
} from './cluster.ts';
import { connectProxy } from './connect-proxy.ts';
import { containerStatus, runPython } from './pod.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const SLEEP = ['python', '-c', 'import time; time.sleep(1e6)'];
const ENDS = ['python', '-c', 'print("done")'];

const portTo = (space: string, more: Partial<KubeConnection> = {}): Promise<KubePort> =>
  createKubePort({
    kubeconfig: KUBECONFIG,
    namespace: space,
    requestTimeoutMs: 30_000,
    env: process.env,
    interrupted: new AbortController().signal,
    ...more,
  });
const workloadOf = (port: KubePort, type: string, name: string) => port.workload({ by: 'name', type, name });
const podsOf = async (port: KubePort, type: string, name: string) =>
  (await port.pods(await workloadOf(port, type, name))).pods.map((pod) => pod.name).sort();
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );

const template = (app: string, command: readonly string[], restartPolicy = 'Always') => ({
  metadata: { labels: { app } },
  spec: {
    restartPolicy,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'app', image: 'python:3.9-slim', command, resources: { limits: { memory: '64Mi' } } }],
  },
});
const selecting = (app: string) => ({ selector: { matchLabels: { app } }, template: template(app, SLEEP) });
const WORKLOADS = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'old'] }] },
      template: template('web', SLEEP),
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: { serviceName: 'db', ...selecting('db') },
  },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent' }, spec: selecting('agent') },
  {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'rc' },
    spec: { replicas: 1, selector: { app: 'rc' }, template: template('rc', SLEEP) },
  },
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once' },
    spec: { template: template('once', ENDS, 'Never') },
  },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly' },
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: template('nightly', ENDS, 'Never') } } },
  },
  // Matched by the Deployment's selector, and not its own.
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stray', labels: { app: 'old' } },
    spec: template('old', SLEEP).spec,
  },
];

let space = '';
beforeAll(async () => {
  if (whyNoCluster() !== undefined) return;
  space = await makeNamespace();
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: WORKLOADS }), space);
  await kubectl('create', 'job', 'by-hand', '--from=cronjob/nightly', '-n', space);
  await waitUntil(
    'eight pods',
    async () => ((await get('pods', '-n', space)) as { items: object[] }).items.length >= 8,
  );
});
afterAll(async () => {
  if (space) await removeNamespace(space);
});

onCluster.each([
  ['deploy', 'web', /^web-\w+-\w+,web-\w+-\w+$/],
  ['sts', 'db', /^db-0$/],
  ['daemonset', 'agent', /^agent-\w+$/],
  ['rc', 'rc', /^rc-\w+$/],
  ['job', 'once', /^once-\w+$/],
  ['cj', 'nightly', /^by-hand-\w+$/],
  ['pod', 'stray', /^stray$/],
  ['deployments.v1.apps', 'web', /^web-\w+-\w+,web-\w+-\w+$/],
])('the pods of %s/%s are its own and no others', async (type, name, names) => {
  expect((await podsOf(await portTo(space), type, name)).join()).toMatch(names);
});

onCluster('a pod is read as the API has it', async () => {
  const port = await portTo(space);
  const [name = ''] = await podsOf(port, 'deploy', 'web');
  const running = await waitUntil('running pod', async () => {
    const pod = await port.pod(name);
    return pod.phase === 'Running' && pod;
  });
  const limitBytes = 64 * 2 ** 20;
  expect(running).toMatchObject({
    owner: expect.stringMatching(/^ReplicaSet\/web-/),
    node: 'whyoom',
    qosClass: 'Burstable',
    revision: expect.stringMatching(/\w+/),
  });
  expect(running.containers).toEqual([
    expect.objectContaining({ name: 'app', kind: 'main', spec: { limitBytes, requestBytes: limitBytes } }),
  ]);
  expect(running.containers[0]?.inForce).toEqual({ limitBytes, requestBytes: limitBytes });
  expect(running.conditions.map(({ type }) => type)).toContain('Ready');
});

onCluster('what is not there is told with what is near', async () => {
  const port = await portTo(space);
  expect(await problemIn(workloadOf(port, 'deploy', 'wep'))).toMatchObject({
    code: 'absent',
    message: `deployments.apps "wep" not found in namespace "${space}"`,
    hint: expect.stringContaining('deployment/web'),
  });
  expect(await problemIn(workloadOf(port, 'rollout', 'x'))).toMatchObject({
    message: expect.stringMatching(/no resource type "rollout"/),
  });
  expect(await problemIn(workloadOf(await portTo('no-such'), 'deploy', 'x'))).toMatchObject({
    message: 'namespaces "no-such" not found',
  });
  const unknown = await portTo('no-such');
  expect(await problemIn(unknown.workload({ by: 'selector', selector: 'app=x' }).then(unknown.pods))).toMatchObject({
    message: 'namespaces "no-such" not found',
  });
  expect(await problemIn(port.workload({ by: 'selector', selector: 'a==b==c' }).then(port.pods))).toMatchObject({
    code: 'unsupported',
  });
});

onCluster('who may list pods only finds those of a Deployment by their owners', async () => {
  const kubeconfig = await kubeconfigWith(space, [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]);
  const port = await portTo(space, { kubeconfig });
  const web = await workloadOf(port, 'deploy', 'web');
  expect(web).toMatchObject({ readBy: 'owner', reference: 'deployment.apps/web' });
  expect((await port.pods(web)).pods).toHaveLength(2);
  expect(await podsOf(port, 'pod', 'stray')).toEqual(['stray']);
  expect(await port.mayI({ verb: 'list', group: '', resource: 'pods', namespace: space })).toMatchObject({
    allowed: 'yes',
  });
  expect(await port.mayI({ verb: 'get', group: '', resource: 'pods/log', namespace: space })).toMatchObject({
    allowed: 'no',
  });
  expect((await port.whoAmI()).user).toMatch(`system:serviceaccount:${space}:reader-`);
});

onCluster('--as stands for somebody else', async () => {
  const port = await portTo(space, { as: 'jo', asGroup: ['team'] });
  expect(await port.whoAmI()).toEqual({ user: 'jo', groups: expect.arrayContaining(['team']) });
  const denied = await problemIn(port.workload({ by: 'selector', selector: 'app=web' }).then(port.pods));
  expect(denied).toMatchObject({
    code: 'denied',
    message: expect.stringMatching(/User "jo" cannot list resource "pods"/),
  });
});

onCluster('tokens that are wrong, certificates that are not trusted and plugins that sign in', async () => {
  const kubeconfig = await kubeconfigWith(space, [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]);
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  const { token } = config.users[0].user;
  const changed = (change: (copy: typeof config) => void) => {
    const copy = structuredClone(config);
    change(copy);
    const file = join(temporaryFolder(), 'kubeconfig');
    writeFileSync(file, JSON.stringify(copy));
    return portTo(space, { kubeconfig: file });
  };
  const wrong = await changed((copy) => {
    copy.users[0].user.token = `${token}x`;
  });
  const refused = await problemIn(wrong.pod('stray'));
  expect(refused).toMatchObject({
    code: 'denied',
    message: expect.stringMatching(/credentials.*401/),
    hint: expect.stringMatching(/kubectl auth whoami/),
  });
  expect(JSON.stringify(refused)).not.toContain(token);
  const untrusted = await changed((copy) => {
    delete copy.clusters[0].cluster['certificate-authority-data'];
  });
  expect(await problemIn(untrusted.pod('stray'))).toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/cannot be trusted/),
  });
  const insecure = await changed((copy) => {
    copy.clusters[0].cluster = { server: copy.clusters[0].cluster.server, 'insecure-skip-tls-verify': true };
  });
  expect(await podsOf(insecure, 'pod', 'stray')).toEqual(['stray']);
  const plugin = await changed((copy) => {
    const credential = JSON.stringify({ kind: 'ExecCredential', status: { token } });
    copy.users[0].user = {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'echo', args: [credential] },
    };
  });
  expect(await podsOf(plugin, 'pod', 'stray')).toEqual(['stray']);
});

onCluster('the log of this life and of the one before it, and that there is none', async () => {
  const program = 'import os, sys\nfor i in range(20000): print("line", i)\nprint("password=hunter2")\nsys.exit(1)';
  const own = await namespace();
  await runPython(own, program, { name: 'talks' });
  await runPython(own, 'import time; time.sleep(1e6)', { name: 'waits', image: 'nowhere/never:1' });
  await waitUntil('restart', async () => ((await containerStatus(own, 'talks'))?.restartCount ?? 0) >= 1);
  const port = await portTo(own);
  const request = {
    pod: 'talks',
    container: 'app',
    previous: true,
    keepBytes: 10_000,
    until: new AbortController().signal,
  };
  const log = await waitUntil('log of the life before', () => port.log(request).catch(() => undefined));
  expect(log.text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z line \d+\n/);
  expect(log.text).toMatch(/line 19999\n\S+ password=\[[^\]]+\]\n$/);
  expect(Buffer.byteLength(log.text)).toBeGreaterThan(9800);
  expect(log.cutBytes).toBeGreaterThan(500_000);
  expect(log).toMatchObject({ redacted: 1, lines: log.text.trimEnd().split('\n').length });
  const none = { ...request, pod: 'waits' };
  expect(await problemIn(port.log(none))).toMatchObject({
    code: 'absent',
    message: expect.stringMatching(/previous terminated container/),
  });
  expect(await problemIn(port.log({ ...none, previous: false }))).toMatchObject({ code: 'absent' });
  expect(await problemIn(port.log({ ...request, pod: 'nobody' }))).toMatchObject({
    code: 'absent',
    message: expect.stringMatching(/pods "nobody" not found/),
  });
});

onCluster('client certificates, from the kubeconfig or a plugin, directly or through a proxy', async () => {
  const config = JSON.parse(readFileSync(KUBECONFIG, 'utf8'));
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  const file = (content: string) => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, content);
    return path;
  };
  const pem = (base64: string) => Buffer.from(base64, 'base64').toString();
  const asWhom = async (changes: { cluster?: object; user?: object }, env: NodeJS.ProcessEnv = {}) => {
    const copy = structuredClone(config);
    copy.clusters[0].cluster = changes.cluster ?? cluster;
    copy.users[0].user = changes.user ?? user;
    const port = await portTo(space, { kubeconfig: file(JSON.stringify(copy)), env: { ...process.env, ...env } });
    return (await port.whoAmI()).user;
  };
  const certificates = {
    clientCertificateData: pem(user['client-certificate-data']),
    clientKeyData: pem(user['client-key-data']),
  };
  const credential = file(JSON.stringify({ kind: 'ExecCredential', status: certificates }));
  expect(await asWhom({ user: { exec: { command: 'cat', args: [credential] } } })).toBe('admin');
  const files = {
    'client-certificate': file(certificates.clientCertificateData),
    'client-key': file(certificates.clientKeyData),
  };
  const authority = file(pem(cluster['certificate-authority-data']));
  expect(await asWhom({ user: files, cluster: { server: cluster.server, 'certificate-authority': authority } })).toBe(
    'admin',
  );
  expect(await asWhom({ cluster: { ...cluster, 'tls-server-name': 'kubernetes.default' } })).toBe('admin');
  expect(await problemIn(asWhom({ cluster: { ...cluster, 'tls-server-name': 'other.name' } }))).toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/cannot be trusted/),
  });
  const proxy = await connectProxy();
  const { host } = new URL(cluster.server);
  expect(await asWhom({ cluster: { ...cluster, 'proxy-url': proxy.url } })).toBe('admin');
  expect(await asWhom({}, { HTTPS_PROXY: proxy.url, NO_PROXY: '' })).toBe('admin');
  expect(proxy.places).toEqual([host, host]);
  expect(await asWhom({}, { HTTPS_PROXY: proxy.url, NO_PROXY: '198.18.0.0/15' })).toBe('admin');
  expect(proxy.places).toHaveLength(2);
  const gone = { ...cluster, 'proxy-url': 'http://jo:hunter2@127.0.0.1:9' };
  const problem = await problemIn(asWhom({ cluster: gone }));
  expect(problem.code).toBe('timeout');
  expect(JSON.stringify(problem)).not.toContain('hunter2');
});

const CRD = (group: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `shops.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'shops', singular: 'shop', kind: 'Shop', shortNames: ['shp'] },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        subresources: {
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
      },
    ],
  },
});

onCluster('a custom resource: by the selector that its scale names, and by owners over two levels', async () => {
  const group = `${space}.example.com`;
  await apply(JSON.stringify(CRD(group)));
  try {
    await kubectl('wait', '--for=condition=Established', `crd/shops.${group}`);
    const shop = (name: string, status: object) => ({
      apiVersion: `${group}/v1beta1`,
      kind: 'Shop',
      metadata: { name },
      spec: {},
      status,
    });
    const items = [shop('selects', { selector: 'app=db' }), shop('owns', {})];
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), space);
    const uid = await kubectl('get', `shops.${group}`, 'owns', '-n', space, '-o', 'jsonpath={.metadata.uid}');
    const owner = { apiVersion: `${group}/v1beta1`, kind: 'Shop', name: 'owns', uid, controller: true };
    await kubectl(
      'patch',
      'deploy',
      'web',
      '-n',
      space,
      '--type=merge',
      '-p',
      JSON.stringify({ metadata: { ownerReferences: [owner] } }),
    );
    const port = await portTo(space);
    expect(await workloadOf(port, 'shp', 'selects')).toMatchObject({
      reference: `shop.${group}/selects`,
      selector: 'app=db',
    });
    expect(await podsOf(port, 'shops', 'selects')).toEqual(['db-0']);
    expect(await podsOf(port, `shops.${group}`, 'owns')).toEqual(await podsOf(port, 'deploy', 'web'));
    expect(await port.targetRule({ by: 'name', type: 'Shop', name: 'owns' })).toEqual({
      verb: 'get',
      group,
      resource: 'shops',
      namespace: space,
    });
  } finally {
    await kubectl('delete', 'crd', `shops.${group}`, '--wait=false');
  }
});
