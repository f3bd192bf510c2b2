import type { Gathered } from '../../core/step.ts';
import { secondsText } from '../../util/duration.ts';
import { plural } from '../amounts.ts';
import type { ContainerFacts } from './container-facts.ts';
import { FEWEST_MOMENTS } from './container-trend.ts';
import { isRestless, restlessText, usedText } from './memory-course.ts';
import type { PodFacts } from './pod-facts.ts';

type Outcomes = Gathered['outcomes'];

/** What is known, and what would decide it. */
export function whatWouldDecide(facts: PodFacts, of: ContainerFacts, outcomes: Outcomes): string {
  if (of.isGone) return 'The pod went while it was looked at: look again at the one that took its place.';
  if (of.container.state.is !== 'running')
    return `It does not run now, so its memory is not known: look again when it does.`;
  const isStale = staleText(facts.got['pod-metrics']) !== undefined && of.trend === undefined;
  return `${knownText(isStale ? { ...of, usage: undefined } : of)}${missingText(facts, of, outcomes)}`;
}

function knownText(of: ContainerFacts): string {
  const { container } = of;
  const used = usedText(of);
  const at = used === undefined ? '' : ` and is at ${used}`;
  return container.restarts === 0
    ? `No OOM kill is known, it was never restarted${at}; `
    : `${plural(container.restarts, 'restart')} and no OOM kill among what the API still knows${used === undefined ? '' : `, now at ${used}`}; `;
}

/** Metrics-server takes a new number every minute at the latest: one that is older than some of those is not followed by another. */
const STALE_SECONDS = 300;

function staleText(metrics: { ageSeconds?: number | undefined } | undefined): string | undefined {
  const age = metrics?.ageSeconds ?? 0;
  if (age < STALE_SECONDS) return undefined;
  return `its memory now is not known, for the newest number of the metrics API is ${secondsText(age)} old: does metrics-server run? kubectl get apiservice v1beta1.metrics.k8s.io`;
}

function missingText({ got }: PodFacts, of: ContainerFacts, outcomes: Outcomes): string {
  const { trend, samples } = of;
  const stale = staleText(got['pod-metrics']);
  if (stale !== undefined && trend === undefined) return `${stale}.`;
  if (samples.length === 0) return noSamples(outcomes);
  if (trend === undefined) return tooFew(spacingOf(got['pod-metrics'], samples), samples.length);
  if (trend.shape === 'unknown')
    return `in ${secondsText(trend.seconds)} it went up and down, which decides nothing: look longer with --for 5m.`;
  if (isRestless(of))
    return `in ${secondsText(trend.seconds)} ${restlessText(of)}, so whether it fits is not known: look longer with --for 5m.`;
  if (outcomes.events?.ok !== true) return 'nothing grows, but events could not be read: see "Not checked".';
  if (of.container.restarts > 0)
    return 'nothing grows now, but why it was restarted is not known: look again after the next restart.';
  return 'nothing was seen to grow: look longer with --for 2m.';
}

function noSamples(outcomes: Outcomes): string {
  const metrics = outcomes['pod-metrics'];
  if (metrics && !metrics.ok && metrics.problem.code !== 'absent') {
    const said = metrics.problem.message.replace(/\.\s*$/, '');
    return `its memory is not known (${said}): see "Not checked" for the right or the service that would tell.`;
  }
  return 'its memory is not known: the metrics API has no number of it yet. Look again in two minutes, or longer with --for 2m.';
}

/** Seconds between two numbers where none is known: metrics-server's default is 15, some clusters' 60. */
const USUAL_SECONDS = 15;
const ROUND_SECONDS = 30;

/** Seconds from one number to the next, as they came; else the time over which each was taken. */
function spacingOf(
  metrics: { windowSeconds?: number | undefined } | undefined,
  samples: ContainerFacts['samples'],
): number {
  const [first, last] = [samples[0], samples.at(-1)];
  const seen = first && last && samples.length > 1 ? (last[0] - first[0]) / (samples.length - 1) : 0;
  return Math.min(120, Math.max(USUAL_SECONDS, seen, metrics?.windowSeconds ?? 0));
}

function tooFew(spacing: number, count: number): string {
  const seconds = Math.ceil((spacing * (FEWEST_MOMENTS + 1)) / ROUND_SECONDS) * ROUND_SECONDS;
  const got = count === 1 ? 'only one number of its memory' : `only ${count} numbers of its memory`;
  return `whether it grows is not known, for the metrics API gave ${got}: look longer with --for ${seconds}s.`;
}
