import type { AccessRule, PodMetrics, Pods } from '../../core/kube-artifacts.ts';
import { ProblemError } from '../../core/problem.ts';
import { defineKubeStep, type KubeContext } from '../../core/step.ts';
import { endOf } from '../../core/watch.ts';
import { secondsText } from '../../util/duration.ts';
import { askWhileWatched, SampleStore } from './sampling.ts';

/** metrics-server has a new number every 15–60 s: this finds each soon after it is there, and asks little. */
const EVERY_MS = 3000;
/** Metrics-server scrapes every minute at most (`--metric-resolution`): what is older than several of those is not renewed. */
const STALE_SECONDS = 300;

/** Memory as the metrics API tells it, a sample for each time that it gives. */
export const podMetrics = defineKubeStep({
  makes: 'pod-metrics',
  title: 'Watching memory (metrics API)',
  needs: ['pods'],
  rung: 'api',
  rights: ({ kube: { namespace } }, { pods }) => [metricsRule(usualVerb(pods), namespace)],
  alternatives: ({ kube: { namespace } }, { pods }) => [
    [metricsRule(usualVerb(pods) === 'list' ? 'get' : 'list', namespace)],
  ],
  async run(context, { pods }): Promise<PodMetrics> {
    if (pods.pods.length === 0) throw noPods(pods);
    const store = new SampleStore();
    const seen: Seen = { windowSeconds: undefined, ageSeconds: undefined };
    const asking = await askWhileWatched(context, EVERY_MS, () => ask(context, pods, store, seen));
    if (store.series().length === 0) throw noneYet();
    return {
      series: store.series(),
      asked: asking.asked,
      ...(asking.failed > 0 ? { failed: asking.failed } : {}),
      ...(seen.ageSeconds === undefined ? {} : { ageSeconds: seen.ageSeconds }),
      ...(seen.windowSeconds === undefined ? {} : { windowSeconds: seen.windowSeconds }),
      ended: endOf(context.watch),
    };
  },
  summary: ({ series, ageSeconds = 0, failed = 0 }) => {
    const points = series.reduce((most, { samples }) => Math.max(most, samples.length), 0);
    const old = ageSeconds >= STALE_SECONDS ? `, the newest ${secondsText(ageSeconds)} old` : '';
    const without = failed > 0 ? `, ${failed} times without an answer` : '';
    return `${points === 1 ? '1 sample' : `${points} samples`}${old}${without}`;
  },
});

/** `list` where the pods are found by a selector, `get` for a single pod; where only the other may be done, that does as well. */
const usualVerb = ({ workload }: Pods): 'list' | 'get' => (workload.selector === undefined ? 'get' : 'list');

const metricsRule = (verb: string, namespace: string): AccessRule => ({
  verb,
  group: 'metrics.k8s.io',
  resource: 'pods',
  namespace,
});

interface Seen {
  windowSeconds: number | undefined;
  ageSeconds: number | undefined;
}

/** False once what it gives is too old to be renewed in this watch. */
async function ask({ kube }: KubeContext, pods: Pods, store: SampleStore, seen: Seen): Promise<boolean> {
  const names = pods.pods.map(({ name }) => name);
  const answer = await kube.metrics(pods.workload, names);
  for (const { pod, container, atUnixSeconds, bytes } of answer.samples)
    store.add({ pod, container, measure: 'working-set' }, atUnixSeconds, bytes);
  seen.windowSeconds = answer.windowSeconds ?? seen.windowSeconds;
  const newest = store.newestUnixSeconds;
  if (newest === undefined) return true;
  seen.ageSeconds = kube.nowUnixSeconds() + pods.clockAheadSeconds - newest;
  return seen.ageSeconds < STALE_SECONDS;
}

function noPods({ workload: { reference, replicas } }: Pods): ProblemError {
  const why = replicas?.wanted === 0 ? ': it is scaled to 0' : '';
  return new ProblemError('absent', `${reference} has no pods${why}, so there is no memory to watch.`);
}

const noneYet = (): ProblemError =>
  new ProblemError(
    'absent',
    'The metrics API has no sample of these pods yet.',
    'A container has its first sample up to two minutes after its start: look again then, or longer with --for 2m',
  );
