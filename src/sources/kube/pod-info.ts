import type { ContainerInfo, ContainerState, MemoryResources, PodInfo, Terminated } from '../../core/kube-artifacts.ts';
import { redact } from '../../logs/redact.ts';
import { imageWithoutLogin } from '../../logs/secret-arguments.ts';
import { conditionsOf } from './conditions.ts';
import { countOf, type Fields, fieldsAt, fieldsOf, listOf, quantityBytes, secondsOf, textOf } from './fields.ts';

const MOST_CONTAINERS = 1000;
const MOST_PORTS = 100;
const MOST_VOLUMES = 100;
const MESSAGE_CHARACTERS = 4096;

/**
 * A pod (core/v1) without its environment, commands and, but for those in memory, volumes. Undefined where it has no name or no time at which it
 * was made: then it is none.
 */
export function podIn(value: unknown): PodInfo | undefined {
  const [metadata, spec, status] = [fieldsAt(value, 'metadata'), fieldsAt(value, 'spec'), fieldsAt(value, 'status')];
  const [name, createdAtUnixSeconds] = [textOf(metadata.name), secondsOf(metadata.creationTimestamp)];
  if (name === undefined || createdAtUnixSeconds === undefined) return undefined;
  const labels = fieldsOf(metadata.labels);
  return {
    name,
    uid: textOf(metadata.uid) ?? '',
    phase: textOf(status.phase) ?? 'Unknown',
    createdAtUnixSeconds,
    ...given({
      reason: textOf(status.reason),
      message: message(status.message),
      startedAtUnixSeconds: secondsOf(status.startTime),
      deletingAtUnixSeconds: secondsOf(metadata.deletionTimestamp),
      node: textOf(spec.nodeName),
      qosClass: textOf(status.qosClass),
      revision: textOf(labels['pod-template-hash']) ?? textOf(labels['controller-revision-hash']),
      owner: ownerIn(metadata),
      defaultContainer: textOf(fieldsOf(metadata.annotations)['kubectl.kubernetes.io/default-container']),
      podLevel: spec.resources === undefined ? undefined : memoryIn(spec.resources),
    }),
    conditions: conditionsOf(status.conditions),
    containers: containersIn(spec, status),
  };
}

/** `ReplicaSet/orca-645f4b4d65`, the owner that is its controller. */
export function ownerIn(metadata: Fields): string | undefined {
  const owner = controllerIn(metadata);
  return owner && `${owner.kind}/${owner.name}`;
}

export interface Controller {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

export function controllerIn(metadata: Fields): Controller | undefined {
  const controller = listOf(metadata.ownerReferences)
    .map(fieldsOf)
    .find((owner) => owner.controller === true);
  const [apiVersion, kind, name] = [textOf(controller?.apiVersion), textOf(controller?.kind), textOf(controller?.name)];
  return apiVersion && kind && name ? { apiVersion, kind, name } : undefined;
}

/** Main containers first, as kubectl counts them. */
function containersIn(spec: Fields, status: Fields): ContainerInfo[] {
  const all: [unknown, unknown, (container: Fields) => ContainerInfo['kind']][] = [
    [spec.containers, status.containerStatuses, () => 'main'],
    [
      spec.initContainers,
      status.initContainerStatuses,
      ({ restartPolicy }) => (restartPolicy === 'Always' ? 'sidecar' : 'init'),
    ],
    [spec.ephemeralContainers, status.ephemeralContainerStatuses, () => 'ephemeral'],
  ];
  const volumes = memoryVolumesIn(spec);
  return all
    .flatMap(([containers, statuses, kindOf]) => {
      const byName = new Map(listOf(statuses).map((each) => [fieldsOf(each).name, fieldsOf(each)]));
      return listOf(containers).map((each) => {
        const container = fieldsOf(each);
        const info = containerIn(container, byName.get(container.name) ?? {}, kindOf(container));
        return info && { ...info, ...mountedOf(container, volumes) };
      });
    })
    .filter((container) => container !== undefined)
    .slice(0, MOST_CONTAINERS);
}

type MemoryVolume = NonNullable<ContainerInfo['memoryVolumes']>[number];

const memoryVolumesIn = (spec: Fields): MemoryVolume[] =>
  listOf(spec.volumes).flatMap((each) => {
    const { name, emptyDir } = fieldsOf(each);
    const [volume, { medium, sizeLimit }] = [textOf(name), fieldsOf(emptyDir)];
    if (volume === undefined || medium !== 'Memory') return [];
    return [{ name: volume, ...given({ sizeLimitBytes: quantityBytes(sizeLimit) }) }];
  });

function mountedOf({ volumeMounts }: Fields, volumes: readonly MemoryVolume[]): { memoryVolumes?: MemoryVolume[] } {
  if (volumes.length === 0) return {};
  const mounted = new Set(listOf(volumeMounts).map((each) => fieldsOf(each).name));
  const own = volumes.filter(({ name }) => mounted.has(name)).slice(0, MOST_VOLUMES);
  return own.length > 0 ? { memoryVolumes: own } : {};
}

function containerIn(container: Fields, status: Fields, kind: ContainerInfo['kind']): ContainerInfo | undefined {
  const name = textOf(container.name);
  if (name === undefined) return undefined;
  const ports = listOf(container.ports)
    .map(fieldsOf)
    .filter(({ protocol }) => protocol === undefined || protocol === 'TCP')
    .flatMap(({ containerPort }) => countOf(containerPort) ?? []);
  return {
    name,
    kind,
    image: imageWithoutLogin(textOf(container.image) ?? ''),
    ready: status.ready === true,
    restarts: countOf(status.restartCount) ?? 0,
    state: stateIn(status.state),
    ...given({ lastState: terminatedIn(fieldsAt(status, 'lastState').terminated) }),
    spec: memoryIn(container.resources),
    ...given({ inForce: inForceIn(status) }),
    hasLivenessProbe: isObject(container.livenessProbe),
    hasStartupProbe: isObject(container.startupProbe),
    ...(ports.length > 0 ? { ports: ports.slice(0, MOST_PORTS) } : {}),
  };
}

function stateIn(value: unknown): ContainerState {
  const { waiting, running, terminated } = fieldsOf(value);
  if (isObject(running))
    return { is: 'running', ...given({ startedAtUnixSeconds: secondsOf(fieldsOf(running).startedAt) }) };
  const ended = terminatedIn(terminated);
  if (ended) return ended;
  if (!isObject(waiting)) return { is: 'unknown' };
  const { reason, message: text } = fieldsOf(waiting);
  return { is: 'waiting', ...given({ reason: textOf(reason), message: message(text) }) };
}

function terminatedIn(value: unknown): Terminated | undefined {
  if (!isObject(value)) return undefined;
  const { exitCode, signal, reason, startedAt, finishedAt, message: text } = fieldsOf(value);
  return {
    is: 'terminated',
    exitCode: integer(exitCode) ?? 0,
    ...given({
      reason: textOf(reason),
      signal: integer(signal) || undefined,
      // Of what could not be started the runtime tells the epoch for its start.
      startedAtUnixSeconds: secondsOf(startedAt) || undefined,
      finishedAtUnixSeconds: secondsOf(finishedAt) || undefined,
      message: message(text),
    }),
  };
}

/** A container's last words may be the end of its log. */
function message(value: unknown): string | undefined {
  const text = textOf(value, MESSAGE_CHARACTERS);
  return text && redact(text).text;
}

function memoryIn(resources: unknown): MemoryResources {
  return given({
    requestBytes: quantityBytes(fieldsAt(resources, 'requests').memory),
    limitBytes: quantityBytes(fieldsAt(resources, 'limits').memory),
  });
}

/** What the node applies, where it tells (Kubernetes 1.33, in-place resize): absent before. */
function inForceIn({ resources, allocatedResources }: Fields): MemoryResources | undefined {
  if (!isObject(resources)) return undefined;
  const allocated = quantityBytes(fieldsOf(allocatedResources).memory);
  return { ...(allocated === undefined ? {} : { requestBytes: allocated }), ...memoryIn(resources) };
}

const integer = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is not there. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
