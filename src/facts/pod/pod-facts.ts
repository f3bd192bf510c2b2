import type { ContainerInfo, Events, PodInfo, Pods } from '../../core/kube-artifacts.ts';
import { type ContainerFacts, containerFacts, type ReadPod } from './container-facts.ts';
import { indexSeries } from './container-series.ts';
import { POD_USES, type PodGot } from './pod-artifacts.ts';

/** What the artifacts say of a workload's pods, each in one place. */
export interface PodFacts {
  readonly got: PodGot;
  readonly where: Pods;
  /** When the pods were read last, by the cluster's clock. */
  readonly now: number;
  /** The container that is diagnosed; undefined: there is none. */
  readonly chosen: ContainerFacts | undefined;
  /** The other containers of its pod, init containers and sidecars too. */
  readonly beside: readonly ContainerFacts[];
  /** The same container in the other pods, those that went too. */
  readonly others: readonly ContainerFacts[];
  /** Of the pod that is diagnosed, newest last. */
  readonly events: Events['events'];
}

/** Six detectors and the verdict ask for the facts of one gathering, and of 5,000 pods they take half a second. */
const known = new WeakMap<Pods, PodFacts>();

export function podFacts(got: PodGot): PodFacts {
  const before = known.get(got.pods);
  if (before && POD_USES.every((key) => before.got[key] === got[key])) return before;
  const facts = factsOf(got);
  known.set(got.pods, facts);
  return facts;
}

function factsOf(got: PodGot): PodFacts {
  const { pods: where } = got;
  const read = readPods(got);
  const measured = indexSeries(got);
  const facts = (pod: ReadPod, name: string) => containerFacts(pod, name, got, measured);
  const chosenPod = lastNamed(read, where.chosen?.pod);
  const chosen = chosenPod && where.chosen ? facts(chosenPod, where.chosen.container) : undefined;
  const name = where.chosen?.container;
  return {
    got,
    where,
    now: Math.max(where.atUnixSeconds, got['pods-later']?.atUnixSeconds ?? 0),
    chosen,
    beside: containersOf(chosenPod).flatMap((each) => (each.name === name ? [] : (facts(chosenPod!, each.name) ?? []))),
    others: read.filter((pod) => pod !== chosenPod).flatMap((pod) => facts(pod, counterpart(pod, name)) ?? []),
    events: eventsOf(got.events, chosenPod?.readings.at(-1)),
  };
}

/** Every pod with its readings. A pod of the same name with another uid is another pod (a StatefulSet makes such). */
function readPods({ pods, 'pods-later': later }: PodGot): ReadPod[] {
  const readings = new Map<string, PodInfo[]>();
  const laterKeys = new Set((later?.pods ?? []).map(keyOf));
  for (const pod of [...pods.pods, ...(later?.pods ?? [])]) {
    const known = readings.get(keyOf(pod));
    if (known) known.push(pod);
    else readings.set(keyOf(pod), [pod]);
  }
  const readAgain = later !== undefined && (later.pods.length > 0 || later.atUnixSeconds > pods.atUnixSeconds);
  return [...readings].map(([key, all]) => ({ readings: all, isGone: readAgain && !laterKeys.has(key) }));
}

const keyOf = ({ name, uid }: PodInfo): string => `${name}\n${uid}`;

/** The pod that was chosen at first, not one that has taken its name since. */
const lastNamed = (read: readonly ReadPod[], name: string | undefined): ReadPod | undefined =>
  read.find(({ readings }) => readings[0]?.name === name);

const containersOf = (pod: ReadPod | undefined): readonly ContainerInfo[] => {
  const seen = new Map((pod?.readings.at(-1)?.containers ?? []).map((each) => [each.name, each]));
  return [...seen.values()];
};

/** The container of the same name, else the first that does the work. */
function counterpart({ readings }: ReadPod, name: string | undefined): string {
  const containers = readings.at(-1)?.containers ?? [];
  const same = containers.find((each) => each.name === name);
  return (same ?? containers.find(({ kind }) => kind === 'main') ?? containers[0])?.name ?? '';
}

function eventsOf(events: Events | undefined, pod: PodInfo | undefined): Events['events'] {
  if (events === undefined || pod === undefined) return [];
  return events.events
    .filter(({ about }) => about.kind === 'Pod' && about.name === pod.name)
    .sort((a, b) => a.lastAtUnixSeconds - b.lastAtUnixSeconds);
}
