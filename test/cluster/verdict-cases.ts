import type { CauseId, Verdict } from '../../src/core/report.ts';

/** A workload on the real cluster, when it is to be looked at, and what must be said of it. */
export interface VerdictCase {
  readonly target: string;
  readonly objects: readonly object[];
  /** The status of one of its pods that is waited for. */
  readonly ready: (pod: PodStatus) => boolean;
  readonly watchFor: string;
  readonly verdict: Verdict;
  readonly headline: RegExp;
  readonly causes: readonly CauseId[];
  /** What the kubelet wrote where this could not be provoked: merged into the status of the pod. */
  readonly recorded?: object;
}

export interface PodStatus {
  readonly phase: string;
  readonly reason?: string | undefined;
  readonly conditions?: readonly { type: string; status: string }[] | undefined;
  readonly containers: readonly { name: string; restarts: number; isRunning: boolean; hasEnded: boolean }[];
}

const idle = 'import time\nx = b"x" * (20 * 2**20)\nwhile True:\n    time.sleep(0.5)\n';
/** Takes so many MiB a second and keeps them. The bytes are written: memory that nobody wrote to is not there. */
const grows = (mib: number) =>
  `import time\nkept = []\nwhile True:\n    kept.append(b"x" * int(${mib / 4} * 2**20))\n    time.sleep(0.25)\n`;
/** One burst in a quarter of an hour: the first, after 20 s, is the first life's; a later one knows that it was. */
const BURSTS =
  'import os, time\nwait = 900 if os.path.exists("/marks/burst") else 20\nopen("/marks/burst", "w").close()\ntime.sleep(wait)\nb"x" * (200 * 2**20)\ntime.sleep(900)\n';
const FILLS_A_VOLUME =
  'import time\nopen("/marks/file", "wb").write(b"x" * (20 * 2**20))\nwhile True:\n    time.sleep(0.5)\n';
/** Only the second of three grows. */
const ONE_OF_THREE = `import os\nif os.uname().nodename.endswith("-1"):\n${grows(1).replace(/^/gm, '    ')}\n${idle}`;

const container = (program: string, limit: string | undefined, about: object = {}) => ({
  name: 'app',
  image: 'python:3.12-slim',
  command: ['python3', '-u', '-c', program],
  resources: limit === undefined ? {} : { limits: { memory: limit }, requests: { memory: '16Mi' } },
  ...about,
});
const spec = (containers: readonly object[], about: object = {}) => ({
  terminationGracePeriodSeconds: 1,
  containers,
  ...about,
});
const pod = (name: string, containers: readonly object[], about: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: spec(containers, about),
});

const marks = (about: object = {}) => ({ volumes: [{ name: 'marks', emptyDir: about }] });
const MARKS = { volumeMounts: [{ name: 'marks', mountPath: '/marks' }] };

const running: VerdictCase['ready'] = ({ containers }) => containers.some(({ isRunning }) => isRunning);
const restarted =
  (times: number): VerdictCase['ready'] =>
  ({ containers }) =>
    containers.some(({ restarts }) => restarts >= times);

/** Four numbers of the metrics API, and half a minute between them; it has the first some time after the start. */
export const LONG = '120s';
const SHORT = '10s';
const KILLED = String.raw`OOM killed (?:at least \w+(?: times)?, last )?at \d\d:\d\d:\d\d UTC, .*after a life of (?:less than a second|\d+(?:\.\d)? s)`;

export const VERDICT_CASES: Readonly<Record<string, VerdictCase>> = {
  healthy: {
    target: 'pod/healthy',
    objects: [pod('healthy', [container(idle, '128Mi')])],
    ready: running,
    watchFor: LONG,
    verdict: 'healthy',
    headline: /^Nothing grows: memory stays at \d+(?:\.\d)? of 128 MiB over .* nothing was restarted\./,
    causes: [],
  },
  'a leak with a limit': {
    target: 'pod/leak',
    objects: [pod('leak', [container(grows(4), '96Mi')])],
    ready: restarted(1),
    watchFor: SHORT,
    verdict: 'oom-risk',
    headline: new RegExp(`^${KILLED}.*\\bgrows (?:about )?[\\d.]+ MiB/s.*next kill in \\d+`),
    causes: [],
  },
  'a leak without a limit': {
    target: 'pod/no-limit',
    objects: [pod('no-limit', [container(grows(1), undefined)])],
    ready: running,
    watchFor: LONG,
    verdict: 'oom-risk',
    headline:
      /^Memory grows [\d.]+ [KM]iB\/s, at \d+(?:\.\d)? MiB\. It has no limit: it grows until its node runs out\./,
    causes: [],
  },
  'a limit too low at the start': {
    target: 'pod/low-limit',
    objects: [pod('low-limit', [container('x = b"x" * (100 * 2**20)', '32Mi')])],
    ready: restarted(2),
    watchFor: SHORT,
    verdict: 'oom-risk',
    headline: new RegExp(`^${KILLED}.*: what it loads at its start does not fit 32 MiB\\.`),
    causes: ['limit-too-low'],
  },
  'one burst': {
    target: 'pod/burst',
    objects: [pod('burst', [container(BURSTS, '64Mi', MARKS)], marks())],
    ready: restarted(1),
    watchFor: LONG,
    verdict: 'oom-risk',
    headline: new RegExp(`^${KILLED}: since then memory stands at .* of 64 MiB and does not grow, so one burst`),
    causes: ['memory-spike'],
  },
  'a sidecar that is OOM killed': {
    target: 'pod/sidecar',
    objects: [
      pod('sidecar', [container(idle, '128Mi')], {
        initContainers: [container(grows(16), '64Mi', { name: 'proxy', restartPolicy: 'Always' })],
      }),
    ],
    ready: ({ containers }) => containers.some(({ name, restarts }) => name === 'proxy' && restarts >= 1),
    watchFor: SHORT,
    verdict: 'oom-risk',
    headline: /^The sidecar "proxy", not "app", was OOM killed at /,
    causes: ['other-container'],
  },
  'exit code 137 by a failing liveness probe': {
    target: 'pod/probe',
    objects: [
      pod('probe', [
        container(idle, '128Mi', {
          livenessProbe: {
            exec: { command: ['false'] },
            initialDelaySeconds: 3,
            periodSeconds: 2,
            failureThreshold: 1,
          },
        }),
      ]),
    ],
    ready: restarted(1),
    watchFor: SHORT,
    verdict: 'undecided',
    headline: /^Not an OOM kill: it was killed because its liveness probe failed at /,
    causes: ['killed-not-oom'],
  },
  'a crash loop by an exception': {
    target: 'pod/exception',
    objects: [pod('exception', [container('raise KeyError("DB_HOST")', '128Mi')])],
    ready: restarted(2),
    watchFor: SHORT,
    verdict: 'undecided',
    headline: /^Not an OOM kill: it ended by an exception \(KeyError: 'DB_HOST'\) at /,
    causes: ['killed-not-oom'],
  },
  'an eviction for files': {
    target: 'pod/evicted-files',
    objects: [pod('evicted-files', [container(FILLS_A_VOLUME, '128Mi', MARKS)], marks({ sizeLimit: '1Mi' }))],
    ready: ({ reason }) => reason === 'Evicted',
    watchFor: SHORT,
    verdict: 'undecided',
    headline:
      /^Evicted, but not for memory as far as the kubelet says: Usage of EmptyDir volume "marks" exceeds the limit "1Mi"\./,
    causes: ['node-pressure'],
  },
  'an eviction for memory (recorded: it would hit every pod of the node)': {
    target: 'pod/evicted-memory',
    objects: [pod('evicted-memory', [container(idle, '128Mi')], { nodeSelector: { 'no-node': 'has-this' } })],
    ready: ({ conditions }) =>
      (conditions ?? []).some(({ type, status }) => type === 'PodScheduled' && status === 'False'),
    // As kubelet 1.34 writes it (pkg/kubelet/eviction/helpers.go).
    recorded: {
      phase: 'Failed',
      reason: 'Evicted',
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 84604Ki. Container app was using 512Mi, request is 16Mi, has larger consumption of memory. ',
      conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }],
    },
    watchFor: SHORT,
    verdict: 'oom-risk',
    headline: /^Evicted, for the node ran low on memory/,
    causes: ['node-pressure'],
  },
  'a Job that was OOM killed and is over': {
    target: 'job/once',
    objects: [
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'once' },
        spec: {
          backoffLimit: 0,
          template: {
            metadata: { labels: { app: 'once' } },
            spec: spec([container(grows(6), '96Mi')], { restartPolicy: 'Never' }),
          },
        },
      },
    ],
    ready: ({ containers }) => containers.some(({ hasEnded }) => hasEnded),
    watchFor: SHORT,
    verdict: 'oom-risk',
    headline: new RegExp(`^${KILLED}\\. The pod has ended and is not started again\\.`),
    causes: [],
  },
  'three pods of which one leaks': {
    target: 'statefulset/three',
    objects: [
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'three' },
        spec: {
          replicas: 3,
          serviceName: 'three',
          podManagementPolicy: 'Parallel',
          selector: { matchLabels: { app: 'three' } },
          template: { metadata: { labels: { app: 'three' } }, spec: spec([container(ONE_OF_THREE, '256Mi')]) },
        },
      },
    ],
    ready: running,
    watchFor: LONG,
    verdict: 'oom-risk',
    headline:
      /^(?:Not this pod, but three-1 grows|Memory grows) .*1 of 3 pods grows, and no other grows: look at its node and its traffic\./,
    causes: [],
  },
  'a pod that no node takes': {
    target: 'pod/pending',
    objects: [pod('pending', [container(idle, undefined, { resources: { requests: { memory: '900Gi' } } })])],
    ready: ({ conditions }) =>
      (conditions ?? []).some(({ type, status }) => type === 'PodScheduled' && status === 'False'),
    watchFor: SHORT,
    verdict: 'undecided',
    headline:
      /^Nothing has run yet: no node takes the pod \(0\/1 nodes are available: 1 Insufficient memory\..*ask for less memory/,
    causes: [],
  },
};
