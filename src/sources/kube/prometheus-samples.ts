import type { PrometheusHistory } from '../../core/kube-artifacts.ts';
import { fieldsAt, fieldsOf, listOf, textOf } from './fields.ts';
import type { Measure } from './prometheus.ts';

type Series = PrometheusHistory['series'][number];

/** Values by time, by pod and container. */
export type SampleMap = Map<string, { pod: string; container: string; samples: Map<number, number> }>;

const MOST_SERIES = 1000;
/** The newest of a series; more come from a Prometheus that scrapes every second. */
const MOST_SAMPLES = 5000;

/**
 * The samples of several matrices (`data` of an answer), those of one container together: each life of it is a series of its
 * own in Prometheus, and two replicas of Prometheus may both have it. `left`: series that were left out.
 */
export function samplesFrom(data: readonly unknown[]): { samples: SampleMap; left: number } {
  const samples: SampleMap = new Map();
  let left = 0;
  for (const result of data.flatMap((each) => listOf(fieldsOf(each).result))) {
    const metric = fieldsAt(result, 'metric');
    const [pod, container] = [textOf(metric.pod, 253), textOf(metric.container, 253)];
    const key = JSON.stringify([pod, container]);
    if (pod === undefined || container === undefined || (samples.size >= MOST_SERIES && !samples.has(key))) {
      left++;
      continue;
    }
    const known = samples.get(key) ?? { pod, container, samples: new Map<number, number>() };
    samples.set(key, known);
    for (const pair of listOf(fieldsOf(result).values)) addSample(known.samples, pair);
  }
  return { samples, left };
}

/** Of two samples at one time the larger: they are the same container's, seen twice. */
function addSample(samples: Map<number, number>, pair: unknown): void {
  const [time, text] = listOf(pair);
  const value = typeof text === 'string' ? Number(text) : Number.NaN;
  if (typeof time !== 'number' || !(time >= 0 && time <= 253_402_300_799)) return;
  if (!(value >= 0 && value <= 2 ** 64)) return;
  samples.set(time, Math.max(value, samples.get(time) ?? 0));
}

/** One series a container and measure, by time. */
export function seriesFrom(read: readonly { measure: Measure; samples: SampleMap; left: number }[]): {
  series: Series[];
  left: number;
} {
  const series = read.flatMap(({ measure, samples }) =>
    [...samples.values()].map(({ pod, container, samples: each }): Series => {
      const sorted = [...each].sort(([a], [b]) => a - b);
      return { pod, container, measure, samples: sorted.slice(-MOST_SAMPLES) };
    }),
  );
  return {
    series: series.filter(({ samples }) => samples.length > 0),
    left: read.reduce((sum, { left }) => sum + left, 0),
  };
}
