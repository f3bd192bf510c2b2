import { type ContainerInfo, OOM_KILLED, type PodInfo, type Pods } from './kube-artifacts.ts';
import { ProblemError } from './problem.ts';

/**
 * The pod that tells most, and its container. Undefined: there is no pod, or none with a container. Throws a ProblemError
 * where the container that was asked for is in no pod.
 */
export function chosenOf(pods: readonly PodInfo[], container: string | undefined): Pods['chosen'] {
  const having = pods.filter((pod) => container === undefined || containerNamed(pod, container));
  if (container !== undefined && having.length === 0 && pods.length > 0) throw noContainer(pods, container);
  const ranked = having
    .filter((pod) => pod.containers.length > 0)
    .map((pod) => ({ pod, rank: rankOf(pod, container) }))
    .sort((a, b) => compareRanks(b.rank, a.rank) || a.pod.name.localeCompare(b.pod.name));
  const first = ranked[0];
  if (!first) return undefined;
  const picked = containerOf(first.pod, container);
  return { pod: first.pod.name, container: picked.name, why: `${podReason(first, ranked.length)}; ${picked.why}` };
}

/** When it was last OOM killed, how often it restarted, whether it runs, since when: what tells most comes first. */
interface Rank {
  readonly killedAtUnixSeconds: number;
  readonly restarts: number;
  readonly isRunning: boolean;
  readonly startedAtUnixSeconds: number;
}

function rankOf(pod: PodInfo, container: string | undefined): Rank {
  const looked = container === undefined ? pod.containers : [containerNamed(pod, container)!];
  return {
    killedAtUnixSeconds: Math.max(0, ...looked.map(lastKill)),
    restarts: looked.reduce((sum, each) => sum + each.restarts, 0),
    isRunning: looked.some((each) => each.state.is === 'running'),
    startedAtUnixSeconds: pod.startedAtUnixSeconds ?? pod.createdAtUnixSeconds,
  };
}

/** Of several that do the same, the oldest has grown for the longest time. */
const compareRanks = (a: Rank, b: Rank): number =>
  a.killedAtUnixSeconds - b.killedAtUnixSeconds ||
  a.restarts - b.restarts ||
  Number(a.isRunning) - Number(b.isRunning) ||
  b.startedAtUnixSeconds - a.startedAtUnixSeconds;

function lastKill({ state, lastState }: ContainerInfo): number {
  const ends = [lastState, state.is === 'terminated' ? state : undefined];
  return Math.max(0, ...ends.map((end) => (end?.reason === OOM_KILLED ? (end.finishedAtUnixSeconds ?? 1) : 0)));
}

function podReason({ rank }: { rank: Rank }, of: number): string {
  if (of === 1) return 'the only pod';
  if (rank.killedAtUnixSeconds > 0) return `of ${of} pods the one that was OOM killed last`;
  if (rank.restarts > 0) return `of ${of} pods the one with most restarts`;
  return `the oldest of ${of} pods`;
}

/** Like kubectl: `-c`, else the pod's annotation, else its first container. */
function containerOf(pod: PodInfo, asked: string | undefined): { name: string; why: string } {
  if (asked !== undefined) return { name: asked, why: 'container as asked for' };
  const marked = pod.defaultContainer === undefined ? undefined : containerNamed(pod, pod.defaultContainer);
  if (marked) return { name: marked.name, why: 'container by kubectl.kubernetes.io/default-container' };
  const main = pod.containers.find(({ kind }) => kind === 'main') ?? pod.containers[0]!;
  const others = pod.containers.length - 1;
  return { name: main.name, why: others > 0 ? `its first container, of ${others + 1}` : 'its only container' };
}

const containerNamed = ({ containers }: PodInfo, name: string): ContainerInfo | undefined =>
  containers.find((each) => each.name === name);

function noContainer(pods: readonly PodInfo[], asked: string): ProblemError {
  const names = [...new Set(pods.flatMap(({ containers }) => containers.map(({ name }) => name)))];
  return new ProblemError(
    'absent',
    `No pod has a container "${asked}".`,
    `Containers: ${names.slice(0, 20).join(', ')}`,
  );
}
