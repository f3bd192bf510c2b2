import type { ContainerInfo, PodInfo, Pods, Workload } from '../../src/core/kube-artifacts.ts';
import type { KubePort } from '../../src/core/kube-port.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { createRightsLedger, refusedRight, ruleText } from '../../src/core/rights.ts';
import type { KubeContext, KubeOptions } from '../../src/core/step.ts';
import { createWatch } from '../../src/core/watch.ts';

export const KUBE_START = 1_795_000_100;
const MIB = 2 ** 20;

export const container = (changes: Partial<ContainerInfo> = {}): ContainerInfo => ({
  name: 'orca',
  kind: 'main',
  image: 'python:3.9-slim',
  ready: true,
  restarts: 0,
  state: { is: 'running', startedAtUnixSeconds: KUBE_START - 90 },
  spec: { limitBytes: 128 * MIB, requestBytes: 64 * MIB },
  hasLivenessProbe: false,
  hasStartupProbe: false,
  ...changes,
});

export const pod = (changes: Partial<PodInfo> = {}): PodInfo => ({
  name: 'orca-645f4b4d65-hhxmt',
  uid: '0f6d9c1e-4a1f-4d0c-9a57-1c1c6a4b7d10',
  phase: 'Running',
  createdAtUnixSeconds: KUBE_START - 100,
  startedAtUnixSeconds: KUBE_START - 95,
  node: 'node-1',
  qosClass: 'Burstable',
  revision: '645f4b4d65',
  owner: 'ReplicaSet/orca-645f4b4d65',
  conditions: [{ type: 'Ready', status: 'True' }],
  containers: [container()],
  ...changes,
});

export const workload: Workload = {
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  reference: 'deployment.apps/orca',
  name: 'orca',
  namespace: 'app-95',
  selector: 'app=orca',
  replicas: { wanted: 1, ready: 1 },
  createdAtUnixSeconds: KUBE_START - 3600,
};

export const podsOf = (pods: readonly PodInfo[], changes: Partial<Pods> = {}): Pods => ({
  context: 'test',
  workload,
  pods: [...pods],
  ...(pods[0]?.containers[0]
    ? { chosen: { pod: pods[0].name, container: pods[0].containers[0].name, why: 'the only pod; its only container' } }
    : {}),
  atUnixSeconds: KUBE_START,
  clockAheadSeconds: 0,
  ...changes,
});

/** What a cluster answers by time (seconds since the start). What is left out is empty; a ProblemError is thrown. */
export interface PlayedCluster {
  readonly port?: Partial<KubePort>;
  /** Rights that are refused, as `ruleText` writes them: `list events in app-95`. */
  readonly refused?: readonly string[];
  readonly options?: Partial<KubeOptions>;
  readonly watchMs?: number;
  readonly podsAt?: (seconds: number) => PodInfo[];
}

/** A port whose clock runs as fast as steps sleep, and what they did with it. */
export function playKube(played: PlayedCluster = {}) {
  let now = KUBE_START;
  const did: string[] = [];
  const seconds = () => now - KUBE_START;
  const watchMs = played.watchMs ?? 60_000;
  const interrupt = new AbortController();
  const watch = createWatch(3_600_000, interrupt.signal);
  const pods = () => played.podsAt?.(seconds()) ?? [pod()];
  const port: KubePort = {
    context: 'test',
    namespace: 'app-95',
    targetRule: async () => ({ verb: 'get', group: 'apps', resource: 'deployments', namespace: 'app-95' }),
    whoAmI: async () => ({ user: 'system:serviceaccount:app-95:looker', groups: [] }),
    workload: async () => workload,
    pods: async () => ({ pods: pods(), unread: 0, clock: { atUnixSeconds: now, aheadSeconds: 0 } }),
    pod: async (name) => pods().find((each) => each.name === name) ?? throwAbsent(`pod ${name}`),
    mayI: async (rule) => ({ allowed: played.refused?.includes(ruleText(rule)) ? 'no' : 'yes' }),
    events: async () => ({ events: [], unread: 0 }),
    limitRanges: async () => [],
    node: async (name) => ({ name, conditions: [], unschedulable: false }),
    revisions: async () => [],
    metrics: async () => ({ samples: [] }),
    nodeStats: async () => [],
    prometheusServices: async () => [],
    history: async () => throwAbsent('Prometheus'),
    exec: async () => throwAbsent('container'),
    addEphemeralContainer: async () => throwAbsent('container'),
    getFromPort: async () => throwAbsent('port'),
    forward: async () => throwAbsent('port'),
    log: async () => ({ text: '', lines: 0, cutBytes: 0, redacted: 0 }),
    sleep: async (ms, until) => {
      now += ms / 1000;
      if (!until.aborted && seconds() * 1000 >= watchMs) watch.end('time-up');
      // Let everything else have its turn, as a real sleep does.
      await new Promise((resolve) => setImmediate(resolve));
    },
    nowUnixSeconds: () => now,
    ...noted(played.port ?? {}, did),
  };
  const rights = createRightsLedger(port);
  const context: KubeContext = {
    kube: port,
    asked: { by: 'name', type: 'deploy', name: 'orca' },
    rights,
    entered: { heap: {} },
    kubeOptions: { logBytes: 2 ** 24, mayAskNodes: false, ways: [], ...played.options },
    options: { watchMs, maxPauseMs: 1000 },
    watch,
    interrupted: interrupt.signal,
    note: (line) => void did.push(`note: ${line}`),
    forbidden: async (rules) => refusedRight(await rights.ask(rules), 'deploy/orca'),
  };
  return { context, did, seconds, interrupt, rights };
}

function throwAbsent(what: string): never {
  throw new ProblemError('absent', `There is no ${what}.`);
}

/** The same functions, each call of them noted with what it was asked. */
function noted(port: Partial<KubePort>, did: string[]): Partial<KubePort> {
  const wrapped = Object.entries(port).map(([name, value]) => {
    if (typeof value !== 'function') return [name, value];
    const call = (...given: unknown[]) => {
      did.push(`${name} ${JSON.stringify(given)}`);
      return (value as (...given: unknown[]) => unknown)(...given);
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped);
}
