import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KubeArtifacts } from '../../src/core/kube-artifacts.ts';
import { kubeArtifactSchemas } from '../../src/core/kube-artifacts.ts';
import { createApi } from '../../src/sources/kube/api.ts';
import { readEvents } from '../../src/sources/kube/events.ts';
import { whyoom } from '../cli/whyoom.ts';
import { temporaryFolder } from '../temporary.ts';
import { apply, KUBECONFIG, kubeconfigWith, kubectl, namespace, waitUntil } from './cluster.ts';
import { manifest } from './objects.ts';
import { NODE } from './places.ts';
import { containerStatus, runPython, untilRunning } from './pod.ts';
import { forwarded, startPrometheus } from './prometheus.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const MIB = 2 ** 20;

/** What whyoom gathers of a target, by artifact; undefined where it did not get it. Throws with what it said. */
async function gathered(space: string, target: string, ...options: string[]) {
  const folder = join(temporaryFolder(), 'case');
  const { code, err } = await whyoom(target, '-n', space, '--kubeconfig', KUBECONFIG, '--save', folder, ...options);
  if (code !== 0) throw new Error(`whyoom ${target} ended with ${code}: ${err}`);
  const steps = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')).steps as {
    key: string;
    problem?: object;
  }[];
  return {
    artifact<K extends keyof KubeArtifacts>(key: K): KubeArtifacts[K] {
      const step = steps.find((each) => each.key === key);
      if (!step || step.problem) throw new Error(`no ${key}: ${JSON.stringify(step?.problem)}`);
      const read: unknown = JSON.parse(readFileSync(join(folder, `${key}.json`), 'utf8'));
      return kubeArtifactSchemas[key].parse(read) as KubeArtifacts[K];
    },
    problem: (key: keyof KubeArtifacts) => steps.find((each) => each.key === key)?.problem,
  };
}

/** A mebibyte each so many seconds. */
const growing = (seconds: number) =>
  `import time\nkept = []\nwhile True:\n  kept.append(b"x" * 2**20)\n  time.sleep(${seconds})`;
const SLEEPS = 'kept = b"x" * 2**25\nimport time\ntime.sleep(1000)';

/** A Deployment of one pod, whose container is `app`. */
const deployment = (name: string, container: object) =>
  apply.bind(
    undefined,
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [{ name: 'app', image: 'python:3.9-slim', ...container }],
          },
        },
      },
    }),
  );

function eventOfNode(name: string): object {
  const now = new Date().toISOString().replace(/\.\d+/, '');
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'default' },
    involvedObject: { kind: 'Node', name: NODE },
    ...{ type: 'Normal', reason: 'Noted', message: 'A node has events too.', source: { component: 'test' } },
    ...{ firstTimestamp: now, lastTimestamp: now, count: 1 },
  };
}

onCluster('the events after an OOM kill are the same through both APIs', async () => {
  const space = await namespace();
  await runPython(space, growing(0.1), { name: 'grows', limit: '32Mi' });
  await waitUntil('OOM kill', async () => (await containerStatus(space, 'grows'))?.lastState.terminated);
  // The API forgets events after an hour: a cluster that has run for longer has none of its node.
  await apply(JSON.stringify(eventOfNode(space)), 'default');
  const { artifact } = await gathered(space, 'pod/grows', '--for', '0');
  const { events } = artifact('events');
  const own = events.filter(({ about }) => about.kind === 'Pod');
  expect(own.map(({ reason }) => reason)).toEqual(
    expect.arrayContaining(['Scheduled', 'Pulled', 'Created', 'Started']),
  );
  expect(own.find(({ reason }) => reason === 'Started')).toMatchObject({
    type: 'Normal',
    about: { kind: 'Pod', name: 'grows', container: 'app' },
    source: 'kubelet',
  });
  expect(events.some(({ about }) => about.kind === 'Node' && about.name === NODE)).toBe(true);

  const both = { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['list'] };
  const through = async (apiGroup: string) => {
    const kubeconfig = await kubeconfigWith(space, [{ ...both, apiGroups: [apiGroup] }]);
    const connection = { kubeconfig, requestTimeoutMs: 30_000, env: {}, interrupted: new AbortController().signal };
    const read = await readEvents(await createApi(connection), [{ kind: 'Pod', name: 'grows' }], space);
    return read.events
      .filter(({ reason }) => reason === 'Scheduled' || reason === 'Pulled')
      .map(({ count: _, lastAtUnixSeconds: __, ...event }) => event);
  };
  // Between the two questions the container may be started again.
  let [core, newer] = [await through(''), await through('events.k8s.io')];
  for (let again = 0; again < 5 && JSON.stringify(newer) !== JSON.stringify(core); again += 1)
    [core, newer] = [await through(''), await through('events.k8s.io')];
  expect(core.length).toBeGreaterThanOrEqual(2);
  expect(newer).toEqual(core);
});

onCluster('limit range, rollout, node and metrics of a Deployment are read as the cluster has them', async () => {
  const space = await namespace();
  const limits = [{ type: 'Container', default: { memory: '96Mi' }, defaultRequest: { memory: '48Mi' } }];
  await apply(manifest([{ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'mem' }, spec: { limits } }]), space);
  const command = ['python', '-c', SLEEPS];
  await deployment('orca', { command, env: [{ name: 'TOKEN', value: 'hunter2' }] })(space);
  const second = {
    image: 'python:3.12-slim',
    env: [
      { name: 'TOKEN', value: 'hunter3' },
      { name: 'MORE', value: '1' },
    ],
  };
  await deployment('orca', { command, ...second, resources: { limits: { memory: '128Mi' } } })(space);
  await kubectl('rollout', 'status', 'deploy/orca', '-n', space);
  const top = () => kubectl('top', 'pod', '-n', space, '--no-headers').catch(() => undefined);
  await waitUntil('metrics', top, 120_000, 1000);

  const { artifact, problem } = await gathered(space, 'deploy/orca', '--for', '35s', '--allow', 'api');
  expect(artifact('limit-ranges').ranges).toEqual([
    { name: 'mem', type: 'Container', defaultLimitBytes: 96 * MIB, defaultRequestBytes: 48 * MIB },
  ]);
  const { revisions } = artifact('rollout');
  expect(revisions.map(({ revision, replicas }) => [revision, replicas])).toEqual([
    [1, 0],
    [2, 1],
  ]);
  expect(revisions[1]!.changes).toEqual([
    'app: image python:3.9-slim → python:3.12-slim',
    'app: env MORE added',
    'app: env TOKEN changed',
    'app: memory limit none → 128 MiB',
  ]);
  expect(artifact('pods').pods.map(({ revision }) => revision)).toContain(revisions[1]!.hash);
  const [node] = artifact('nodes').nodes;
  expect(node).toMatchObject({ name: NODE, unschedulable: false, kubelet: expect.stringMatching(/^v1\.\d+/) });
  expect(node!.conditions).toContainEqual(expect.objectContaining({ type: 'MemoryPressure', status: 'False' }));
  expect(node!.memoryAllocatableBytes).toBeGreaterThan(2 ** 30);

  const { series, windowSeconds, asked, ageSeconds } = artifact('pod-metrics');
  const app = series.filter(({ container }) => container === 'app');
  const times = app.flatMap(({ samples }) => samples.map(([at]) => at));
  expect(new Set(times).size).toBe(times.length);
  expect(times.length).toBeGreaterThanOrEqual(2);
  expect(asked).toBeGreaterThan(times.length);
  for (const [, bytes] of app[0]!.samples) expect(bytes).toBeGreaterThan(32 * MIB);
  expect(windowSeconds).toBeGreaterThan(0);
  expect(Math.abs(ageSeconds!)).toBeLessThan(120);
  expect(problem('node-stats')).toMatchObject({ code: 'refused' });
});

onCluster('the revisions of a StatefulSet and a DaemonSet are read from their ControllerRevisions', async () => {
  const space = await namespace();
  const sets = (image: string) =>
    ['StatefulSet', 'DaemonSet'].map((kind) => ({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: kind.toLowerCase() },
      spec: {
        ...(kind === 'StatefulSet' ? { serviceName: 'none' } : {}),
        selector: { matchLabels: { app: kind } },
        template: {
          metadata: { labels: { app: kind } },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [{ name: 'app', image, command: ['python', '-c', SLEEPS] }],
          },
        },
      },
    }));
  for (const image of ['python:3.9-slim', 'python:3.12-slim']) {
    await apply(manifest(sets(image)), space);
    for (const kind of ['statefulset', 'daemonset']) await kubectl('rollout', 'status', `${kind}/${kind}`, '-n', space);
  }
  for (const kind of ['statefulset', 'daemonset']) {
    const { artifact } = await gathered(space, `${kind}/${kind}`, '--for', '0');
    const { revisions } = artifact('rollout');
    expect(revisions.map(({ changes }) => changes)).toEqual([[], ['app: image python:3.9-slim → python:3.12-slim']]);
    expect(artifact('pods').pods.map(({ revision }) => revision)).toEqual([revisions[1]!.hash]);
  }
});

onCluster("the kubelet's statistics are read where that is allowed, and then only", async () => {
  const space = await namespace();
  await runPython(space, SLEEPS, { name: 'sleeps', limit: '128Mi' });
  await untilRunning(space, 'sleeps');
  await waitUntil('statistics', async () => {
    const { series } = (await gathered(space, 'pod/sleeps', '--for', '0', '--allow', 'node-stats')).artifact(
      'node-stats',
    );
    return series.length > 0;
  });
  const { artifact } = await gathered(space, 'pod/sleeps', '--for', '15s', '--allow', 'node-stats');
  const { series } = artifact('node-stats');
  expect(series.map(({ pod, container, measure }) => `${pod} ${container} ${measure}`)).toEqual([
    'sleeps app working-set',
    'sleeps app rss',
  ]);
  for (const { samples } of series) {
    expect(samples.length).toBeGreaterThanOrEqual(1);
    for (const [, bytes] of samples) expect(bytes).toBeGreaterThan(32 * MIB);
  }
});

onCluster(
  'a Prometheus in the cluster is found, and has the lives that were before',
  async () => {
    const space = await namespace();
    await startPrometheus(space, 'my-prometheus');
    // The kubelet looks at a container every 10 to 15 s: shorter lives leave no sample.
    await runPython(space, growing(0.6), { name: 'grows', limit: '64Mi' });
    const killedTwice = async () => ((await containerStatus(space, 'grows'))?.restartCount ?? 0) >= 2;
    await waitUntil('two kills', killedTwice, 150_000, 1000);
    const { artifact } = await gathered(space, 'pod/grows', '--for', '0');
    const found = artifact('prometheus');
    expect(found.from).toBe(`service ${space}/my-prometheus:9090`);
    const of = (measure: string) => found.series.find((each) => each.container === 'app' && each.measure === measure);
    const workingSet = of('working-set')!.samples.map(([, bytes]) => bytes);
    expect(Math.max(...workingSet)).toBeGreaterThan(24 * MIB);
    expect(workingSet.some((bytes, at) => at > 0 && bytes < workingSet[at - 1]! / 2)).toBe(true);
    expect(of('limit')!.samples.every(([, bytes]) => bytes === 64 * MIB)).toBe(true);
    expect(of('rss')).toBeDefined();

    const byName = await gathered(space, 'pod/grows', '--for', '0', '--prometheus', `${space}/my-prometheus:9090`);
    expect(byName.artifact('prometheus').from).toBe(found.from);
    const url = await forwarded(space, 'my-prometheus');
    const byUrl = await gathered(space, 'pod/grows', '--for', '0', '--prometheus', url.replace('//', '//me:hunter2@'));
    expect(byUrl.artifact('prometheus').from).toBe(url);
    expect(JSON.stringify(byUrl.artifact('prometheus'))).not.toContain('hunter2');
  },
  300_000,
);
