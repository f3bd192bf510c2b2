import type { FoundEndpoint } from '../../core/endpoints-artifact.ts';

type Metrics = Omit<Extract<FoundEndpoint, { is: 'metrics' }>, 'is' | 'port' | 'path'>;

const MOST_LINES = 50_000;
const MOST_LINE_CHARACTERS = 10_000;
const MOST_GAUGES = 30;

/**
 * What Prometheus's text format says of memory (https://prometheus.io/docs/instrumenting/exposition_formats/): the metrics that
 * prometheus_client adds by itself (prometheus_client 0.26, process_collector.py, platform_collector.py, gc_collector.py), and
 * the program's own gauges. Undefined where it is another text.
 */
export function metricsIn(text: string): Metrics | undefined {
  const lines = text.split('\n', MOST_LINES).filter((line) => line.length <= MOST_LINE_CHARACTERS);
  const gauges = new Set(lines.flatMap((line) => /^# TYPE (\S+) gauge\s*$/.exec(line)?.[1] ?? []));
  const samples = lines.flatMap((line) => sampleIn(line) ?? []);
  if (samples.length === 0 || !lines.some((line) => line.startsWith('# TYPE '))) return undefined;
  const firstOf = (name: string) => atLeastZero(samples.find((sample) => sample.name === name)?.value);
  return {
    ...present('residentBytes', firstOf('process_resident_memory_bytes')),
    ...present('virtualBytes', firstOf('process_virtual_memory_bytes')),
    ...present('python', pythonIn(samples)),
    ...present('uncollectable', sumOf(samples, 'python_gc_objects_uncollectable_total')),
    gauges: ownGauges(samples, gauges),
  };
}

interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

function sampleIn(line: string): Sample | undefined {
  const [, name, labels = '', value] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)/.exec(line) ?? [];
  if (name === undefined || !Number.isFinite(Number(value))) return undefined;
  return { name, labels, value: Number(value) };
}

function pythonIn(samples: readonly Sample[]): string | undefined {
  const info = samples.find(({ name }) => name === 'python_info');
  return info && /(?:^|,)version="([\w.+-]{1,40})"/.exec(info.labels)?.[1];
}

function sumOf(samples: readonly Sample[], name: string): number | undefined {
  const own = samples.filter((sample) => sample.name === name);
  return own.length > 0 ? atLeastZero(own.reduce((sum, { value }) => sum + value, 0)) : undefined;
}

/** How a gauge of something that is kept is mostly called. */
const OF_MEMORY = /bytes|memory|size|items|entries|objects|cache|queue|length|count|pending|buffer|sessions/i;

/** Of those of one name the sum: labels may hold what is nobody's business. Those that sound of memory first, then the largest. */
function ownGauges(samples: readonly Sample[], gauges: ReadonlySet<string>): Metrics['gauges'] {
  const sums = new Map<string, { value: number; series: number }>();
  for (const { name, value } of samples) {
    if (!gauges.has(name) || /^(process|python)_/.test(name) || name.length > 200) continue;
    const sum = sums.get(name) ?? { value: 0, series: 0 };
    sums.set(name, { value: sum.value + value, series: sum.series + 1 });
  }
  return [...sums]
    .map(([name, sum]) => ({ name, ...sum }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => Number(OF_MEMORY.test(b.name)) - Number(OF_MEMORY.test(a.name)) || b.value - a.value)
    .slice(0, MOST_GAUGES);
}

const MOST_BYTES = 2 ** 64;
const atLeastZero = (value: number | undefined) =>
  value !== undefined && value >= 0 && value <= MOST_BYTES ? value : undefined;

const present = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
