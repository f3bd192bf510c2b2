import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccessRule } from '../../src/core/kube-artifacts.ts';
import { type Report, reportSchema } from '../../src/core/report.ts';
import { ruleText } from '../../src/core/rights.ts';
import { whyoom } from '../cli/whyoom.ts';
import { apply, kubeconfigOfAccount, kubectl, makeNamespace, removeNamespace, waitUntil } from './cluster.ts';
import { manifest } from './objects.ts';
import { startPrometheus } from './prometheus.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const RBAC = 'rbac.authorization.k8s.io';
let space: string;
/** Objects that belong to no namespace, by what `kubectl delete` takes. */
const toDelete: string[] = [];

beforeAll(async () => {
  if (whyNoCluster() !== undefined) return;
  space = await makeNamespace();
  const program = 'kept = b"x" * 2**25\nimport time\nwhile True: print("item", flush=True); time.sleep(1)';
  const container = {
    name: 'app',
    image: 'python:3.9-slim',
    command: ['python', '-c', program],
    resources: { limits: { memory: '128Mi' } },
  };
  const labels = { app: 'orca' };
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } };
  const spec = { selector: { matchLabels: labels }, template };
  await apply(manifest([{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'orca' }, spec }]), space);
  await kubectl('rollout', 'status', 'deploy/orca', '-n', space);
  const top = () => kubectl('top', 'pod', '-n', space, '--no-headers').catch(() => undefined);
  await waitUntil('metrics', top, 100_000, 1000);
});
afterAll(async () => {
  if (toDelete.length > 0) await kubectl('delete', '--ignore-not-found', ...toDelete);
  if (space) await removeNamespace(space);
});

/** Each right that a look at a Deployment uses, and the step that is lost without it. */
const own = (verb: string, group: string, resource: string): Omit<AccessRule, 'namespace'> => ({
  verb,
  group,
  resource,
});
const RIGHTS: readonly {
  readonly rule: Omit<AccessRule, 'namespace'>;
  readonly ofCluster?: true;
  readonly lost: string;
}[] = [
  { rule: own('get', 'apps', 'deployments'), lost: 'workload' },
  { rule: own('list', '', 'pods'), lost: 'pods' },
  { rule: own('list', '', 'events'), lost: 'events' },
  { rule: own('list', '', 'limitranges'), lost: 'limit-ranges' },
  { rule: own('list', 'apps', 'replicasets'), lost: 'rollout' },
  { rule: own('list', 'metrics.k8s.io', 'pods'), lost: 'pod-metrics' },
  { rule: own('get', '', 'pods/log'), lost: 'logs' },
  { rule: own('get', '', 'nodes'), ofCluster: true, lost: 'nodes' },
  { rule: own('list', '', 'services'), ofCluster: true, lost: 'prometheus' },
];

const policy = ({ verb, group, resource }: Omit<AccessRule, 'namespace'>) => ({
  apiGroups: [group],
  resources: [resource],
  verbs: [verb],
});

let accounts = 0;

/** The kubeconfig of a new ServiceAccount with these of the rights, and no others. */
async function accountWith(rights: typeof RIGHTS): Promise<string> {
  const name = `looker-${accounts++}`;
  const subjects = [{ kind: 'ServiceAccount', name, namespace: space }];
  const granted = (kind: 'Role' | 'ClusterRole', rules: object[], metadata: object) => [
    { apiVersion: `${RBAC}/v1`, kind, metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: `${kind}Binding`,
      metadata,
      subjects,
      roleRef: { apiGroup: RBAC, kind, name: 'name' in metadata ? metadata.name : name },
    },
  ];
  const inSpace = rights.filter(({ ofCluster }) => !ofCluster).map(({ rule }) => policy(rule));
  const ofCluster = rights.filter((each) => each.ofCluster).map(({ rule }) => policy(rule));
  const clusterName = `${space}-${name}`;
  toDelete.push(`clusterrole/${clusterName}`, `clusterrolebinding/${clusterName}`);
  await apply(
    manifest([
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
      ...granted('Role', inSpace, { name }),
      ...granted('ClusterRole', ofCluster, { name: clusterName }),
    ]),
    space,
  );
  return kubeconfigOfAccount(space, name);
}

/** From the API alone; later options come before earlier ones. */
async function look(kubeconfig: string, ...options: string[]): Promise<Report> {
  const { code, out, err } = await whyoom(
    ...[
      'deploy/orca',
      '-n',
      space,
      '--kubeconfig',
      kubeconfig,
      '--for',
      '0',
      '--allow',
      'api',
      '-o',
      'json',
      ...options,
    ],
  );
  if (code !== 0) throw new Error(`whyoom ended with ${code}: ${err}`);
  return reportSchema.parse(JSON.parse(out));
}

/** What `whyoom preflight` prints for `kubectl apply`, as it is. */
async function printedRole(kubeconfig: string, ...options: string[]): Promise<string> {
  const { code, out, err } = await whyoom(
    ...[
      'preflight',
      'deploy/orca',
      '-n',
      space,
      '--kubeconfig',
      kubeconfig,
      '--allow',
      'api',
      '-o',
      'yaml',
      ...options,
    ],
  );
  if (code !== 0) throw new Error(`whyoom preflight ended with ${code}: ${err}`);
  return out;
}

/** Applies it as the administrator would, and remembers what belongs to no namespace. */
async function grant(yaml: string): Promise<void> {
  const applied = await apply(yaml, space);
  for (const [, kind, name] of applied.matchAll(/^(clusterrole(?:binding)?)\.\S+?\/(\S+) /gm))
    toDelete.push(`${kind}/${name}`);
}

/** What was refused, by step; that the kubelets were not asked, and that no Prometheus is there, is no lack of a right. */
const deniedIn = (report: Report) => report.unknown.filter(({ problem }) => problem.code === 'denied');

onCluster('with the smallest set of rights nothing is denied, and preflight prints nothing', async () => {
  const kubeconfig = await accountWith(RIGHTS);
  const report = await look(kubeconfig);
  expect(deniedIn(report)).toEqual([]);
  expect(report.steps.filter(({ ok }) => ok).map(({ key }) => key)).toEqual(
    expect.arrayContaining(['pods', 'events', 'limit-ranges', 'nodes', 'rollout', 'pod-metrics', 'logs', 'rights']),
  );
  expect(await printedRole(kubeconfig)).toBe('');
});

onCluster.each(RIGHTS.map((right) => [ruleText(right.rule), right.lost, right] as const))(
  'without the right to %s the report names %s and the Role, which brings it back',
  async (_right, _lost, taken) => {
    const kubeconfig = await accountWith(RIGHTS.filter((right) => right !== taken));
    const rule = ruleText({ ...taken.rule, ...(taken.ofCluster ? {} : { namespace: space }) });
    const without = await look(kubeconfig);
    const [lost] = deniedIn(without);
    expect(lost).toMatchObject({ needed: taken.lost, problem: { message: `No right to ${rule}.` } });
    expect(deniedIn(without)).toHaveLength(1);
    expect(lost!.problem.hint).toContain(`whyoom preflight deploy/orca -n ${space}`);
    expect(lost!.problem.hint).toContain('-o yaml');

    const yaml = await printedRole(kubeconfig);
    expect(yaml.match(/^kind: \w+/gm)).toEqual(
      taken.ofCluster ? ['kind: ClusterRole', 'kind: ClusterRoleBinding'] : ['kind: Role', 'kind: RoleBinding'],
    );
    expect(yaml.match(/resources:\n +- (\S+)/)?.[1]).toBe(taken.rule.resource);
    await grant(yaml);
    const again = await waitUntil('the right', async () => {
      const report = await look(kubeconfig);
      return deniedIn(report).length === 0 && report;
    });
    if (taken.lost !== 'workload' && taken.lost !== 'prometheus')
      expect(again.steps.find(({ key }) => key === taken.lost)).toMatchObject({ ok: true });
    expect(await printedRole(kubeconfig)).toBe('');
  },
);

/** What going into a pod takes by default, and the step that is lost without it. */
const INTO_THE_POD = [
  { resource: 'pods/exec', lost: 'inside' },
  { resource: 'pods/portforward', lost: 'endpoints' },
];

onCluster.each(INTO_THE_POD)(
  'without the right to $resource the report names $lost and the Role, which brings it back',
  async ({ resource, lost }) => {
    const others = INTO_THE_POD.filter((each) => each.resource !== resource);
    const kubeconfig = await accountWith([
      ...RIGHTS,
      ...others.map((each) => ({ rule: own('get', '', each.resource), lost: each.lost })),
    ]);
    const exec = ['--allow', 'exec'];
    const without = await look(kubeconfig, ...exec, '--for', '1s');
    expect(deniedIn(without).find(({ needed }) => needed === lost)).toMatchObject({
      problem: { message: expect.stringContaining(resource), hint: expect.stringContaining('whyoom preflight') },
    });
    expect(without.steps.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(8);
    await grant(await printedRole(kubeconfig, ...exec));
    await waitUntil('the right', async () => {
      const again = await look(kubeconfig, ...exec, '--for', '1s');
      return deniedIn(again).length === 0 && again.steps.some(({ key, ok }) => key === lost && ok);
    });
    expect(await printedRole(kubeconfig, ...exec)).toBe('');
  },
);

onCluster('who has no right at all gets a report that says so, and one grant is enough for all', async () => {
  const kubeconfig = await accountWith([]);
  const report = await look(kubeconfig);
  expect(report.verdict).toBe('undecided');
  expect(deniedIn(report).length).toBeGreaterThan(0);
  await grant(await printedRole(kubeconfig));
  const again = await waitUntil('the rights', async () => {
    const now = await look(kubeconfig);
    return deniedIn(now).length === 0 && now;
  });
  expect(again.steps.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(8);
});

onCluster(
  'the right to ask a kubelet is in no Role unless --allow node-stats says so, and then brings its step',
  async () => {
    const kubeconfig = await accountWith(RIGHTS);
    const allowed = ['--allow', 'node-stats'];
    expect(await printedRole(kubeconfig)).not.toContain('nodes/proxy');
    expect(deniedIn(await look(kubeconfig, ...allowed)).map(({ needed }) => needed)).toEqual(['node-stats']);
    const yaml = await printedRole(kubeconfig, ...allowed);
    expect(yaml).toContain('nodes/proxy');
    await grant(yaml);
    await waitUntil('statistics', async () => deniedIn(await look(kubeconfig, ...allowed)).length === 0);
  },
);

onCluster('a Prometheus that may not be asked is named, and preflight prints what its service takes', async () => {
  await startPrometheus(space, 'my-prometheus');
  const kubeconfig = await accountWith(RIGHTS);
  const problem = (await look(kubeconfig)).unknown.find(({ needed }) => needed === 'prometheus')!.problem;
  expect(problem).toMatchObject({ code: 'denied', message: expect.stringContaining('get services/proxy in') });
  const named = ['--prometheus', `${space}/my-prometheus:9090`];
  expect(deniedIn(await look(kubeconfig, ...named)).map(({ needed }) => needed)).toEqual(['prometheus']);
  await grant(await printedRole(kubeconfig, ...named));
  await waitUntil('history', async () => {
    const report = await look(kubeconfig);
    return report.steps.some(({ key, ok }) => key === 'prometheus' && ok);
  });
});
