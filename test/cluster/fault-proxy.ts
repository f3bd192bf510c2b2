import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../stats/series.ts';

/** What may go wrong with one request. */
export const FAULTS = [
  'reset',
  'hang-up',
  'slow',
  'stall',
  'too-many',
  'server-error',
  'cut-body',
  'stall-in-body',
  'trickle',
  'garbage',
  'wrong-json',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultPlan {
  readonly seed: number;
  /** The share of requests that go wrong. */
  readonly rate: number;
  /** After so many requests nothing answers any more. */
  readonly goneAfter?: number | undefined;
}

/** The API server behind, and how the proxy signs in to it. */
export interface Upstream {
  readonly url: URL;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface FaultProxy {
  readonly url: string;
  readonly requests: () => number;
  /** How many went wrong, and how. */
  readonly faults: Partial<Record<Fault | 'gone', number>>;
  close(): void;
}

/**
 * Stands between whyoom and the API server: who brings `token` is let through, and some requests go wrong. Which and how is
 * decided by the seed, the request and how often it came: the same in each run with that seed.
 */
export async function startFaultProxy(upstream: Upstream, token: string, plan: FaultPlan): Promise<FaultProxy> {
  const agent = new Agent({ ca: upstream.ca, cert: upstream.cert, key: upstream.key, keepAlive: true });
  const seen = new Map<string, number>();
  const faults: FaultProxy['faults'] = {};
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    if (plan.goneAfter !== undefined && requests > plan.goneAfter) return gone(server, faults);
    if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    const times = (seen.get(request.url!) ?? 0) + 1;
    seen.set(request.url!, times);
    const random = seeded(hashOf(`${plan.seed} ${request.method} ${request.url} ${times}`));
    const fault = random() < plan.rate ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined;
    if (fault) faults[fault] = (faults[fault] ?? 0) + 1;
    goWrong({ fault, random, request, response, pass: (take) => forward(upstream, agent, request, take, response) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    faults,
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

const hashOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32LE();

function gone(server: Server, faults: FaultProxy['faults']): void {
  faults.gone = (faults.gone ?? 0) + 1;
  server.close();
  server.closeAllConnections();
}

interface Exchange {
  readonly fault: Fault | undefined;
  readonly random: () => number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Asks the API server; hands over its whole answer. */
  pass(take: (answer: Answer) => void): void;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const PIECES = 8;
const PIECE_MS = 60;
const status = (code: number, message: string) =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code });
const GARBAGE = [
  '',
  '<html><body>Sign in</body></html>',
  '{"items":[{"metadata":',
  '\u0000\u0001\u0002',
  'null',
  '"x"',
  '[[[',
];
const WRONG_JSON = [
  '{}',
  '[]',
  '{"items":null}',
  '{"items":"x","metadata":7}',
  '{"items":[null,1,"x",{},[],{"metadata":{"name":{},"creationTimestamp":"never"}}]}',
  '{"kind":"Status","status":"Failure"}',
  '{"metadata":{"name":"x","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"containers":[{},null]},"status":[]}',
];

function goWrong({ fault, random, request, response, pass }: Exchange): void {
  const oneOf = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const whole = ({ status: code, headers, body }: Answer) => void response.writeHead(code, headers).end(body);
  switch (fault) {
    case undefined:
      return pass(whole);
    case 'reset':
      return void request.socket.resetAndDestroy();
    case 'hang-up':
      return void request.socket.destroy();
    case 'slow':
      return pass((answer) => void sleep(50 + random() * 600).then(() => whole(answer)));
    case 'stall':
      return;
    case 'too-many':
      return void response
        .writeHead(429, oneOf<Record<string, string>>([{ 'retry-after': '0' }, { 'retry-after': '1' }, {}]))
        .end(status(429, 'slow down'));
    case 'server-error':
      return void response
        .writeHead(oneOf([500, 502, 503, 504]))
        .end(oneOf([status(500, 'etcdserver: request timed out'), '<html>Bad Gateway</html>', '']));
    case 'cut-body':
      return pass((answer) => cut(answer, response, random(), () => response.socket?.destroy()));
    case 'stall-in-body':
      return pass((answer) => cut(answer, response, random(), () => {}));
    case 'trickle':
      return pass((answer) => void trickle(answer, response));
    case 'garbage':
      return void response
        .writeHead(200, { 'content-type': oneOf(['application/json', 'text/html']) })
        .end(oneOf(GARBAGE));
    case 'wrong-json':
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(oneOf(WRONG_JSON));
  }
}

/** The head and a part of the body. */
function cut({ status: code, headers, body }: Answer, response: ServerResponse, share: number, then: () => void): void {
  response.writeHead(code, { ...headers, 'content-length': String(body.length) });
  response.write(body.subarray(0, Math.floor(body.length * share)), () => setTimeout(then, 5));
}

async function trickle({ status: code, headers, body }: Answer, response: ServerResponse): Promise<void> {
  response.writeHead(code, headers);
  for (let piece = 0; piece < PIECES && !response.destroyed; piece++) {
    response.write(
      body.subarray(Math.floor((body.length * piece) / PIECES), Math.floor((body.length * (piece + 1)) / PIECES)),
    );
    await sleep(PIECE_MS);
  }
  response.end();
}

/** Headers that are about one connection, or about who asks. */
const OWN = ['authorization', 'host', 'connection', 'transfer-encoding', 'keep-alive'];
const without = (headers: IncomingMessage['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.includes(name)));

function forward(
  upstream: Upstream,
  agent: Agent,
  request: IncomingMessage,
  take: (answer: Answer) => void,
  response: ServerResponse,
): void {
  const url = new URL(request.url!, upstream.url);
  const asked = httpsRequest(url, { method: request.method!, headers: without(request.headers), agent }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk) => chunks.push(chunk));
    answer.on('end', () =>
      take({ status: answer.statusCode!, headers: without(answer.headers), body: Buffer.concat(chunks) }),
    );
    answer.on('error', () => response.destroy());
  });
  asked.on('error', () => response.destroy());
  request.pipe(asked);
}
