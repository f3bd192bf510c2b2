import type { PrometheusHistory } from '../../core/kube-artifacts.ts';
import type { HistoryAsked, PrometheusPlace } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { type Api, pathOf } from './api.ts';
import { fieldsOf, listOf, textOf } from './fields.ts';
import { matchAny, promString } from './prometheus-language.ts';
import { type SampleMap, samplesFrom, seriesFrom } from './prometheus-samples.ts';
import { servicesPath } from './prometheus-services.ts';
import { type AskPrometheus, prometheusAt, urlText } from './prometheus-url.ts';

/** What is read, by measure: from the kubelet's cAdvisor, and from kube-state-metrics. */
const METRICS = {
  'working-set': 'container_memory_working_set_bytes',
  rss: 'container_memory_rss',
  cache: 'container_memory_cache',
  limit: 'container_spec_memory_limit_bytes',
  restarts: 'kube_pod_container_status_restarts_total',
} as const;
export type Measure = keyof typeof METRICS;
const MEASURES = Object.keys(METRICS) as Measure[];

const DAYS = 7;
const DAYS_SECONDS = DAYS * 86_400;
/** Of these the samples are read as they were scraped: their times are true, and a life of a minute is seen. */
const RECENT_SECONDS = 2 * 3600;
const FINEST_STEP_SECONDS = 180;
/** Points of days, of all pods together; each has 200 at least. */
const MOST_POINTS = 60_000;
const LEAST_POINTS = 200;
const MOST_PODS = 100;

export interface PrometheusAccess {
  readonly requestTimeoutMs: number;
  readonly interrupted: AbortSignal;
}

/** The memory of the pods of a namespace over days. Throws a ProblemError where it is no Prometheus, or will not answer. */
export async function readHistory(
  api: Api,
  place: PrometheusPlace,
  asked: HistoryAsked,
  access: PrometheusAccess,
): Promise<PrometheusHistory> {
  const ask =
    place.by === 'url'
      ? prometheusAt(place.url, access.requestTimeoutMs, access.interrupted)
      : prometheusBehind(api, place);
  const from = place.by === 'url' ? urlText(place.url) : `service ${place.namespace}/${place.service}:${place.port}`;
  return { from, ...(await historyOf(ask, asked, api.namespace)) };
}

function prometheusBehind(api: Api, { namespace, service, port, scheme }: Extract<PrometheusPlace, { by: 'service' }>) {
  const name = `${scheme === undefined ? '' : `${scheme}:`}${service}:${port}`;
  const proxy = `${servicesPath(namespace)}${pathOf(name, 'proxy')}`;
  const ask: AskPrometheus = async (path, query) => (await api.get(`${proxy}/${path}`, query)).body;
  return ask;
}

/** Which pods there were, then each measure of them: in steps over days, and as scraped in the last hours. */
export async function historyOf(
  ask: AskPrometheus,
  { podPattern, pods, toUnixSeconds }: HistoryAsked,
  namespace: string,
): Promise<Omit<PrometheusHistory, 'from'>> {
  const to = Math.floor(toUnixSeconds);
  const span = { fromUnixSeconds: to - DAYS_SECONDS, toUnixSeconds: to };
  const known = await podsKnown(ask, podPattern, namespace, span);
  const kept = [...pods.filter((pod) => known.includes(pod)), ...known.filter((pod) => !pods.includes(pod))];
  const asked = kept.slice(0, MOST_PODS);
  const stepSeconds = stepFor(asked.length);
  const selector = `namespace=${promString(namespace)},pod=~${promString(matchAny(asked))},container!="",container!="POD"`;
  const read = asked.length === 0 ? [] : await everyMeasure(ask, selector, span, stepSeconds);
  const { series, left } = seriesFrom(read);
  const unread = left + kept.length - asked.length;
  return { series, ...span, stepSeconds, ...(unread > 0 ? { unread } : {}) };
}

const stepFor = (pods: number): number => {
  const finest = Math.floor(DAYS_SECONDS / FINEST_STEP_SECONDS);
  const points = Math.max(LEAST_POINTS, Math.min(finest, Math.floor(MOST_POINTS / Math.max(1, pods))));
  return Math.ceil(DAYS_SECONDS / points);
};

type Span = Pick<PrometheusHistory, 'fromUnixSeconds' | 'toUnixSeconds'>;

/** The index answers this without reading a sample. */
async function podsKnown(ask: AskPrometheus, pattern: string, namespace: string, span: Span): Promise<string[]> {
  const match = `${METRICS['working-set']}{namespace=${promString(namespace)},pod=~${promString(pattern)}}`;
  const body = await ask('api/v1/label/pod/values', {
    'match[]': match,
    start: String(span.fromUnixSeconds),
    end: String(span.toUnixSeconds),
  });
  return listOf(dataOf(body)).flatMap((name) => textOf(name, 253) ?? []);
}

interface Read {
  readonly measure: Measure;
  readonly samples: SampleMap;
  readonly left: number;
}

/** What other measures lack is not in the history; without the working set there is none. */
async function everyMeasure(ask: AskPrometheus, selector: string, span: Span, stepSeconds: number): Promise<Read[]> {
  const asked = await Promise.allSettled(
    MEASURES.map((measure) => oneMeasure(ask, measure, selector, span, stepSeconds)),
  );
  const [first] = asked;
  if (first?.status === 'rejected') throw first.reason;
  return asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

async function oneMeasure(
  ask: AskPrometheus,
  measure: Measure,
  selector: string,
  { fromUnixSeconds, toUnixSeconds }: Span,
  stepSeconds: number,
): Promise<Read> {
  const metric = `${METRICS[measure]}{${selector}}`;
  const recentFrom = toUnixSeconds - RECENT_SECONDS;
  const [days, recent] = await Promise.all([
    ask('api/v1/query_range', {
      query: `max by (pod, container) (${metric})`,
      start: String(fromUnixSeconds),
      end: String(recentFrom),
      step: String(stepSeconds),
    }),
    ask('api/v1/query', { query: `${metric}[${RECENT_SECONDS}s]`, time: String(toUnixSeconds) }),
  ]);
  return { measure, ...samplesFrom([dataOf(days), dataOf(recent)]) };
}

/** Every answer of its API is such an envelope (prometheus.io, "HTTP API"). */
function dataOf(body: unknown): unknown {
  const { status, data, error } = fieldsOf(body);
  if (status === 'success') return data;
  const why = textOf(error, 300);
  if (status === 'error') throw new ProblemError('broken', `Prometheus refuses the query${why ? `: ${why}` : ''}.`);
  throw new ProblemError('broken', 'What answers is no Prometheus: its answer is of another form.');
}
