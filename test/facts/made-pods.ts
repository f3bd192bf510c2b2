import { diagnose } from '../../src/core/diagnose.ts';
import type {
  ContainerInfo,
  Events,
  KubeArtifacts,
  PodInfo,
  PodMetrics,
  Pods,
  Terminated,
} from '../../src/core/kube-artifacts.ts';
import type { Report } from '../../src/core/report.ts';
import { detectors } from '../../src/detectors/index.ts';
import { judge } from '../../src/facts/verdict.ts';
import { type Given, gathered, MIB } from './made.ts';

/** Pods, as short as a test can say them. What is not said is that of one quiet pod with a limit of 128 MiB. */

/** When the pods were read: 2026-11-18T11:06:40Z. */
export const NOW = 1_795_000_000;
export const clock = (secondsAgo: number): string => new Date((NOW - secondsAgo) * 1000).toISOString().slice(11, 19);

export const container = (about: Partial<ContainerInfo> = {}): ContainerInfo => ({
  name: 'app',
  kind: 'main',
  image: 'python:3.9-slim',
  ready: true,
  restarts: 0,
  state: { is: 'running', startedAtUnixSeconds: NOW - 3600 },
  spec: { requestBytes: 64 * MIB, limitBytes: 128 * MIB },
  hasLivenessProbe: false,
  hasStartupProbe: false,
  ...about,
});

/** A life that ended so long ago, after so many seconds. */
export const ended = (secondsAgo: number, lasted: number, about: Partial<Terminated> = {}): Terminated => ({
  is: 'terminated',
  reason: 'OOMKilled',
  exitCode: 137,
  startedAtUnixSeconds: NOW - secondsAgo - lasted,
  finishedAtUnixSeconds: NOW - secondsAgo,
  ...about,
});

/** Running for so many seconds. */
export const running = (seconds: number): ContainerInfo['state'] => ({
  is: 'running',
  startedAtUnixSeconds: NOW - seconds,
});

export const pod = (containers: readonly Partial<ContainerInfo>[] = [{}], about: Partial<PodInfo> = {}): PodInfo => ({
  name: 'orca-1',
  uid: about.name ?? 'orca-1',
  phase: 'Running',
  createdAtUnixSeconds: NOW - 3700,
  startedAtUnixSeconds: NOW - 3700,
  node: 'node-1',
  qosClass: 'Burstable',
  revision: '645f4b4d65',
  owner: 'ReplicaSet/orca-645f4b4d65',
  conditions: [],
  containers: containers.map(container),
  ...about,
});

export const podsOf = (pods: readonly PodInfo[], about: Partial<Pods> = {}): Pods => ({
  context: 'prod',
  workload: {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    reference: 'deployment.apps/orca',
    name: 'orca',
    namespace: 'app-95',
    replicas: { wanted: pods.length, ready: pods.length },
  },
  pods: [...pods],
  ...(pods[0]
    ? {
        chosen: {
          pod: pods[0].name,
          container: pods[0].containers[0]?.name ?? 'app',
          why: 'the only pod; its only container',
        },
      }
    : {}),
  atUnixSeconds: NOW,
  clockAheadSeconds: 0.2,
  ...about,
});

/** The working set of a container at moments before now, in seconds and MiB. */
export const used = (
  points: readonly (readonly [secondsAgo: number, mib: number])[],
  about: Partial<PodMetrics['series'][number]> = {},
): PodMetrics['series'][number] => ({
  pod: 'orca-1',
  container: 'app',
  measure: 'working-set',
  samples: points.map(([secondsAgo, mib]) => [NOW - secondsAgo, Math.round(mib * MIB)]),
  ...about,
});

export const metrics = (...series: PodMetrics['series']): PodMetrics => ({
  series,
  asked: 20,
  ageSeconds: 4,
  windowSeconds: 15,
  ended: 'time-up',
});

/** Every ten seconds, up to now, so many times. */
export const every10 = (count: number, mibAt: (seconds: number) => number): [number, number][] =>
  Array.from({ length: count }, (_, at) => [(count - 1 - at) * 10, mibAt(at * 10)]);

type Event = Events['events'][number];
export const event = (about: Partial<Event> & Pick<Event, 'reason' | 'message'>): Event => ({
  type: 'Warning',
  about: { kind: 'Pod', name: 'orca-1', container: 'app' },
  source: 'kubelet',
  lastAtUnixSeconds: NOW - 30,
  count: 1,
  ...about,
});

export const NO_EVENTS: Events = { events: [] };
export const eventsOf = (...events: Event[]): Events => ({ events });

/** The report on pods; events could be read, unless they are given. */
export function podReport(given: Given): Report {
  return diagnose(gathered({ events: NO_EVENTS, ...given }), detectors, {
    tool: '0.1.0',
    collectedAt: new Date(NOW * 1000).toISOString(),
    target: { kind: 'pod', name: 'app-95/orca-1', container: 'app', workload: 'deployment.apps/orca' },
    judge,
  });
}

/** The report on one pod with these containers, and whatever else was gathered. */
export const reportOnPod = (
  containers: readonly Partial<ContainerInfo>[],
  given: Partial<KubeArtifacts> = {},
): Report => podReport({ pods: podsOf([pod(containers)]), ...given });
