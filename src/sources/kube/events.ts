import type { Events } from '../../core/kube-artifacts.ts';
import type { Named } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { redact } from '../../logs/redact.ts';
import { type Api, type ApiList, pathOf } from './api.ts';
import { countOf, type Fields, fieldsAt, fieldsOf, secondsOf, textOf } from './fields.ts';

type KubeEvent = Events['events'][number];

/** So many things are asked for one by one; above it, all events of the namespace are fewer requests. */
const MOST_ASKED_FOR = 8;
const MOST_READ = 20_000;
/** Kept, the newest. */
const MOST_KEPT = 5000;
/** The API takes 1 KiB (events.k8s.io), or any length (core). */
const MESSAGE_CHARACTERS = 4096;

/** Where events are, and by which fields they are chosen. Both APIs serve the same objects, from one store. */
const CORE = { path: ['api', 'v1'], about: 'involvedObject' } as const;
const NEWER = { path: ['apis', 'events.k8s.io', 'v1'], about: 'regarding' } as const;
type EventsApi = typeof CORE | typeof NEWER;

export interface EventsRead {
  readonly events: KubeEvent[];
  /** Those that were left out: too many, or of no sense. */
  readonly unread: number;
}

/**
 * The events about these things, oldest first. From the core API; where that is refused, from `events.k8s.io`. Throws a
 * ProblemError where neither may be read.
 */
export async function readEvents(api: Api, about: readonly Named[], namespace: string): Promise<EventsRead> {
  if (about.length === 0) return { events: [], unread: 0 };
  try {
    return eventsIn(await listed(api, CORE, about, namespace), about);
  } catch (thrown) {
    if (!(thrown instanceof ProblemError) || thrown.problem.code !== 'denied') throw thrown;
    const lists = await listed(api, NEWER, about, namespace).catch(() => undefined);
    if (!lists) throw thrown;
    return eventsIn(lists, about);
  }
}

function listed(api: Api, from: EventsApi, about: readonly Named[], namespace: string): Promise<ApiList[]> {
  const path = pathOf(...from.path, 'namespaces', namespace, 'events');
  if (about.length > MOST_ASKED_FOR) return Promise.all([api.list(path, {}, MOST_READ)]);
  return Promise.all(about.map((each) => api.list(path, { fieldSelector: selectorOf(from, each) }, MOST_READ)));
}

const selectorOf = ({ about }: EventsApi, { kind, name }: Named): string =>
  `${about}.kind=${escaped(kind)},${about}.name=${escaped(name)}`;

/** As apimachinery's fields.EscapeValue. */
const escaped = (value: string): string => value.replace(/[\\,=]/g, '\\$&');

/** What the answers tell of these things, each event once, the newest of them. */
export function eventsIn(lists: readonly Pick<ApiList, 'items' | 'unread'>[], about: readonly Named[]): EventsRead {
  const asked = new Set(about.map(keyOf));
  const found = new Map<string, KubeEvent>();
  let unread = lists.reduce((sum, list) => sum + list.unread, 0);
  for (const item of lists.flatMap(({ items }) => items)) {
    const event = eventOf(item);
    if (!event) unread++;
    else if (asked.has(keyOf(event.about))) found.set(identityOf(item, event), event);
  }
  const sorted = [...found.values()].sort((a, b) => a.lastAtUnixSeconds - b.lastAtUnixSeconds);
  return { events: sorted.slice(-MOST_KEPT), unread: unread + Math.max(0, sorted.length - MOST_KEPT) };
}

const keyOf = ({ kind, name }: Named): string => `${kind}/${name}`;

const identityOf = (item: unknown, event: KubeEvent): string =>
  textOf(fieldsAt(item, 'metadata').uid) ?? JSON.stringify([event.about, event.reason, event.lastAtUnixSeconds]);

/** One event of either API: the newer one has the older one's fields as `deprecated…`. Undefined: it makes no sense. */
function eventOf(item: unknown): KubeEvent | undefined {
  const event = fieldsOf(item);
  const about = aboutOf(fieldsOf(event.involvedObject ?? event.regarding));
  const times = timesOf(event);
  if (!about || !times) return undefined;
  const source = fieldsOf(event.source ?? event.deprecatedSource).component;
  const by = textOf(source) ?? textOf(event.reportingComponent) ?? textOf(event.reportingController);
  const message = textOf(event.message ?? event.note, MESSAGE_CHARACTERS) ?? '';
  return {
    type: textOf(event.type) ?? 'Normal',
    reason: textOf(event.reason) ?? '',
    message: redact(message).text,
    about,
    ...(by === undefined ? {} : { source: by }),
    ...times,
    count: timesSeen(event),
  };
}

function aboutOf(object: Fields): KubeEvent['about'] | undefined {
  const [kind, name] = [textOf(object.kind), textOf(object.name)];
  if (kind === undefined || name === undefined) return undefined;
  // `spec.containers{orca}`, `spec.initContainers{load}`: kubelet, pkg/kubelet/container/ref.go
  const [, container] = /^spec\.\w*[cC]ontainers\{([^{}]+)\}$/.exec(textOf(object.fieldPath) ?? '') ?? [];
  return { kind, name, ...(container === undefined ? {} : { container }) };
}

function timesOf(event: Fields): Pick<KubeEvent, 'firstAtUnixSeconds' | 'lastAtUnixSeconds'> | undefined {
  const { creationTimestamp } = fieldsAt(event, 'metadata');
  const { lastObservedTime } = fieldsAt(event, 'series');
  const first = [event.firstTimestamp, event.deprecatedFirstTimestamp, event.eventTime, creationTimestamp];
  const last = [lastObservedTime, event.lastTimestamp, event.deprecatedLastTimestamp, ...first];
  const lastAtUnixSeconds = firstTime(last);
  if (lastAtUnixSeconds === undefined) return undefined;
  const firstAtUnixSeconds = firstTime(first);
  return { ...(firstAtUnixSeconds === undefined ? {} : { firstAtUnixSeconds }), lastAtUnixSeconds };
}

const firstTime = (values: readonly unknown[]): number | undefined =>
  values.map(secondsOf).find((seconds) => seconds !== undefined);

/** A series counts how often it was seen; the older fields did so before. Once at least: it is there. */
function timesSeen(event: Fields): number {
  const counts = [fieldsAt(event, 'series').count, event.count, event.deprecatedCount].map(countOf);
  return Math.max(1, ...counts.map((count) => count ?? 0));
}
