import {
  type ContainerInfo,
  OOM_KILLED,
  type PodInfo,
  type Pods,
  SIGKILL_EXIT_CODE,
} from '../../core/kube-artifacts.ts';

export interface WantedLog {
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  /** The newest that are kept. */
  readonly keepBytes: number;
}

/** Of the pods beside the chosen one the ends of killed lives are read, to compare. */
const MOST_OTHER_PODS = 5;
const OTHER_BYTES = 2 ** 20;

/** Which logs are worth reading, the most telling first: those of the chosen pod, then the last words of others that were killed. */
export function wantedLogs(pods: readonly PodInfo[], chosen: Pods['chosen'], logBytes: number): WantedLog[] {
  const pod = pods.find(({ name }) => name === chosen?.pod);
  if (!pod || !chosen) return [];
  const others = pods.filter((each) => each !== pod && each.containers.some(wasKilled)).slice(0, MOST_OTHER_PODS);
  return [
    ...logsOf(pod.name, relevant(pod.containers, chosen.container), logBytes),
    ...others.flatMap(({ name, containers }) =>
      containers.filter(wasKilled).map((each) => lastWords(name, each, Math.min(logBytes, OTHER_BYTES))),
    ),
  ];
}

/** The chosen container first; init containers only where something went wrong. */
function relevant(containers: readonly ContainerInfo[], chosen: string): ContainerInfo[] {
  const order = ({ name, kind }: ContainerInfo) =>
    name === chosen ? 0 : kind === 'main' ? 1 : kind === 'sidecar' ? 2 : 3;
  return containers
    .filter((each) => each.name === chosen || (each.kind === 'init' ? hasFailed(each) : each.kind !== 'ephemeral'))
    .sort((a, b) => order(a) - order(b));
}

const hasFailed = ({ restarts, state, lastState }: ContainerInfo): boolean =>
  restarts > 0 || lastState !== undefined || (state.is === 'terminated' && state.exitCode !== 0);

function logsOf(pod: string, containers: readonly ContainerInfo[], keepBytes: number): WantedLog[] {
  return containers.flatMap((each) =>
    lives(each).map((previous) => ({ pod, container: each.name, previous, keepBytes })),
  );
}

/**
 * Which logs the kubelet has, by `previous`. Of a container that waits to be started again it gives the log of its last life
 * both times (pkg/kubelet/kubelet_pods.go, validateContainerLogStatus, 1.34): once is enough.
 */
function lives({ state, lastState, restarts }: ContainerInfo): boolean[] {
  const hasPrevious = lastState !== undefined || restarts > 0;
  const hasCurrent = state.is === 'running' || state.is === 'terminated';
  return [...(hasCurrent ? [false] : []), ...(hasPrevious ? [true] : [])];
}

/** The log of the life that was killed. */
const lastWords = (pod: string, { name, lastState }: ContainerInfo, keepBytes: number): WantedLog => ({
  pod,
  container: name,
  previous: isKill(lastState),
  keepBytes,
});

const wasKilled = ({ state, lastState }: ContainerInfo): boolean =>
  isKill(lastState) || (state.is === 'terminated' && isKill(state));

const isKill = (end: ContainerInfo['lastState']): boolean =>
  end !== undefined && (end.reason === OOM_KILLED || end.exitCode === SIGKILL_EXIT_CODE);
