import type { AccessRule, PrometheusHistory } from '../../core/kube-artifacts.ts';
import type { PrometheusPlace, PrometheusService } from '../../core/kube-port.ts';
import { type Problem, ProblemError, problemOf } from '../../core/problem.ts';
import { ruleText } from '../../core/rights.ts';
import { defineKubeStep, type KubeContext } from '../../core/step.ts';
import { podNames, podPattern } from './owner.ts';

/** Of those that were found, so many are asked, until one knows the pods. */
const MOST_ASKED = 3;

/** The memory of the pods, and of earlier ones, over days: from a Prometheus that was given, or that the cluster has. */
export const prometheus = defineKubeStep({
  makes: 'prometheus',
  title: 'Asking Prometheus',
  needs: ['pods'],
  rung: 'api',
  rights: ({ kubeOptions }) => rulesFor(kubeOptions.prometheus),
  alternatives: ({ kube, kubeOptions }) => (kubeOptions.prometheus === undefined ? [[listIn(kube.namespace)]] : []),
  async run(context, { pods }): Promise<PrometheusHistory> {
    const pattern = podPattern(pods);
    if (pattern === undefined) throw new ProblemError('absent', 'There is no pod to ask Prometheus about.');
    const asked = {
      podPattern: pattern,
      pods: podNames(pods),
      toUnixSeconds: context.kube.nowUnixSeconds() + pods.clockAheadSeconds,
    };
    const { prometheus: given } = context.kubeOptions;
    if (given !== undefined) return await context.kube.history(placeOf(given), asked);
    return await firstThatKnows(await found(context), (place) => context.kube.history(place, asked));
  },
  summary: ({ series, from }) => `${series.reduce((sum, { samples }) => sum + samples.length, 0)} samples from ${from}`,
});

const listIn = (namespace?: string): AccessRule => ({
  verb: 'list',
  group: '',
  resource: 'services',
  ...(namespace === undefined ? {} : { namespace }),
});
const proxyIn = (namespace: string): AccessRule => ({ verb: 'get', group: '', resource: 'services/proxy', namespace });

/** None for a URL, which is asked past the API server; to find one, the services of all namespaces. */
function rulesFor(given: string | undefined): AccessRule[] {
  if (given === undefined) return [listIn()];
  const place = placeOf(given);
  return place.by === 'service' ? [proxyIn(place.namespace)] : [];
}

const SERVICE = /^([a-z0-9-]+)\/(https:)?([a-z0-9-]+):([a-z0-9-]+)$/;

/** `http://…`, or `monitoring/prometheus-server:80` for a service. Throws a ProblemError where it is neither. */
export function placeOf(given: string): PrometheusPlace {
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return { by: 'url', url: given };
  const [, namespace, tls, service, port] = SERVICE.exec(given) ?? [];
  if (namespace !== undefined && service !== undefined && port !== undefined)
    return { by: 'service', namespace, service, port, ...(tls === undefined ? {} : { scheme: 'https' }) };
  throw new ProblemError(
    'unsupported',
    'What --prometheus names is neither a URL nor a service.',
    'For example: --prometheus http://localhost:9090, or --prometheus monitoring/prometheus-server:80',
  );
}

/** Services that look like a Prometheus and that may be asked. Throws a ProblemError where there is none. */
async function found({ kube, rights }: KubeContext): Promise<PrometheusService[]> {
  const [everywhere] = await rights.ask([listIn()]);
  const services = await kube.prometheusServices(everywhere?.allowed === 'no' ? kube.namespace : undefined);
  if (services.length === 0) throw noneFound(everywhere?.allowed === 'no' ? ` in ${kube.namespace}` : '');
  const answers = await rights.ask(services.map(({ namespace }) => proxyIn(namespace)));
  const allowed = services.filter((_, at) => answers[at]?.allowed !== 'no');
  if (allowed.length === 0) throw notAllowed(services[0]!);
  return allowed.slice(0, MOST_ASKED);
}

/** The first answer that has a sample; else what the likeliest of them said. */
async function firstThatKnows(
  services: readonly PrometheusService[],
  ask: (place: PrometheusPlace) => Promise<PrometheusHistory>,
): Promise<PrometheusHistory> {
  let problem: Problem | undefined;
  for (const service of services) {
    try {
      const history = await ask({ by: 'service', ...service });
      if (history.series.length > 0) return history;
    } catch (thrown) {
      problem ??= problemOf(thrown);
    }
  }
  if (problem) throw new ProblemError(problem.code, problem.message, problem.hint);
  throw new ProblemError(
    'absent',
    `Prometheus (${nameOf(services[0]!)}) has no samples of these pods' memory.`,
    'If another one has: --prometheus URL, or --prometheus NAMESPACE/SERVICE:PORT',
  );
}

const nameOf = ({ namespace, scheme, service, port }: PrometheusService): string =>
  `${namespace}/${scheme === undefined ? '' : `${scheme}:`}${service}:${port}`;

const noneFound = (where: string): ProblemError =>
  new ProblemError(
    'absent',
    `No service${where} looks like a Prometheus.`,
    'If there is one: --prometheus URL, or --prometheus NAMESPACE/SERVICE:PORT',
  );

const notAllowed = (service: PrometheusService): ProblemError =>
  new ProblemError(
    'denied',
    `No right to ${ruleText(proxyIn(service.namespace))}, where a Prometheus was found.`,
    `The Role that allows it: whyoom preflight … --prometheus ${nameOf(service)} -o yaml`,
  );
