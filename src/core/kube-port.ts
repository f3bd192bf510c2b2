import type { ByteStream } from './byte-stream.ts';
import type {
  AccessRule,
  Events,
  LimitRanges,
  NodeStats,
  Nodes,
  PodInfo,
  PodMetrics,
  PrometheusHistory,
  Rollout,
  Workload,
} from './kube-artifacts.ts';

/** A target in a cluster, as it was typed. */
export type KubeTarget =
  /** `deploy/orca`, `deployment orca`, `orca-645f4b4d65-hhxmt`; the type as typed, resolved by the API's own discovery. */
  | { readonly by: 'name'; readonly type: string; readonly name: string }
  | { readonly by: 'selector'; readonly selector: string };

/** How to reach the API: kubectl's flags, with kubectl's meanings. */
export interface KubeConnection {
  /** `--kubeconfig`; else KUBECONFIG (a list), else ~/.kube/config, else the service account of the pod that whyoom runs in. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly namespace?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  readonly asUid?: string | undefined;
  /** For one request with all that belongs to it; 0: without end. */
  readonly requestTimeoutMs: number;
  /** The environment that whyoom was started in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the person who runs whyoom has heard enough. */
  readonly interrupted: AbortSignal;
}

/**
 * What steps may ask of a Kubernetes API. Every call may throw a ProblemError: `denied` (401, 403), `absent` (404),
 * `timeout`, `unsupported` (an API that this cluster lacks), `broken` (an answer that makes no sense). Pages are followed,
 * 429 and 5xx tried again; an answer is checked before it gets here.
 */
export interface KubePort {
  /** Name of the context, and the namespace that is looked at. */
  readonly context: string | undefined;
  readonly namespace: string;
  /** The right to read the target itself (`get deployments.apps`), by the API's discovery; undefined for pods by selector. */
  targetRule(target: KubeTarget): Promise<AccessRule | undefined>;
  /** Who the API server takes us for (SelfSubjectReview); with `--as`, whom we stand for. */
  whoAmI(): Promise<{ readonly user: string; readonly groups: readonly string[] }>;
  /**
   * What the target is, with its own selector. Where the target may not be read, it is known by its name alone
   * (`readBy: 'owner'`), and its pods by whom they say they belong to.
   */
  workload(target: KubeTarget): Promise<Workload>;
  /** The pods of a workload: by its selector and owner; `unread` counts those above the limit. */
  pods(workload: Workload): Promise<{ pods: PodInfo[]; unread: number; clock: ClusterClock }>;
  pod(name: string): Promise<PodInfo>;
  /** By SelfSubjectAccessReview. */
  mayI(rule: AccessRule): Promise<{ allowed: 'yes' | 'no' | 'unknown'; reason?: string }>;
  /**
   * What events there are about these, in the namespace that is looked at or another. Read from the core API, or where that
   * is refused from `events.k8s.io`: the API server keeps one store behind both. `unread` counts those above the limit.
   */
  events(about: readonly Named[], namespace?: string): Promise<{ events: Events['events']; unread: number }>;
  limitRanges(): Promise<LimitRanges['ranges']>;
  node(name: string): Promise<Nodes['nodes'][number]>;
  /** Of a Deployment or a ReplicaSet's Deployment: its ReplicaSets; of a StatefulSet or DaemonSet: its ControllerRevisions. */
  revisions(controller: Named): Promise<Rollout['revisions']>;
  /** One answer of the metrics API: a sample a container, with the time that it gives. No pod of them has one yet: no samples. */
  metrics(workload: Workload, pods: readonly string[]): Promise<MetricsAnswer>;
  /** The kubelet's `stats/summary`, of these pods: asks for `nodes/proxy`. */
  nodeStats(node: string, pods: readonly string[]): Promise<NodeStats['series']>;
  /** Services that look like a Prometheus, the likeliest first: of all namespaces, or of one. */
  prometheusServices(namespace?: string): Promise<PrometheusService[]>;
  /** The memory of pods over days. */
  history(place: PrometheusPlace, asked: HistoryAsked): Promise<PrometheusHistory>;
  log(request: LogRequest): Promise<LogAnswer>;
  /**
   * Runs a command in a container, its standard streams being the bytes, for as long as it is wanted. Throws `denied` (no right,
   * or a policy refused it), `absent` (no such pod or container), `unsupported`, `timeout`, `broken`. What the node alone knows
   * comes as how the stream ended, before any byte: `absent` (no such program, a container that does not run), `denied`,
   * `refused` (no memory to start it), `timeout`, `broken`.
   */
  exec(request: ExecRequest): Promise<ByteStream>;
  /** A connection to a port of a pod (port-forward). Throws and ends as `exec`; it ends with `absent` where nothing listens. */
  forward(request: ForwardRequest): Promise<ByteStream>;
  /**
   * What a port of a pod answers to an HTTP GET, whatever its status, of the body at most so much. Throws as `forward`, and
   * `unsupported` where the port speaks no HTTP, `timeout` where it does not answer in time.
   */
  getFromPort(request: PortRequest): Promise<PortAnswer>;
  /**
   * Adds a container to a running pod, beside one of its containers and in its process namespace, as root with SYS_PTRACE,
   * its stdin open; resolves once it runs. It stays listed until the pod ends. Throws `denied` (no right, or the namespace's
   * policy refuses it), `absent`, `unsupported`, `timeout`, `broken` (its image or its command).
   */
  addEphemeralContainer(request: EphemeralRequest): Promise<void>;
  sleep(ms: number, until: AbortSignal): Promise<void>;
  nowUnixSeconds(): number;
}

/** A thing of the namespace that is looked at, or a node. */
export interface Named {
  readonly kind: string;
  readonly name: string;
}

export interface PrometheusService {
  readonly namespace: string;
  readonly service: string;
  /** Name or number. */
  readonly port: string;
  readonly scheme?: 'https';
}
/** Asked by its URL, which may hold a login, or as a service through the API server (`get services/proxy`). */
export type PrometheusPlace =
  | { readonly by: 'url'; readonly url: string }
  | ({ readonly by: 'service' } & PrometheusService);

export interface HistoryAsked {
  /** Pods of the namespace that is looked at whose whole name fits this (RE2): those there are, and those that went. */
  readonly podPattern: string;
  /** Those there are, that which is diagnosed first: where there are too many, the others are left out. */
  readonly pods: readonly string[];
  readonly toUnixSeconds: number;
}

/** The API server's clock, from its `Date` header. */
export interface ClusterClock {
  readonly atUnixSeconds: number;
  readonly aheadSeconds: number;
}

export interface MetricsAnswer {
  readonly samples: readonly { pod: string; container: string; atUnixSeconds: number; bytes: number }[];
  readonly windowSeconds?: number;
}
export type MetricsSeries = PodMetrics['series'];

export interface LogRequest {
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  /** The newest that are kept, in bytes. */
  readonly keepBytes: number;
  readonly sinceSeconds?: number | undefined;
  readonly tailLines?: number | undefined;
  readonly until: AbortSignal;
}

export interface ExecRequest {
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly until: AbortSignal;
}

export interface ForwardRequest {
  readonly pod: string;
  readonly port: number;
  readonly until: AbortSignal;
}

export interface PortRequest extends ForwardRequest {
  readonly path: string;
  readonly mostBytes: number;
  readonly timeoutMs: number;
}

export interface PortAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Where a redirect leads. */
  readonly location: string | undefined;
  readonly body: Uint8Array;
  /** There was more than was asked for. */
  readonly isCut: boolean;
}

export interface EphemeralRequest {
  readonly pod: string;
  /** Of the new container; a second request by the same name changes nothing. */
  readonly name: string;
  /** The container whose processes it is to see. */
  readonly target: string;
  readonly image: string;
  /** What it runs in place of what the image names. */
  readonly command?: readonly string[] | undefined;
  readonly until: AbortSignal;
}

export interface LogAnswer {
  /** Redacted. */
  readonly text: string;
  readonly lines: number;
  readonly cutBytes: number;
  readonly redacted: number;
  /** Why it ended before its end. */
  readonly problem?: string;
}
