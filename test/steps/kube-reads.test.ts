import { expect, test } from 'vitest';
import type { Artifacts, Key } from '../../src/core/artifacts.ts';
import { diagnose } from '../../src/core/diagnose.ts';
import { investigate } from '../../src/core/investigate.ts';
import type { Events, Pods } from '../../src/core/kube-artifacts.ts';
import { type Outcome, ProblemError } from '../../src/core/problem.ts';
import { type AnyStep, defineKubeStep, type KubeContext } from '../../src/core/step.ts';
import { judge } from '../../src/facts/verdict.ts';
import { events } from '../../src/steps/kube/events.ts';
import { limitRanges } from '../../src/steps/kube/limit-ranges.ts';
import { nodeStats } from '../../src/steps/kube/node-stats.ts';
import { nodes } from '../../src/steps/kube/nodes.ts';
import { podMetrics } from '../../src/steps/kube/pod-metrics.ts';
import { pods as podsStep } from '../../src/steps/kube/pods.ts';
import { prometheus } from '../../src/steps/kube/prometheus.ts';
import { rollout } from '../../src/steps/kube/rollout.ts';
import { KUBE_START, type PlayedCluster, playKube, pod, podsOf, workload } from './kube-port.ts';

const MIB = 2 ** 20;

/** Runs a step after the pods were read, as the engine does. */
async function ran<K extends Key>(
  step: Omit<AnyStep<KubeContext>, 'makes'> & { readonly makes: K },
  played: PlayedCluster = {},
  pods: Pods = podsOf([pod()]),
) {
  const cluster = playKube(played);
  const first = defineKubeStep({ makes: 'pods', title: 'pods', needs: [], rung: 'api', run: async () => pods });
  const gathered = await investigate([first, step], cluster.context);
  const outcome: Outcome<Artifacts[K]> = gathered.outcomes[step.makes]!;
  const note = gathered.steps[1]!.note;
  const value = outcome.ok ? outcome.value : undefined;
  return { ...cluster, note, value: value!, problem: outcome.ok ? undefined : outcome.problem };
}

const killed: Events['events'][number] = {
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  about: { kind: 'Pod', name: 'orca-645f4b4d65-hhxmt', container: 'orca' },
  lastAtUnixSeconds: KUBE_START - 5,
  count: 3,
};
const systemOom: Events['events'][number] = {
  type: 'Warning',
  reason: 'SystemOOM',
  message: 'System OOM encountered, victim process: python',
  about: { kind: 'Node', name: 'node-1' },
  lastAtUnixSeconds: KUBE_START - 9,
  count: 1,
};
const bothPlaces = async (_: unknown, namespace?: string) => ({
  events: [namespace === 'default' ? systemOom : killed],
  unread: 0,
});

test('events are those of the pods, their owners and the workload, and of their nodes in the namespace default', async () => {
  const { value, did, note } = await ran(events, { port: { events: bothPlaces } });
  expect(value).toEqual({ events: [systemOom, killed] });
  expect(note).toBe('2, 2 of them warnings');
  const about = [
    { kind: 'Pod', name: 'orca-645f4b4d65-hhxmt' },
    { kind: 'ReplicaSet', name: 'orca-645f4b4d65' },
    { kind: 'Deployment', name: 'orca' },
  ];
  expect(did).toContain(`events ${JSON.stringify([about])}`);
  expect(did).toContain(`events ${JSON.stringify([[{ kind: 'Node', name: 'node-1' }], 'default'])}`);
});

test('where the events of nodes may not be read, the others are, and it is said', async () => {
  const { value, note } = await ran(events, { port: { events: bothPlaces }, refused: ['list events in default'] });
  expect(value).toEqual({ events: [killed], nodesMissing: 'No right to list events in default.' });
  expect(note).toBe('1, 1 of them warnings, without those of nodes');
});

test('one of the two event APIs is enough', async () => {
  const core = 'list events in app-95';
  const newer = 'list events.events.k8s.io in app-95';
  const one = await ran(events, { port: { events: bothPlaces }, refused: [core] });
  const none = await ran(events, { port: { events: bothPlaces }, refused: [core, newer] });
  expect(one.value.events).toHaveLength(2);
  expect(none.problem).toMatchObject({ code: 'denied', message: 'No right to list events in app-95.' });
});

test('events that were left out are counted', async () => {
  const { value } = await ran(events, { port: { events: async () => ({ events: [killed], unread: 7 }) } });
  expect(value.unread).toBe(14);
});

test('limit ranges are read from the namespace', async () => {
  const range = { name: 'mem', type: 'Container', defaultLimitBytes: 128 * MIB };
  const { value, note } = await ran(limitRanges, { port: { limitRanges: async () => [range] } });
  expect(value).toEqual({ ranges: [range] });
  expect(note).toBe('mem');
});

test('a workload that may not be read is told, although its pods are there', async () => {
  const played = {
    refused: ['get deployments.apps in app-95'],
    port: { workload: async () => ({ ...workload, readBy: 'owner' as const }) },
  };
  const { context } = playKube(played);
  const made = await podsStep.run(context, {}, undefined);
  expect(made.workloadMissing).toMatchObject({
    code: 'denied',
    message: 'No right to get deployments.apps in app-95.',
    hint: expect.stringContaining('whyoom preflight deploy/orca'),
  });
  const report = diagnose({ outcomes: { pods: { ok: true, value: made, ms: 0 } }, steps: [] }, [], {
    tool: 'x',
    collectedAt: '2026-11-23T06:44:43Z',
    target: { kind: 'pod', name: 'x' },
    judge,
  });
  expect(report.unknown).toContainEqual(expect.objectContaining({ needed: 'workload', problem: made.workloadMissing }));
});

test('each node of the pods is read once, that of the chosen pod first', async () => {
  const pods = podsOf([pod(), pod({ name: 'b', node: 'node-2' }), pod({ name: 'c', node: 'node-2' })], {
    chosen: { pod: 'b', container: 'orca', why: '' },
  });
  const { value } = await ran(nodes, {}, pods);
  expect(value.nodes.map(({ name }) => name)).toEqual(['node-2', 'node-1']);
});

test('a node that has gone does not take the others with it', async () => {
  const pods = podsOf([pod(), pod({ name: 'b', node: 'gone' })]);
  const node = async (name: string) => {
    if (name === 'gone') throw new ProblemError('absent', 'no such node');
    return { name, conditions: [], unschedulable: false };
  };
  const { value } = await ran(nodes, { port: { node } }, pods);
  expect(value).toMatchObject({ nodes: [{ name: 'node-1' }], unread: 1 });
});

test('without the right to read nodes, that is the problem, and nothing is asked', async () => {
  const node = async () => ({ name: 'node-1', conditions: [], unschedulable: false });
  const { problem, did } = await ran(nodes, { refused: ['get nodes'], port: { node } });
  expect(problem).toMatchObject({ code: 'denied', message: 'No right to get nodes.' });
  expect(did.filter((line) => line.startsWith('node '))).toEqual([]);
});

test('pods on no node need no right to read nodes', async () => {
  const { node: _, ...pending } = pod({ phase: 'Pending' });
  const { value } = await ran(nodes, { refused: ['get nodes'] }, podsOf([pending]));
  expect(value).toEqual({ nodes: [] });
});

test.each([
  ['Deployment', 'list replicasets.apps in app-95'],
  ['StatefulSet', 'list controllerrevisions.apps in app-95'],
  ['DaemonSet', 'list controllerrevisions.apps in app-95'],
])('the history of a %s needs the right to %s', async (kind, rule) => {
  const pods = podsOf([pod()], { workload: { ...workload, kind } });
  const { problem } = await ran(rollout, { refused: [rule] }, pods);
  expect(problem?.message).toBe(`No right to ${rule}.`);
});

test('a pod that was named itself has the history of what owns it', async () => {
  const { selector: _, ...alone } = workload;
  const pods = podsOf([pod()], { workload: { ...alone, kind: 'Pod', name: pod().name } });
  const revisions = async () => [{ revision: 1, name: 'orca-1', createdAtUnixSeconds: 1, changes: [] }];
  const { did, note } = await ran(rollout, { port: { revisions } }, pods);
  expect(did).toContain('revisions [{"kind":"ReplicaSet","name":"orca-645f4b4d65"}]');
  expect(note).toBe('1 revision');
});

test('a pod that nothing rolls out has no history, and needs no right for it', async () => {
  const { owner: _, ...lone } = pod();
  const pods = podsOf([lone], { workload: { ...workload, kind: 'Pod', name: lone.name } });
  const { value } = await ran(rollout, { refused: ['list replicasets.apps in app-95'] }, pods);
  expect(value).toEqual({ revisions: [] });
});

/** metrics-server: a new number every 15 s, which it gives 20 s later. */
const metricsAt = (seconds: number, pods = [pod().name]) => ({
  samples: pods.map((name) => ({
    pod: name,
    container: 'orca',
    atUnixSeconds: KUBE_START + 15 * Math.floor(seconds / 15) - 20,
    bytes: 50 * MIB + Math.floor(seconds / 15) * MIB,
  })),
  windowSeconds: 15,
});

test('memory is one point for each time that the metrics API gives, however often it is asked', async () => {
  const cluster: { seconds?: () => number } = {};
  const played = { watchMs: 60_000, port: { metrics: async () => metricsAt(cluster.seconds?.() ?? 0) } };
  const { context, seconds } = playKube(played);
  cluster.seconds = seconds;
  const made = await podMetrics.run(context, { pods: podsOf([pod()]) }, undefined);
  expect(made.series).toEqual([
    {
      pod: pod().name,
      container: 'orca',
      measure: 'working-set',
      samples: [0, 1, 2, 3].map((at) => [KUBE_START + 15 * at - 20, (50 + at) * MIB]),
    },
  ]);
  expect(made).toMatchObject({ asked: 20, windowSeconds: 15, ended: 'time-up' });
  expect(made.ageSeconds).toBeGreaterThanOrEqual(20);
});

test('with --for 0 the metrics API is asked once', async () => {
  const { value, did } = await ran(podMetrics, { watchMs: 0, port: { metrics: async () => metricsAt(0) } });
  expect(value.asked).toBe(1);
  expect(value.series[0]!.samples).toHaveLength(1);
  expect(did.filter((line) => line.startsWith('metrics '))).toHaveLength(1);
});

test('a metrics API that is not there ends the step at once', async () => {
  const metrics = async () => {
    throw new ProblemError('absent', 'No metrics API.');
  };
  const { problem, seconds } = await ran(podMetrics, { port: { metrics } });
  expect(problem).toMatchObject({ code: 'absent', message: 'No metrics API.' });
  expect(seconds()).toBe(0);
});

test('a metrics API that gives old numbers is asked no further', async () => {
  const samples = metricsAt(0).samples.map((sample) => ({ ...sample, atUnixSeconds: KUBE_START - 920 }));
  const old = { samples };
  const { value, seconds, note } = await ran(podMetrics, { port: { metrics: async () => old } });
  expect(value).toMatchObject({ asked: 1, ageSeconds: 920 });
  expect(seconds()).toBe(0);
  expect(note).toMatch(/^1 sample, the newest .* old$/);
});

test('a metrics API that goes in the middle leaves what was read, and how often it failed', async () => {
  let asked = 0;
  const metrics = async () => {
    if (asked++ > 0) throw new ProblemError('timeout', 'It did not answer.');
    return metricsAt(0);
  };
  const { value, note } = await ran(podMetrics, { port: { metrics } });
  expect(value).toMatchObject({ asked: 4, failed: 3, series: [{ samples: [[KUBE_START - 20, 50 * MIB]] }] });
  expect(note).toMatch(/, \d+ times without an answer$/);
});

test('a workload without pods is not asked for, and told to have none', async () => {
  const scaled = podsOf([], { workload: { ...workload, replicas: { wanted: 0, ready: 0 } } });
  const { problem } = await ran(podMetrics, { port: { metrics: () => expect.fail('asked') } }, scaled);
  expect(problem?.message).toBe('deployment.apps/orca has no pods: it is scaled to 0, so there is no memory to watch.');
});

test('a container too young for the metrics API is said to be so', async () => {
  const { problem } = await ran(podMetrics, { watchMs: 10_000, port: { metrics: async () => ({ samples: [] }) } });
  expect(problem?.message).toBe('The metrics API has no sample of these pods yet.');
});

test.each([
  ['list', workload],
  ['get', { ...workload, selector: undefined }],
])('the metrics API needs the right to %s, or the other', async (verb, named) => {
  const pods = podsOf([pod()], { workload: named as typeof workload });
  const rules = ['list', 'get'].map((each) => `${each} pods.metrics.k8s.io in app-95`);
  const port = { metrics: async () => metricsAt(0) };
  const one = await ran(podMetrics, { watchMs: 0, port, refused: rules.filter((rule) => rule.startsWith(verb)) }, pods);
  const none = await ran(podMetrics, { watchMs: 0, port, refused: rules }, pods);
  expect(one.value.series).toHaveLength(1);
  expect(none.problem?.message).toBe(`No right to ${verb} pods.metrics.k8s.io in app-95.`);
});

test('the kubelets are not asked unless that is allowed, whatever the rights are', async () => {
  const { problem, did } = await ran(nodeStats, { port: { nodeStats: async () => [] } });
  expect(problem).toMatchObject({ code: 'refused', hint: expect.stringContaining('--allow node-stats') });
  expect(did.filter((line) => line.startsWith('nodeStats'))).toEqual([]);
});

test('the kubelets are asked for the pods as long as memory is watched, with the warning', async () => {
  let at = KUBE_START;
  const series = async () => {
    at += 10;
    const samples: [number, number][] = [[at, 50 * MIB]];
    return [{ pod: pod().name, container: 'orca', measure: 'rss' as const, samples }];
  };
  const options = { mayAskNodes: true };
  const { value, did } = await ran(nodeStats, { watchMs: 20_000, options, port: { nodeStats: series } });
  expect(value.series[0]!.samples.map(([time]) => time - KUBE_START)).toEqual([10, 20, 30, 40]);
  expect(did.some((line) => line.includes('as good as exec'))).toBe(true);
  const { problem } = await ran(nodeStats, { options, refused: ['get nodes/proxy'] });
  expect(problem?.message).toBe('No right to get nodes/proxy.');
});

const history = (from: string, samples: number) => ({
  from,
  series:
    samples === 0
      ? []
      : [{ pod: 'a', container: 'orca', measure: 'rss' as const, samples: [[KUBE_START, 1]] as [number, number][] }],
  fromUnixSeconds: KUBE_START - 10,
  toUnixSeconds: KUBE_START,
  stepSeconds: 180,
});
const service = { namespace: 'monitoring', service: 'prometheus-server', port: '80' };

test('a Prometheus that was given by its URL is asked without any right', async () => {
  const options = { prometheus: 'http://me:secret@localhost:9090' };
  const port = { history: async () => history('http://localhost:9090', 1) };
  const { value, did } = await ran(prometheus, { options, port, refused: ['list services'] });
  expect(value.from).toBe('http://localhost:9090');
  expect(did.join()).toContain('"by":"url"');
});

test('a Prometheus that was given as a service needs the right to that service alone', async () => {
  const options = { prometheus: 'monitoring/prometheus-server:80' };
  const port = { history: async () => history('service monitoring/prometheus-server:80', 1) };
  const refused = 'get services/proxy in monitoring';
  const allowed = await ran(prometheus, { options, port, refused: ['list services'] });
  const denied = await ran(prometheus, { options, port, refused: [refused] });
  expect(allowed.value.series).toHaveLength(1);
  expect(allowed.did.join()).toContain(JSON.stringify({ by: 'service', ...service }));
  expect(denied.problem?.message).toBe(`No right to ${refused}.`);
});

test.each(['localhost:9090', 'prometheus', 'a/b', 'ftp://x', 'a/b:c/../d', 'http://'])(
  '--prometheus %s is refused with an example',
  async (given) => {
    const { problem } = await ran(prometheus, { options: { prometheus: given } });
    expect(problem).toMatchObject({ code: 'unsupported', hint: expect.stringContaining('--prometheus http') });
  },
);

test('of the services that look like a Prometheus, the first that knows the pods is taken', async () => {
  const other = { ...service, service: 'prometheus-operated' };
  const port = {
    prometheusServices: async () => [service, other],
    history: async (place: object) => history('it', 'service' in place && place.service === other.service ? 1 : 0),
  };
  const { value, did } = await ran(prometheus, { port });
  expect(value.series).toHaveLength(1);
  expect(did.filter((line) => line.startsWith('history'))).toHaveLength(2);
});

test('a Prometheus that may not be asked is named, with what prints the Role', async () => {
  const port = { prometheusServices: async () => [service] };
  const { problem } = await ran(prometheus, { port, refused: ['get services/proxy in monitoring'] });
  expect(problem?.message).toContain('get services/proxy in monitoring');
  expect(problem?.hint).toContain('--prometheus monitoring/prometheus-server:80');
});

test('without the right to list all services, those of the namespace are looked at', async () => {
  const port = { prometheusServices: async () => [] };
  const { problem, did } = await ran(prometheus, { port, refused: ['list services'] });
  expect(problem?.message).toBe('No service in app-95 looks like a Prometheus.');
  expect(did).toContain('prometheusServices ["app-95"]');
});

test('a Prometheus that knows nothing of the pods is said to know nothing', async () => {
  const port = { prometheusServices: async () => [service], history: async () => history('it', 0) };
  const { problem } = await ran(prometheus, { port });
  expect(problem?.message).toBe("Prometheus (monitoring/prometheus-server:80) has no samples of these pods' memory.");
});
