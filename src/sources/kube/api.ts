import type { IncomingMessage } from 'node:http';
import type { ClusterClock, KubeConnection } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { type Access, type Authorized, createAccess } from './access.ts';
import { bodyOf, eachChunk, send } from './exchange.ts';
import { listAll } from './list.ts';
import { type Asking, persist, type RequestTime, requestTime, type Tried } from './patience.ts';
import { choosePlace } from './place.ts';
import { refusalIn } from './refusal.ts';
import { openSocket, type Socket } from './socket.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Requests to one Kubernetes API. Each retries what may pass (429, 5xx, broken connections, answers that are not JSON)
 * inside the request's time, and throws a ProblemError otherwise: `denied` (401, 403), `absent` (404, no server),
 * `timeout`, `unsupported` (400, 405, 406), `broken`. Bodies are JSON, and unchecked: whoever asked checks.
 *
 * ```ts
 * const api = await createApi(connection);
 * const { body, clock } = await api.get(pathOf('api', 'v1', 'nodes', name));
 * const { items, unread } = await api.list(pathOf('api', 'v1', 'namespaces', ns, 'pods'), { labelSelector: 'app=orca' });
 * ```
 */
export interface Api {
  /** Name of the context; absent in a pod. */
  readonly context: string | undefined;
  readonly namespace: string;
  get(path: string, query?: Query, more?: RequestOptions): Promise<ApiAnswer>;
  /** All pages of a list, up to `most` items (10,000 by default); an expired list is gone on with, or begun anew. */
  list(path: string, query?: Query, most?: number, form?: ListForm): Promise<ApiList>;
  /** The same, where of each item but a part is kept: whole objects of 10,000 pods would take a gigabyte. */
  listOf<T>(keep: (item: unknown) => T, path: string, query?: Query): Promise<ApiList<T>>;
  /** Only for the reviews of authorization.k8s.io and authentication.k8s.io, which change nothing. */
  post(path: string, body: object): Promise<ApiAnswer>;
  /** A strategic merge, only for `ephemeralcontainers` of a pod. It can be tried again: what is there by that name is kept. */
  patch(path: string, body: object, until: AbortSignal): Promise<ApiAnswer>;
  /** Hands over the body as it comes; its time is from one chunk to the next. A break after the first chunk is thrown. */
  stream(path: string, query: Query, take: (chunk: Buffer) => void, until: AbortSignal): Promise<void>;
  /** A WebSocket in one of these subprotocols, the first that the server knows. The request's time ends with the handshake. */
  socket(path: string, query: SocketQuery, protocols: readonly string[], until: AbortSignal): Promise<Socket>;
}

/** Some parameters are given several times: `command`. */
export type SocketQuery = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface RequestOptions {
  readonly accept?: string;
  readonly until?: AbortSignal | undefined;
}

/** `names`: of each item its `metadata` alone (PartialObjectMetadata), where the API can. */
export type ListForm = 'whole' | 'names';

export interface ApiAnswer {
  readonly body: unknown;
  readonly clock: ClusterClock;
}

export interface ApiList<T = unknown> {
  readonly items: readonly T[];
  /** How many there are beyond `most`; counted as far as that can be had. */
  readonly unread: number;
  readonly clock: ClusterClock;
}

const CONTENT_TYPE: Readonly<Record<Request['method'], string>> = {
  GET: 'application/json',
  POST: 'application/json',
  PATCH: 'application/strategic-merge-patch+json',
};
const MOST_BODY_BYTES = 256 * 2 ** 20;

/** A path of the API from its parts, each escaped. Throws a ProblemError for a name that would lead elsewhere. */
export function pathOf(...parts: readonly string[]): string {
  const wrong = parts.find((part) => part === '' || part === '.' || part === '..');
  if (wrong !== undefined) throw new ProblemError('absent', `"${wrong}" is no name that anything can have`);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** Reads the kubeconfig; asks nothing yet. Throws a ProblemError where it names no API server. */
export async function createApi(connection: KubeConnection): Promise<Api> {
  const place = await choosePlace(connection);
  const access = createAccess(place, connection);
  const ask = asker(access, connection);
  const get: Api['get'] = (path, query = {}, { accept, until } = {}) =>
    ask({ method: 'GET', path, query, accept, until });
  return {
    context: place.context,
    namespace: place.namespace,
    get,
    list: (path, query, most, form) => listAll(get, (item) => item, path, query, most, form),
    listOf: (keep, path, query) => listAll(get, keep, path, query),
    post: (path, body) => {
      if (!/^\/apis\/auth(orization|entication)\.k8s\.io\//.test(path)) throw new Error(`${path} is not asked by POST`);
      return ask({ method: 'POST', path, query: {}, body: JSON.stringify(body) });
    },
    patch: (path, body, until) => {
      if (!/\/pods\/[^/]+\/ephemeralcontainers$/.test(path)) throw new Error(`${path} is not changed`);
      return ask({ method: 'PATCH', path, query: {}, body: JSON.stringify(body), until });
    },
    stream: async (path, query, take, until) => void (await ask({ method: 'GET', path, query, take, until })),
    socket: (path, query, protocols, until) =>
      insist(access, connection, { asked: `GET ${path}`, until }, (authorized, time) =>
        openSocket(urlOf(access.server, { path, query }), protocols, authorized, time.signal),
      ),
  };
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly query: Query;
  readonly body?: string;
  readonly accept?: string | undefined;
  readonly until?: AbortSignal | undefined;
  readonly take?: (chunk: Buffer) => void;
}

function asker(access: Access, connection: KubeConnection) {
  return (request: Request): Promise<ApiAnswer> => {
    let handedOut = false;
    const patience = {
      asked: `${request.method} ${request.path}`,
      until: request.until,
      handedOut: () => handedOut,
    };
    return insist(access, connection, patience, (authorized, time) => {
      const take = (chunk: Buffer) => {
        handedOut = true;
        time.refresh();
        request.take?.(chunk);
      };
      return tryOnce({ ...request, ...(request.take && { take }) }, access.server, authorized, time);
    });
  };
}

/** Tries a request as often as it is worth it, with the credentials of the moment, inside its time. */
async function insist<T>(
  access: Access,
  { requestTimeoutMs, interrupted }: KubeConnection,
  { asked, until, handedOut }: Pick<Asking, 'asked' | 'handedOut'> & { until: AbortSignal | undefined },
  once: (authorized: Authorized, time: RequestTime) => Promise<Tried<T>>,
): Promise<T> {
  const time = requestTime(requestTimeoutMs, interrupted, until);
  let authorized: Authorized | undefined;
  const asking: Asking = {
    asked: clipped(visible(asked), 300),
    server: access.server,
    time,
    renew: async () => authorized !== undefined && access.renew(authorized),
    ...(handedOut && { handedOut }),
  };
  try {
    return await persist(asking, async () => {
      authorized = await access.authorize();
      return once(authorized, time);
    });
  } finally {
    time.end();
  }
}

async function tryOnce(
  request: Request,
  server: URL,
  { agent, headers }: Authorized,
  time: RequestTime,
): Promise<Tried<ApiAnswer>> {
  const { method, body, accept = 'application/json', take } = request;
  try {
    const response = await send({
      method,
      url: urlOf(server, request),
      headers: { ...headers, accept, 'user-agent': 'whyoom', ...(body && { 'content-type': CONTENT_TYPE[method] }) },
      agent,
      body,
      signal: time.signal,
    });
    const code = response.statusCode ?? 0;
    if (code < 200 || code > 299) return await refusalIn(response, time.signal);
    if (!take) return answerIn(await bodyOf(response, time.signal, MOST_BODY_BYTES), response);
    await eachChunk(response, time.signal, take);
    return { is: 'done', value: { body: undefined, clock: clockIn(response) } };
  } catch (thrown) {
    return { is: 'lost', thrown };
  }
}

function answerIn(bytes: Buffer, response: IncomingMessage): Tried<ApiAnswer> {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    const what = response.headers['content-type'] ?? 'of no named type';
    return { is: 'garbage', why: `it is not JSON (${bytes.length} bytes, ${visible(clipped(what, 100))})` };
  }
  if (typeof body !== 'object' || body === null) return { is: 'garbage', why: 'it is no object' };
  return { is: 'done', value: { body, clock: clockIn(response) } };
}

/** The header is in whole seconds, cut off: half a second later is closest on average. */
function clockIn({ headers }: IncomingMessage): ClusterClock {
  const here = Date.now() / 1000;
  const there = Date.parse(headers.date ?? '') / 1000 + 0.5;
  return Number.isFinite(there)
    ? { atUnixSeconds: there, aheadSeconds: there - here }
    : { atUnixSeconds: here, aheadSeconds: 0 };
}

/** The server's address may have a path of its own, as behind Rancher. */
function urlOf(server: URL, { path, query }: { readonly path: string; readonly query: Query | SocketQuery }): URL {
  const url = new URL(server.pathname.replace(/\/+$/, '') + path, server);
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined) url.searchParams.append(name, String(each));
    }
  }
  return url;
}
