import type { Workload } from '../../core/kube-artifacts.ts';
import type { MetricsAnswer } from '../../core/kube-port.ts';
import { type Problem, ProblemError, problemOf } from '../../core/problem.ts';
import { type Api, pathOf } from './api.ts';
import { durationSeconds } from './duration.ts';
import { fieldsAt, fieldsOf, listOf, quantityBytes, secondsOf, textOf } from './fields.ts';

const GROUP = ['apis', 'metrics.k8s.io', 'v1beta1'] as const;
/** Pods without a selector are asked for one by one. */
const MOST_ASKED_FOR = 20;
const MOST_PODS = 10_000;

/**
 * The newest samples of the metrics API, one a container. Throws a ProblemError: `denied`, or `absent` where the API is not
 * there or does not answer.
 */
export async function readMetrics(
  api: Api,
  { selector }: Workload,
  pods: readonly string[],
  namespace: string,
): Promise<MetricsAnswer> {
  try {
    return metricsIn(await podMetrics(api, pathOf(...GROUP, 'namespaces', namespace, 'pods'), selector, pods));
  } catch (thrown) {
    throw noMetrics(problemOf(thrown)) ?? thrown;
  }
}

/** By the selector, or by names without one; where only the other may be done, so. */
async function podMetrics(
  api: Api,
  path: string,
  selector: string | undefined,
  pods: readonly string[],
): Promise<readonly unknown[]> {
  const ways = [() => listed(api, path, selector, pods), () => byName(api, path, pods)] as const;
  const [usual, other] = selector === undefined ? [ways[1], ways[0]] : ways;
  try {
    return await usual();
  } catch (thrown) {
    if (problemOf(thrown).code !== 'denied') throw thrown;
    return await other().catch(() => {
      throw thrown;
    });
  }
}

async function listed(api: Api, path: string, selector: string | undefined, pods: readonly string[]) {
  const { items } = await api.list(path, { labelSelector: selector }, MOST_PODS);
  if (selector !== undefined) return items;
  const asked = new Set(pods);
  return items.filter((item) => asked.has(textOf(fieldsAt(item, 'metadata').name) ?? ''));
}

async function byName(api: Api, path: string, pods: readonly string[]): Promise<readonly unknown[]> {
  const asked = pods.slice(0, MOST_ASKED_FOR).map((pod) => podOrNone(api, `${path}${pathOf(pod)}`));
  return (await Promise.all(asked)).filter((body) => body !== undefined);
}

/** A pod without a sample is "not found", as is an API that is not there: its discovery, which all may read, tells which. */
async function podOrNone(api: Api, path: string): Promise<unknown> {
  try {
    return (await api.get(path)).body;
  } catch (thrown) {
    if (problemOf(thrown).code !== 'absent') throw thrown;
    await api.get(pathOf(...GROUP));
    return undefined;
  }
}

/** Samples of PodMetrics objects (metrics.k8s.io/v1beta1); what makes no sense is left out. */
export function metricsIn(items: readonly unknown[]): MetricsAnswer {
  const windows = items.flatMap((item) => durationSeconds(fieldsOf(item).window) ?? []);
  return {
    samples: items.flatMap(samplesIn),
    ...(windows.length > 0 ? { windowSeconds: Math.max(...windows) } : {}),
  };
}

function samplesIn(item: unknown): MetricsAnswer['samples'][number][] {
  const pod = textOf(fieldsAt(item, 'metadata').name);
  const atUnixSeconds = secondsOf(fieldsOf(item).timestamp);
  if (pod === undefined || atUnixSeconds === undefined) return [];
  return listOf(fieldsOf(item).containers).flatMap((each) => {
    const container = textOf(fieldsOf(each).name);
    const bytes = quantityBytes(fieldsAt(each, 'usage').memory);
    return container === undefined || bytes === undefined ? [] : [{ pod, container, atUnixSeconds, bytes }];
  });
}

/** Undefined: the problem is another one, and says so itself. */
function noMetrics({ code, message }: Problem): ProblemError | undefined {
  const hint = 'Is metrics-server installed, and does it run? kubectl get apiservice v1beta1.metrics.k8s.io';
  if (code === 'absent') return new ProblemError('absent', 'This cluster has no metrics API.', hint);
  if (code === 'broken' && /\((502|503|504)\)/.test(message))
    return new ProblemError('absent', 'The metrics API is registered, but does not answer.', hint);
  return undefined;
}
