import type { ContainerInfo } from '../../core/kube-artifacts.ts';

/** Kubelet 1.34, pkg/kubelet/kubelet.go: `backOffPeriod` 10 s, doubled up to `MaxCrashLoopBackOff` 300 s. */
const FIRST_SECONDS = 10;
const MOST_SECONDS = 300;

const MESSAGE = /back-off (?:(\d{1,4})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,4}(?:\.\d+)?)s)? restarting/;

/**
 * When a container that waits to be started again is started, in Unix seconds: the delay that its message names, counted
 * from the end of its last life; where it names none, by the kubelet's rule. Undefined where it does not wait for that.
 */
export function restartsAt({ state, lastState, restarts }: ContainerInfo): number | undefined {
  if (state.is !== 'waiting' || state.reason !== 'CrashLoopBackOff') return undefined;
  const ended = lastState?.finishedAtUnixSeconds;
  return ended === undefined ? undefined : ended + (namedDelay(state.message) ?? ruleDelay(restarts));
}

function namedDelay(message: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = MESSAGE.exec(message ?? '') ?? [];
  if (hours === undefined && minutes === undefined && seconds === undefined) return undefined;
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}

const ruleDelay = (restarts: number): number =>
  Math.min(MOST_SECONDS, FIRST_SECONDS * 2 ** Math.min(10, Math.max(0, restarts)));
