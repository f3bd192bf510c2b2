import {
  type ContainerInfo,
  OOM_KILLED,
  type PodInfo,
  SIGKILL_EXIT_CODE,
  type Terminated,
} from '../../core/kube-artifacts.ts';
import { secondsText } from '../../util/duration.ts';

/** One run of a container, from a start to an end. */
export interface Life {
  readonly startedAt?: number;
  /** Absent: it still runs. */
  readonly endedAt?: number;
  /** `error`: an exit code other than 0. Unknown where only the end was seen. */
  readonly how: 'running' | 'oom-kill' | 'error' | 'completed' | 'unknown';
  readonly exitCode?: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  /** Where it was seen: the status of the pod, or what Prometheus counted. */
  readonly seen: 'state' | 'lastState' | 'prometheus';
}

/**
 * The lives that the status tells of, oldest first, from each time it was read. The API keeps one life before the current
 * one: those before are not here, however many restarts it counts.
 */
export function livesIn(readings: readonly ContainerInfo[]): Life[] {
  const ended = readings.flatMap(({ state, lastState }) => [
    ...(lastState ? [endedLife(lastState, 'lastState')] : []),
    ...(state.is === 'terminated' ? [endedLife(state, 'state')] : []),
  ]);
  const last = readings.at(-1)?.state;
  const current: Life[] =
    last?.is === 'running'
      ? [
          {
            how: 'running',
            seen: 'state',
            ...(last.startedAtUnixSeconds === undefined ? {} : { startedAt: last.startedAtUnixSeconds }),
          },
        ]
      : [];
  return [...unique(ended).sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0)), ...current];
}

/** The same life is `state` at first and `lastState` later. */
function unique(lives: readonly Life[]): Life[] {
  const known = new Map<string, Life>();
  for (const life of lives) {
    const key = `${life.startedAt}:${life.endedAt}:${life.exitCode}`;
    if (!known.has(key)) known.set(key, life);
  }
  return [...known.values()];
}

function endedLife(end: Terminated, seen: Life['seen']): Life {
  const { startedAtUnixSeconds: startedAt, finishedAtUnixSeconds: endedAt, exitCode, signal, reason, message } = end;
  return {
    how: reason === OOM_KILLED ? 'oom-kill' : exitCode === 0 ? 'completed' : 'error',
    seen,
    exitCode,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(signal === undefined ? {} : { signal }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

/** Seconds from its start to its end; undefined where one of them is not known, or they make no sense. */
export function lengthOf({ startedAt, endedAt }: Life): number | undefined {
  if (startedAt === undefined || endedAt === undefined) return undefined;
  const length = endedAt - startedAt;
  return length >= 0 ? length : undefined;
}

/**
 * Whether the life ended by the kill itself. containerd calls a life OOMKilled in which any process was (cri, TaskOOM): with
 * another exit code the kernel killed a part of it, at some time, and the main process ended later, by itself.
 */
export const endedByKill = ({ how, exitCode }: Life): boolean =>
  how === 'oom-kill' && (exitCode === undefined || exitCode === SIGKILL_EXIT_CODE);

/** `, after a life of 33 s`; empty where its length is not known. The status has whole seconds. */
export function afterText(life: Life): string {
  const length = lengthOf(life);
  if (length === undefined) return '';
  return `, after a life of ${length < 1 ? 'less than a second' : secondsText(length)}`;
}

/** The containers of this name in each reading of a pod, oldest first. */
export const readingsOf = (pods: readonly PodInfo[], container: string): ContainerInfo[] =>
  pods.flatMap(({ containers }) => containers.filter(({ name }) => name === container).slice(0, 1));
