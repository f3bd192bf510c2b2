import type { ContainerInfo, PodInfo } from '../../core/kube-artifacts.ts';

/** Kubelet 1.34, pkg/kubelet/kubelet.go: `backOffPeriod` 10 s, doubled up to `MaxCrashLoopBackOff` 300 s. */
const FIRST_SECONDS = 10;
const MOST_SECONDS = 300;

const MESSAGE = /back-off (?:(\d{1,4})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,4}(?:\.\d+)?)s)? restarting/;

/** When the kubelet starts a container again, in Unix seconds. */
export interface StartsAgain {
  readonly earliest: number;
  readonly latest: number;
}

/**
 * When a container that ended is started again: after the delay that its message names, counted from its end. Before the
 * kubelet has said one, it is at once or by its rule, for that starts anew after ten minutes of running. Undefined where it
 * runs, waits for something else, or ended for good.
 */
export function restartsAt(pod: Pick<PodInfo, 'phase' | 'owner'>, of: ContainerInfo): StartsAgain | undefined {
  const { state, lastState, restarts } = of;
  if (state.is === 'waiting' && state.reason === 'CrashLoopBackOff') {
    const ended = lastState?.finishedAtUnixSeconds;
    const named = namedDelay(state.message);
    if (ended === undefined) return undefined;
    return named === undefined
      ? { earliest: ended, latest: ended + ruleDelay(restarts) }
      : { earliest: ended + named, latest: ended + named };
  }
  if (state.is !== 'terminated' || state.finishedAtUnixSeconds === undefined || !startsAnew(pod, of)) return undefined;
  return { earliest: state.finishedAtUnixSeconds, latest: state.finishedAtUnixSeconds + ruleDelay(restarts) };
}

/** Of a Job's pod nobody knows whether it was to run once only, unless it has been started again before. */
const startsAnew = ({ phase, owner }: Pick<PodInfo, 'phase' | 'owner'>, { kind, restarts }: ContainerInfo): boolean =>
  phase === 'Running' &&
  kind !== 'ephemeral' &&
  (restarts > 0 || (kind !== 'init' && owner?.startsWith('Job/') !== true));

function namedDelay(message: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = MESSAGE.exec(message ?? '') ?? [];
  if (hours === undefined && minutes === undefined && seconds === undefined) return undefined;
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}

const ruleDelay = (restarts: number): number =>
  Math.min(MOST_SECONDS, FIRST_SECONDS * 2 ** Math.min(10, Math.max(0, restarts)));
