import type { PodMetrics } from '../../core/kube-artifacts.ts';
import type { Measure } from '../../core/report.ts';
import type { Life } from './container-lives.ts';
import type { PodGot } from './pod-artifacts.ts';

export type Sample = [unixSeconds: number, bytes: number];
type Given = PodMetrics['series'][number];

/** The memory of one container by time, cut where it restarted. */
export interface ContainerSeries {
  readonly measure: Exclude<Measure, 'virtual'>;
  /** Who measured: `metrics API`, `kubelet`, `Prometheus`, or several of them; `cgroup`: whyoom in the container. */
  readonly source: string;
  readonly lives: Sample[][];
}

/** All that was measured of each container, by {@link seriesKey}. */
export type SeriesIndex = ReadonlyMap<string, readonly { source: string; given: Given }[]>;

export const seriesKey = (pod: string, container: string): string => `${pod}\n${container}`;

/** Finest first: where two measured the same time, it is the first that counts. The metrics API and the kubelet give one number. */
export function indexSeries(got: PodGot): SeriesIndex {
  const index = new Map<string, { source: string; given: Given }[]>();
  const add = (source: string, all: readonly Given[] | undefined): void => {
    for (const given of all ?? []) {
      const key = seriesKey(given.pod, given.container);
      const known = index.get(key);
      if (known) known.push({ source, given });
      else index.set(key, [{ source, given }]);
    }
  };
  add('metrics API', got['pod-metrics']?.series);
  add('kubelet', got['node-stats']?.series);
  add('Prometheus', got.prometheus?.series);
  return index;
}

/** The series of one container. Those of another life of it, as its lives tell, are lists of their own. */
export function seriesOf(measured: SeriesIndex, key: string, lives: readonly Life[]): ContainerSeries[] {
  const all = measured.get(key) ?? [];
  const cuts = cutsOf(lives, restartsIn(all.map(({ given }) => given)));
  return (['working-set', 'rss'] as const).flatMap((measure) => {
    const having = all.filter(({ given }) => given.measure === measure && given.samples.length > 0);
    if (having.length === 0) return [];
    const source = [...new Set(having.map((each) => each.source))].join(', ');
    return [{ measure, source, lives: cut(merged(having), cuts) }];
  });
}

/** History goes up to where the samples of the watch begin: it may lag behind them by its step. */
function merged(having: readonly { source: string; given: Given }[]): Sample[] {
  const live = inOrder(having.filter(({ source }) => source !== 'Prometheus').flatMap(({ given }) => given.samples));
  const from = live[0]?.[0] ?? Number.POSITIVE_INFINITY;
  const history = having.filter(({ source }) => source === 'Prometheus').flatMap(({ given }) => given.samples);
  return [...inOrder(history.filter(([at]) => at < from)), ...live];
}

/** By time, one sample a moment. */
function inOrder(samples: readonly Sample[]): Sample[] {
  const sorted = [...samples].sort(([a], [b]) => a - b);
  return sorted.filter(([at], index) => index === 0 || at !== sorted[index - 1]![0]);
}

export interface CountedRestart {
  /** Between these two samples of the counter. */
  readonly after: number;
  readonly by: number;
}

/** When the restart counter rose. */
export function restartsIn(all: readonly Given[]): CountedRestart[] {
  return all
    .filter(({ measure }) => measure === 'restarts')
    .flatMap(({ samples }) => {
      const sorted = inOrder(samples);
      return sorted.slice(1).flatMap(([by, count], index) => {
        const [after, before] = sorted[index]!;
        return count > before ? [{ after, by }] : [];
      });
    });
}

/** A counted restart whose start the status tells to the second is that start. */
function cutsOf(lives: readonly Life[], restarts: readonly CountedRestart[]): number[] {
  const starts = lives.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [startedAt]));
  const counted = restarts.filter(({ after, by }) => !starts.some((start) => start > after - 1 && start <= by + 1));
  return [...starts, ...counted.map(({ by }) => by)].sort((a, b) => a - b);
}

function cut(samples: readonly Sample[], cuts: readonly number[]): Sample[][] {
  const lives: Sample[][] = [];
  let index = 0;
  let open: Sample[] | undefined;
  for (const sample of samples) {
    const before = index;
    while (index < cuts.length && cuts[index]! <= sample[0]) index++;
    if (open === undefined || index !== before) {
      open = [];
      lives.push(open);
    }
    open.push(sample);
  }
  return lives;
}

/** The samples from a moment on. */
export const samplesSince = ({ lives }: ContainerSeries, from: number): Sample[] =>
  lives.flat().filter(([at]) => at >= from);
