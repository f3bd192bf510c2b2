import type { ContainerInfo, PodInfo } from '../../core/kube-artifacts.ts';
import type { Limit, Usage } from '../../core/report.ts';
import type { MemoryTrend } from '../memory-trend.ts';
import { type Life, livesIn, readingsOf } from './container-lives.ts';
import {
  type ContainerSeries,
  type Sample,
  type SeriesIndex,
  samplesSince,
  seriesKey,
  seriesOf,
} from './container-series.ts';
import { containerTrend } from './container-trend.ts';
import { insideSeries } from './inside-series.ts';
import { limitInForce } from './limit-in-force.ts';
import type { PodGot } from './pod-artifacts.ts';
import { isoOf } from './times.ts';

/** What is known of one container of one pod. */
export interface ContainerFacts {
  /** As read last. */
  readonly pod: PodInfo;
  readonly container: ContainerInfo;
  /** The pod was there at first, and was not when the pods were read again. */
  readonly isGone: boolean;
  /** Oldest first; the last one may still run. */
  readonly lives: readonly Life[];
  /** Those that the status calls an OOM kill. */
  readonly kills: readonly Life[];
  readonly limit: Limit | undefined;
  /** What the other containers of the pod used last, where the limit is that of the pod as a whole: it is theirs, too. */
  readonly besideBytes: number;
  readonly series: readonly ContainerSeries[];
  /** The series that goes back furthest: the working set, else the resident memory. */
  readonly main: ContainerSeries | undefined;
  /** Of the life that still runs, as finely as it was measured: inside the container, else from outside. */
  readonly samples: readonly Sample[];
  readonly usage: Usage | undefined;
  readonly trend: MemoryTrend | undefined;
}

/** One pod by all its readings, oldest first. */
export interface ReadPod {
  readonly readings: readonly PodInfo[];
  readonly isGone: boolean;
}

export function containerFacts(
  read: ReadPod,
  name: string,
  got: PodGot,
  measured: SeriesIndex,
): ContainerFacts | undefined {
  const pod = read.readings.at(-1);
  const readings = readingsOf(read.readings, name);
  const container = readings.at(-1);
  if (pod === undefined || container === undefined) return undefined;
  const lives = livesIn(readings);
  const limit = limitInForce(pod, container, got.nodes);
  const outside = seriesOf(measured, seriesKey(pod.name, name), lives);
  const inside = insideSeries(got, pod.name, name);
  const main = outside[0] ?? inside;
  const finest = inside ?? main;
  const samples = currentSamples(finest, container);
  return {
    pod,
    container,
    isGone: read.isGone,
    lives,
    kills: lives.filter(({ how }) => how === 'oom-kill'),
    limit,
    besideBytes: limit?.scope === 'pod' ? usedBeside(pod, name, measured) : 0,
    series: inside ? [inside, ...outside] : outside,
    main,
    samples,
    usage: usageOf(samples, finest),
    trend: containerTrend(samples),
  };
}

/** Of a container that does not run, nothing that was measured is how it stands. */
function currentSamples(main: ContainerSeries | undefined, { state }: ContainerInfo): Sample[] {
  if (main === undefined || state.is !== 'running') return [];
  return state.startedAtUnixSeconds === undefined
    ? (main.lives.at(-1) ?? [])
    : samplesSince({ ...main, lives: main.lives.slice(-1) }, state.startedAtUnixSeconds);
}

function usageOf(samples: readonly Sample[], main: ContainerSeries | undefined): Usage | undefined {
  const last = samples.at(-1);
  if (last === undefined || main === undefined) return undefined;
  return { bytes: last[1], measure: main.measure, source: main.source, at: isoOf(last[0]) };
}

const usedBeside = (pod: PodInfo, name: string, measured: SeriesIndex): number =>
  pod.containers
    .filter((other) => other.name !== name && other.state.is === 'running')
    .map((other) => seriesOf(measured, seriesKey(pod.name, other.name), [])[0]?.lives.at(-1)?.at(-1)?.[1] ?? 0)
    .reduce((sum, bytes) => sum + bytes, 0);

/**
 * What the container itself may use: of a pod's limit what the others leave of it. Undefined where there is no limit but
 * that of the node, which is shared with all its pods.
 */
export const ownLimitBytes = ({
  limit,
  besideBytes,
}: Pick<ContainerFacts, 'limit' | 'besideBytes'>): number | undefined =>
  limit === undefined || limit.scope === 'node' ? undefined : Math.max(1, limit.bytes - besideBytes);
