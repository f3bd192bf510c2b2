import { z } from 'zod';
import { type Endpoints, endpoints } from './endpoints-artifact.ts';
import { WAYS } from './pod-port.ts';
import { PROBLEM_CODES } from './problem.ts';

/**
 * What is gathered from a Kubernetes API, as plain data. Texts from the cluster (names, reasons, messages) are kept short by
 * whoever reads them; a case may come from anywhere, so the lists have limits here too.
 */
const MOST = {
  pods: 10_000,
  containers: 1000,
  conditions: 100,
  events: 5000,
  nodes: 1000,
  revisions: 1000,
  samples: 400_000,
  logs: 2000,
  rules: 1000,
  /** The largest of `--log-bytes` and what redaction may add. */
  logCharacters: 128 * 2 ** 20,
} as const;

const bytes = z
  .number()
  .min(0)
  .max(2 ** 64);
const unixSeconds = z.number().min(0).max(253_402_300_799);
const count = z.number().int().nonnegative();
const text = z.string().max(64 * 1024);
const point = z.tuple([unixSeconds, bytes]);

/** Memory in bytes, as requests and limits name it. */
const resources = z.object({ requestBytes: bytes.optional(), limitBytes: bytes.optional() });
export type MemoryResources = z.infer<typeof resources>;

/** Kubelet's word for a container in which the kernel killed for lack of memory; the exit code may be any. */
export const OOM_KILLED = 'OOMKilled';
/** 128 + SIGKILL, as the container runtime tells it. */
export const SIGKILL_EXIT_CODE = 137;

const terminated = z.object({
  is: z.literal('terminated'),
  reason: text.optional(),
  exitCode: z.number().int(),
  signal: z.number().int().optional(),
  startedAtUnixSeconds: unixSeconds.optional(),
  finishedAtUnixSeconds: unixSeconds.optional(),
  message: text.optional(),
});
export type Terminated = z.infer<typeof terminated>;

const containerState = z.discriminatedUnion('is', [
  z.object({ is: z.literal('waiting'), reason: text.optional(), message: text.optional() }),
  z.object({ is: z.literal('running'), startedAtUnixSeconds: unixSeconds.optional() }),
  terminated,
  /** No status yet: the pod is Pending, or its node has not told. */
  z.object({ is: z.literal('unknown') }),
]);
export type ContainerState = z.infer<typeof containerState>;

const container = z.object({
  name: z.string(),
  /** `sidecar`: an init container with `restartPolicy: Always`. */
  kind: z.enum(['main', 'init', 'sidecar', 'ephemeral']),
  image: z.string(),
  ready: z.boolean(),
  restarts: count,
  state: containerState,
  /** How the life before this one ended. The API keeps no more than one. */
  lastState: terminated.optional(),
  /** As the spec asks. */
  spec: resources,
  /** As the node applies it (`status.containerStatuses[].resources`): after an in-place resize it is this that counts. */
  inForce: resources.optional(),
  hasLivenessProbe: z.boolean(),
  hasStartupProbe: z.boolean(),
  /** Of TCP, as the spec declares them. */
  ports: z.array(count).max(100).optional(),
  /** The emptyDirs of medium Memory that it mounts: their files count as its memory, and stay when it is started again. */
  memoryVolumes: z
    .array(z.object({ name: z.string(), sizeLimitBytes: bytes.optional() }))
    .max(100)
    .optional(),
});
export type ContainerInfo = z.infer<typeof container>;

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: text.optional(),
  message: text.optional(),
  atUnixSeconds: unixSeconds.optional(),
});
export type Condition = z.infer<typeof condition>;

const pod = z.object({
  name: z.string(),
  uid: z.string(),
  phase: z.string(),
  /** Of the pod as a whole: `Evicted`, `NodeLost`, `Preempting`, … */
  reason: text.optional(),
  message: text.optional(),
  createdAtUnixSeconds: unixSeconds,
  startedAtUnixSeconds: unixSeconds.optional(),
  /** Set once it is being deleted. */
  deletingAtUnixSeconds: unixSeconds.optional(),
  node: z.string().optional(),
  qosClass: z.string().optional(),
  /** `pod-template-hash`, or `controller-revision-hash`: which revision of the workload it belongs to. */
  revision: z.string().optional(),
  /** `ReplicaSet/orca-645f4b4d65`: its controller. */
  owner: z.string().optional(),
  /** Its annotation `kubectl.kubernetes.io/default-container`. */
  defaultContainer: z.string().optional(),
  conditions: z.array(condition).max(MOST.conditions),
  /** Limits of the pod as a whole (`spec.resources`, Kubernetes 1.34). */
  podLevel: resources.optional(),
  containers: z.array(container).max(MOST.containers),
});
export type PodInfo = z.infer<typeof pod>;

const workload = z.object({
  /** `Deployment`, `Pod`, `Rollout`, …; absent where only a selector was given. */
  kind: z.string().optional(),
  /** `apps/v1` */
  apiVersion: z.string().optional(),
  /** As kubectl writes it: `deployment.apps/orca`. */
  reference: z.string(),
  name: z.string(),
  namespace: z.string(),
  /** The workload itself was not read: it is known as the owner of its pods. */
  readBy: z.literal('owner').optional(),
  /** The workload's own; absent for one pod, and for what owns pods by other means. */
  selector: z.string().optional(),
  replicas: z.object({ wanted: count.optional(), ready: count.optional() }).optional(),
  createdAtUnixSeconds: unixSeconds.optional(),
});
export type Workload = z.infer<typeof workload>;

const pods = z.object({
  /** Name of the context in the kubeconfig; absent in a cluster. */
  context: z.string().optional(),
  workload,
  /** As they were at first. */
  pods: z.array(pod).max(MOST.pods),
  /** Pods that the selector matches and that were not read, where there are too many. */
  unread: count.optional(),
  /** The pod and container that are diagnosed, and why these. Absent: there is none. */
  chosen: z.object({ pod: z.string(), container: z.string(), why: text }).optional(),
  /** Why the workload itself was not read, where its pods were found without it. */
  workloadMissing: z.object({ code: z.enum(PROBLEM_CODES), message: text, hint: text.optional() }).optional(),
  /** When the pods were read, by the API server's clock, and by how much that is ahead of this machine's. */
  atUnixSeconds: unixSeconds,
  clockAheadSeconds: z.number(),
});
export type Pods = z.infer<typeof pods>;

const podsLater = z.object({
  /** The pods again, at the end of the watch; none where nothing was watched (`--for 0`). Those that are gone are not here. */
  pods: z.array(pod).max(MOST.pods),
  atUnixSeconds: unixSeconds,
});
export type PodsLater = z.infer<typeof podsLater>;

const accessRule = z.object({
  verb: z.string(),
  /** `` for the core group. */
  group: z.string(),
  /** `pods`, `pods/log` */
  resource: z.string(),
  /** Absent: a thing of the whole cluster, such as a node. */
  namespace: z.string().optional(),
});
export type AccessRule = z.infer<typeof accessRule>;

const rights = z.object({
  answers: z
    .array(
      z.object({
        rule: accessRule,
        /** `unknown`: the API server would not say. */
        allowed: z.enum(['yes', 'no', 'unknown']),
        reason: text.optional(),
      }),
    )
    .max(MOST.rules),
});
export type Rights = z.infer<typeof rights>;

const events = z.object({
  events: z
    .array(
      z.object({
        /** `Warning` or `Normal`. */
        type: z.string(),
        reason: z.string(),
        message: text,
        about: z.object({ kind: z.string(), name: z.string(), container: z.string().optional() }),
        source: z.string().optional(),
        firstAtUnixSeconds: unixSeconds.optional(),
        lastAtUnixSeconds: unixSeconds,
        count: z.number().int().positive(),
      }),
    )
    .max(MOST.events),
  /** Events that were left out, where there are too many. */
  unread: count.optional(),
  /** Why there are none of the nodes. */
  nodesMissing: text.optional(),
});
export type Events = z.infer<typeof events>;

const limitRanges = z.object({
  ranges: z
    .array(
      z.object({
        name: z.string(),
        type: z.string(),
        defaultLimitBytes: bytes.optional(),
        defaultRequestBytes: bytes.optional(),
        maxBytes: bytes.optional(),
        minBytes: bytes.optional(),
      }),
    )
    .max(1000),
});
export type LimitRanges = z.infer<typeof limitRanges>;

const nodes = z.object({
  nodes: z
    .array(
      z.object({
        name: z.string(),
        conditions: z.array(condition).max(MOST.conditions),
        memoryCapacityBytes: bytes.optional(),
        memoryAllocatableBytes: bytes.optional(),
        unschedulable: z.boolean(),
        kubelet: z.string().optional(),
      }),
    )
    .max(MOST.nodes),
  /** Nodes that were not read, where the pods are on too many. */
  unread: count.optional(),
});
export type Nodes = z.infer<typeof nodes>;

const rollout = z.object({
  /** Oldest first. */
  revisions: z
    .array(
      z.object({
        revision: count,
        /** ReplicaSet or ControllerRevision. */
        name: z.string(),
        /** The value of `pod-template-hash` or `controller-revision-hash`. */
        hash: z.string().optional(),
        createdAtUnixSeconds: unixSeconds,
        replicas: count.optional(),
        /** Against the revision before it, one short sentence each, without values that may be secret. */
        changes: z.array(text).max(100),
      }),
    )
    .max(MOST.revisions),
});
export type Rollout = z.infer<typeof rollout>;

/** The memory of containers by time, from one source. */
const containerSamples = z.array(
  z.object({
    pod: z.string(),
    container: z.string(),
    measure: z.enum(['working-set', 'rss', 'cache', 'limit', 'restarts']),
    samples: z.array(point).max(MOST.samples),
  }),
);
const podMetrics = z.object({
  /** By the timestamp that the metrics API gives, one point each, however often it was asked. */
  series: containerSamples.max(MOST.pods),
  /** How often it was asked, how often that failed, and the newest sample's age when asked last. */
  asked: count,
  failed: count.optional(),
  ageSeconds: z.number().optional(),
  /** The time over which metrics-server averaged (its `window`), in seconds. */
  windowSeconds: z.number().optional(),
  ended: z.enum(['decided', 'time-up', 'interrupted', 'process-exited']),
});
export type PodMetrics = z.infer<typeof podMetrics>;

const nodeStats = z.object({ series: containerSamples.max(MOST.pods) });
export type NodeStats = z.infer<typeof nodeStats>;

const prometheus = z.object({
  /** Where it was found: the URL as given, without login, or `service monitoring/prometheus:9090`. */
  from: z.string(),
  /** Of the pods there are, and of earlier ones of the same workload. */
  series: containerSamples.max(MOST.pods),
  fromUnixSeconds: unixSeconds,
  toUnixSeconds: unixSeconds,
  /** Between the samples of days; the newest ones are as they were scraped. */
  stepSeconds: z.number(),
  /** Series that were left out, where there are too many. */
  unread: count.optional(),
});
export type PrometheusHistory = z.infer<typeof prometheus>;

const logs = z.object({
  logs: z
    .array(
      z.object({
        pod: z.string(),
        container: z.string(),
        /** Of the life before this one (`kubectl logs --previous`). */
        previous: z.boolean(),
        /** Redacted; each line begins with the API's own timestamp. */
        text: z.string().max(MOST.logCharacters),
        lines: count,
        /** Oldest lines that were left out, in bytes, where known at least; absent: nothing was. */
        cutBytes: z.number().nonnegative().optional(),
        /** How many secrets were taken out. */
        redacted: count,
        /** Why it could not be read to its end, or at all. */
        problem: text.optional(),
      }),
    )
    .max(MOST.logs),
  /** Logs that were not asked for, where there are too many. */
  unread: count.optional(),
});
export type Logs = z.infer<typeof logs>;

const inside = z.object({
  /** The container whose processes were looked at, and how whyoom came to them. */
  pod: z.string(),
  container: z.string(),
  way: z.enum(WAYS),
  /** The first process of the container, as it is numbered there. */
  rootPid: z.number().int(),
  /** The interpreter that ran the reader. */
  python: z.string(),
  /** Limit less what cannot be reclaimed, as the reader saw it at first; absent: no limit. */
  headroomBytes: bytes.optional(),
  /** Ways that were tried before, and why they did not lead there. */
  refused: z.array(z.object({ way: z.enum(WAYS), message: text })).max(WAYS.length),
});
export type InsideArtifact = z.infer<typeof inside>;

export const kubeArtifactSchemas = {
  rights,
  pods,
  'pods-later': podsLater,
  events,
  'limit-ranges': limitRanges,
  nodes,
  rollout,
  'pod-metrics': podMetrics,
  'node-stats': nodeStats,
  prometheus,
  logs,
  inside,
  endpoints,
} as const;

export interface KubeArtifacts {
  rights: Rights;
  pods: Pods;
  'pods-later': PodsLater;
  events: Events;
  'limit-ranges': LimitRanges;
  nodes: Nodes;
  rollout: Rollout;
  'pod-metrics': PodMetrics;
  'node-stats': NodeStats;
  prometheus: PrometheusHistory;
  logs: Logs;
  inside: InsideArtifact;
  endpoints: Endpoints;
}
