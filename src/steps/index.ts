import type { Way } from '../core/pod-port.ts';
import type { AnyStep, KubeContext, LogsContext, ProcessContext } from '../core/step.ts';
import { endpoints } from './kube/endpoints.ts';
import { events } from './kube/events.ts';
import { inPod } from './kube/in-pod.ts';
import { inside } from './kube/inside.ts';
import { limitRanges } from './kube/limit-ranges.ts';
import { logDigest as podLogDigest } from './kube/log-digest.ts';
import { logs } from './kube/logs.ts';
import { nodeStats } from './kube/node-stats.ts';
import { nodes } from './kube/nodes.ts';
import { podMetrics } from './kube/pod-metrics.ts';
import { pods } from './kube/pods.ts';
import { podsLater } from './kube/pods-later.ts';
import { prometheus } from './kube/prometheus.ts';
import { rights } from './kube/rights.ts';
import { rollout } from './kube/rollout.ts';
import { logSource, podLogSource } from './log-source.ts';
import { logDigest } from './logs/log-digest.ts';
import { heap } from './process/heap.ts';
import { heapGrowth } from './process/heap-growth.ts';
import { memoryLimit } from './process/memory-limit.ts';
import { memorySeries } from './process/memory-series.ts';
import { ownOutput } from './process/own-output.ts';
import { processes } from './process/processes.ts';
import { source } from './process/source.ts';

/** What is gathered from a process on this machine, each step after what it needs. */
export const processSteps: readonly AnyStep<ProcessContext>[] = [
  processes,
  memoryLimit,
  memorySeries,
  heap,
  heapGrowth,
  source,
];

/** The same of a program that whyoom started, and whose output it reads. */
export const launchedSteps: readonly AnyStep<ProcessContext>[] = [...processSteps, ownOutput];

/** What is gathered from logs in files; with `hasSource` (`--source`) also the source that prints them. */
export const logsSteps = (hasSource: boolean): readonly AnyStep<LogsContext>[] =>
  hasSource ? [logDigest, logSource] : [logDigest];

/** What is gathered from a Kubernetes API. */
const apiSteps: readonly AnyStep<KubeContext>[] = [
  pods,
  events,
  limitRanges,
  nodes,
  rollout,
  podMetrics,
  nodeStats,
  prometheus,
  podsLater,
  logs,
  podLogDigest,
];

/** What is gathered in the pod itself. */
const podSteps: readonly AnyStep<KubeContext>[] = [inside, ...processSteps.map(inPod)];
/** What the programs in it tell of themselves. */
const programSteps: readonly AnyStep<KubeContext>[] = [endpoints];

/** What is gathered of a workload. Rights come last: they tell what all others asked for. */
export const kubeSteps = (
  ways: readonly Way[],
  mayProbe = false,
  hasSource = false,
): readonly AnyStep<KubeContext>[] => [
  ...apiSteps,
  ...(hasSource ? [podLogSource] : []),
  ...(ways.length > 0 ? podSteps : []),
  ...(mayProbe ? programSteps : []),
  rights,
];
