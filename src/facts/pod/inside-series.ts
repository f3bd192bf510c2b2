import type { ContainerSeries } from './container-series.ts';
import { FEWEST_MOMENTS } from './container-trend.ts';
import type { PodGot } from './pod-artifacts.ts';

/**
 * What was measured in the container itself, several times a second, by the cluster's clock: of its own control group, or where
 * that has no limit of the process, if it is the only one that could grow.
 */
export function insideSeries(got: PodGot, pod: string, container: string): ContainerSeries | undefined {
  const { inside, pods, 'memory-series': series, processes } = got;
  if (inside?.pod !== pod || inside.container !== container || series === undefined) return undefined;
  const { measure, source, samples } = series;
  if (measure === 'virtual' || samples.length < FEWEST_MOMENTS) return undefined;
  if (source === 'process' && processes?.tree.length !== 1) return undefined;
  const life = samples.map(([at, bytes]): [number, number] => [at + pods.clockAheadSeconds, bytes]);
  return { measure, source, lives: [life] };
}
