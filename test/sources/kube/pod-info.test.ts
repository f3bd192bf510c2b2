import fc from 'fast-check';
import { expect, test } from 'vitest';
import { artifactSchemas } from '../../../src/core/artifacts.ts';
import { podIn } from '../../../src/sources/kube/pod-info.ts';

const T = '2026-11-23T06:00:00Z';
const AT = Date.parse(T) / 1000;
const POD = {
  metadata: {
    name: 'orca-7d4b9c-1',
    uid: 'u',
    creationTimestamp: T,
    labels: { 'pod-template-hash': '7d4b9c' },
    annotations: { 'kubectl.kubernetes.io/default-container': 'app' },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Thing', name: 'x' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'orca-7d4b9c', controller: true },
    ],
  },
  spec: {
    nodeName: 'n1',
    resources: { limits: { memory: '1Gi' } },
    containers: [
      {
        name: 'app',
        image: 'me:hunter2@shop/orca:1',
        command: ['python', '--password=hunter2'],
        env: [{ name: 'TOKEN', value: 'hunter2' }],
        resources: { limits: { memory: '128Mi' }, requests: { memory: '64Mi' } },
        livenessProbe: { httpGet: {} },
        ports: [
          { containerPort: 8000 },
          { containerPort: 53, protocol: 'UDP' },
          { containerPort: 9000, protocol: 'TCP' },
        ],
      },
    ],
    initContainers: [
      { name: 'setup', image: 'i' },
      { name: 'proxy', image: 'p', restartPolicy: 'Always' },
    ],
    ephemeralContainers: [{ name: 'debug', image: 'd' }],
  },
  status: {
    phase: 'Running',
    qosClass: 'Burstable',
    startTime: T,
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: T }],
    containerStatuses: [
      {
        name: 'app',
        ready: true,
        restartCount: 3,
        resources: { limits: { memory: '256Mi' } },
        allocatedResources: { memory: '64Mi' },
        state: { running: { startedAt: T } },
        lastState: {
          terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: T, finishedAt: T, message: 'password=hunter2' },
        },
      },
    ],
    initContainerStatuses: [
      { name: 'proxy', state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling' } } },
      { name: 'setup', state: { terminated: { exitCode: 0, signal: 0 } } },
    ],
  },
};

test('what the API tells of a pod is kept, without its environment, command and secrets', () => {
  const pod = podIn(POD);
  expect(pod).toEqual({
    name: 'orca-7d4b9c-1',
    uid: 'u',
    phase: 'Running',
    createdAtUnixSeconds: AT,
    startedAtUnixSeconds: AT,
    node: 'n1',
    qosClass: 'Burstable',
    revision: '7d4b9c',
    owner: 'ReplicaSet/orca-7d4b9c',
    defaultContainer: 'app',
    podLevel: { limitBytes: 2 ** 30 },
    conditions: [{ type: 'Ready', status: 'True', atUnixSeconds: AT }],
    containers: [
      {
        name: 'app',
        kind: 'main',
        image: '[hidden]@shop/orca:1',
        ready: true,
        restarts: 3,
        state: { is: 'running', startedAtUnixSeconds: AT },
        lastState: {
          is: 'terminated',
          reason: 'OOMKilled',
          exitCode: 137,
          startedAtUnixSeconds: AT,
          finishedAtUnixSeconds: AT,
          message: expect.stringMatching(/^password=\[/),
        },
        spec: { requestBytes: 64 * 2 ** 20, limitBytes: 128 * 2 ** 20 },
        inForce: { requestBytes: 64 * 2 ** 20, limitBytes: 256 * 2 ** 20 },
        hasLivenessProbe: true,
        hasStartupProbe: false,
        ports: [8000, 9000],
      },
      expect.objectContaining({ name: 'setup', kind: 'init', state: { is: 'terminated', exitCode: 0 } }),
      expect.objectContaining({
        name: 'proxy',
        kind: 'sidecar',
        state: { is: 'waiting', reason: 'ImagePullBackOff', message: 'Back-off pulling' },
      }),
      expect.objectContaining({ name: 'debug', kind: 'ephemeral', state: { is: 'unknown' } }),
    ],
  });
  expect(JSON.stringify(pod)).not.toContain('hunter2');
});

test('what has no name, or was never made, is no pod', () => {
  for (const value of [
    null,
    [],
    'x',
    {},
    { metadata: { name: 'x' } },
    { metadata: { name: '', creationTimestamp: T } },
  ]) {
    expect(podIn(value)).toBeUndefined();
  }
});

/** Any part of a pod replaced by anything. */
const broken = fc.clone(fc.jsonValue({ maxDepth: 2 }), 4).chain((values) =>
  fc.array(fc.nat(200), { minLength: 4, maxLength: 4 }).map((places) => {
    const pod = structuredClone(POD);
    const slots: [Record<string, unknown>, string][] = [];
    const walk = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, child] of Object.entries(value)) {
        slots.push([value as Record<string, unknown>, key]);
        walk(child);
      }
    };
    walk(pod);
    for (const [n, place] of places.entries()) {
      const [object, key] = slots[place % slots.length]!;
      object[key] = values[n];
    }
    return pod;
  }),
);

test('whatever an API says of a pod, what is kept fits a case', () => {
  fc.assert(
    fc.property(broken, (value) => {
      const pod = podIn(value);
      if (!pod) return;
      const pods = {
        workload: { reference: 'r', name: 'n', namespace: 's' },
        pods: [pod],
        atUnixSeconds: 1,
        clockAheadSeconds: 0,
      };
      expect(artifactSchemas.pods.safeParse(JSON.parse(JSON.stringify(pods))).error?.issues ?? []).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('of a container that could not be started, the epoch for its start is none', () => {
  const terminated = { exitCode: 128, reason: 'StartError', startedAt: '1970-01-01T00:00:00Z', finishedAt: T };
  const pod = podIn({ ...POD, status: { containerStatuses: [{ name: 'app', lastState: { terminated } }] } });
  expect(pod!.containers[0]!.lastState).toEqual({
    is: 'terminated',
    exitCode: 128,
    reason: 'StartError',
    finishedAtUnixSeconds: AT,
  });
});

test('of its volumes, those in memory that a container mounts are told, with their size limit', () => {
  const emptyDir = { medium: 'Memory', sizeLimit: '64Mi' };
  const volumes = [
    { name: 'scratch', emptyDir },
    { name: 'shm', emptyDir: { medium: 'Memory' } },
    { name: 'disk', emptyDir: {} },
  ];
  const containers = [
    { name: 'app', volumeMounts: [{ name: 'scratch' }, { name: 'disk' }, { name: 'nowhere' }] },
    { name: 'other', volumeMounts: [{ name: 'disk' }] },
  ];
  const pod = podIn({ ...POD, spec: { containers, volumes }, status: {} });
  expect(pod!.containers.map(({ memoryVolumes }) => memoryVolumes)).toEqual([
    [{ name: 'scratch', sizeLimitBytes: 2 ** 26 }],
    undefined,
  ]);
});
