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
  /** The environment of whyoom's process. */
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
  /** Of pods, owners and nodes by kind and name, from both event APIs, merged. */
  events(about: readonly { kind: string; name: string }[]): Promise<Events['events']>;
  limitRanges(): Promise<LimitRanges['ranges']>;
  node(name: string): Promise<Nodes['nodes'][number]>;
  revisions(workload: Workload): Promise<Rollout['revisions']>;
  /** One answer of the metrics API: a sample a container, with the time that it gives. */
  metrics(workload: Workload, pods: readonly string[]): Promise<MetricsAnswer>;
  /** The kubelet's `stats/summary`, of these pods: asks for `nodes/proxy`. */
  nodeStats(node: string, pods: readonly string[]): Promise<NodeStats['series']>;
  /** Finds a Prometheus and asks it for these pods' memory; `url` where one was given. */
  history(pods: readonly string[], url: string | undefined): Promise<PrometheusHistory>;
  log(request: LogRequest): Promise<LogAnswer>;
  sleep(ms: number, until: AbortSignal): Promise<void>;
  nowUnixSeconds(): number;
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

export interface LogAnswer {
  /** Redacted. */
  readonly text: string;
  readonly lines: number;
  readonly cutBytes: number;
  readonly redacted: number;
  /** Why it ended before its end. */
  readonly problem?: string;
}
