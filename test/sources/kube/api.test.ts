import { expect, test } from 'vitest';
import type { KubeConnection } from '../../../src/core/kube-port.ts';
import { ProblemError } from '../../../src/core/problem.ts';
import { createApi, pathOf } from '../../../src/sources/kube/api.ts';
import { type Answer, connectionTo, fakeApi, json, status } from './fake-api.ts';

const apiOf = async (answer: Answer, more: Partial<KubeConnection> = {}) => {
  const { connection } = await fakeApi(answer);
  return createApi({ ...connection, ...more });
};
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );
const item = (n: number) => ({ metadata: { name: `pod-${n}` } });

test('pages of a list are followed to its end', async () => {
  const asked: string[] = [];
  const api = await apiOf((_, response, { searchParams }) => {
    const from = Number(searchParams.get('continue') ?? 0);
    asked.push(`${searchParams.get('limit')} from ${from}, ${searchParams.get('labelSelector')}`);
    json(response, { items: [item(from), item(from + 1)], metadata: from < 4 ? { continue: String(from + 2) } : {} });
  });
  const { items, unread } = await api.list('/api/v1/pods', { labelSelector: 'app=x' });
  expect(items).toEqual([0, 1, 2, 3, 4, 5].map(item));
  expect(unread).toBe(0);
  expect(asked).toEqual(['500 from 0, app=x', '500 from 2, app=x', '500 from 4, app=x']);
});

test('of 5,000 pods under one selector the first are read and the others counted', async () => {
  const api = await apiOf((request, response, { searchParams }) => {
    const from = Number(searchParams.get('continue') ?? 0);
    const page = Array.from({ length: 500 }, (_, n) =>
      request.headers.accept?.includes('PartialObjectMetadataList')
        ? { kind: 'PartialObjectMetadata' }
        : item(from + n),
    );
    json(response, { items: page, metadata: from + 500 < 5000 ? { continue: String(from + 500) } : {} });
  });
  const some = await api.list('/api/v1/pods', {}, 1200);
  expect([some.items.length, some.unread]).toEqual([1200, 3800]);
  const all = await api.list('/api/v1/pods');
  expect([all.items.length, all.unread]).toEqual([5000, 0]);
  expect(new Set(all.items.map((one) => JSON.stringify(one))).size).toBe(5000);
});

test('the API is believed where it counts what remains', async () => {
  const api = await apiOf((_, response) =>
    json(response, { items: [item(1), item(2)], metadata: { continue: 'x', remainingItemCount: 40 } }),
  );
  expect((await api.list('/api/v1/pods', {}, 2)).unread).toBe(40);
});

test('a list that expires is begun anew', async () => {
  let expired = 0;
  const api = await apiOf((_, response, { searchParams }) => {
    if (searchParams.get('continue') && expired++ === 0) return json(response, status('expired', 'Expired', 410), 410);
    json(response, { items: [item(1)], metadata: searchParams.get('continue') ? {} : { continue: 'x' } });
  });
  expect((await api.list('/api/v1/pods')).items).toHaveLength(2);
  expect(expired).toBe(2);
});

test('a list that always expires, and one without end, are given up', async () => {
  const expires = await apiOf((_, response, { searchParams }) =>
    searchParams.get('continue')
      ? json(response, status('expired', 'Expired', 410), 410)
      : json(response, { items: [], metadata: { continue: 'x' } }),
  );
  expect((await problemIn(expires.list('/api/v1/pods'))).message).toContain('changes faster than it can be read');
  const endless = await apiOf((_, response) => json(response, { items: [], metadata: { continue: 'x' } }));
  expect((await problemIn(endless.list('/api/v1/pods'))).message).toContain('without end');
});

test.each([
  ['429 with Retry-After', (response: Parameters<Answer>[1]) => json(response, {}, 429, { 'retry-after': '0' })],
  ['500', (response: Parameters<Answer>[1]) => json(response, status('etcd', 'InternalError', 500), 500)],
  ['a proxy that is down (502)', (response: Parameters<Answer>[1]) => response.writeHead(502).end('<html>')],
  ['a reset', (response: Parameters<Answer>[1]) => void response.socket?.resetAndDestroy()],
  ['a closed connection', (response: Parameters<Answer>[1]) => void response.socket?.destroy()],
  ['garbage', (response: Parameters<Answer>[1]) => response.end('{"items": [')],
  ['a page of a proxy', (response: Parameters<Answer>[1]) => response.end('<html>login</html>')],
  ['no object', (response: Parameters<Answer>[1]) => response.end('"text"')],
  [
    'a cut body',
    (response: Parameters<Answer>[1]) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"a":');
      setTimeout(() => response.socket?.destroy(), 5);
    },
  ],
  ['no HTTP', (response: Parameters<Answer>[1]) => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n')],
])('%s once is tried again; always is a problem without a stack trace', async (_, fault) => {
  let asked = 0;
  const once = await apiOf((_request, response) => (asked++ === 0 ? fault(response) : json(response, { fine: true })));
  expect((await once.get('/version')).body).toEqual({ fine: true });
  const always = await apiOf((_request, response) => fault(response));
  const { code, message } = await problemIn(always.get('/version'));
  expect(['broken', 'timeout']).toContain(code);
  expect(message).toContain('GET /version');
  expect(message).not.toContain(' at ');
});

test('what the API server forbids is said in its own words, and not tried again', async () => {
  let asked = 0;
  const words = 'pods is forbidden: User "jo" cannot list resource "pods" in API group "" in the namespace "shop"';
  const api = await apiOf((_, response) => {
    asked++;
    json(response, status(words, 'Forbidden', 403), 403);
  });
  expect(await problemIn(api.get('/api/v1/pods'))).toEqual({ code: 'denied', message: words });
  expect(asked).toBe(1);
});

test.each([
  [401, 'denied', /credentials.*expired/],
  [404, 'absent', /pods "x" not found/],
  [400, 'unsupported', /pods "x" not found/],
  [503, 'broken', /pods "x" not found/],
])('status %i is "%s"', async (code, expected, message) => {
  const api = await apiOf((_, response) => json(response, status('pods "x" not found', 'Some', code), code));
  const problem = await problemIn(api.get('/api/v1/namespaces/shop/pods/x'));
  expect(problem.code).toBe(expected);
  expect(problem.message).toMatch(message);
});

test.each([
  [400, 'Client sent an HTTP request to an HTTPS server.\n', /Client sent an HTTP request to an HTTPS server/],
  [404, '404 page not found\n', /^GET \/version: there is no such thing/],
  [403, '<html>no</html>', /^GET \/version: forbidden/],
])('of an answer %i that is no Status a line of text is told: %j', async (code, text, message) => {
  const api = await apiOf((_, response) => response.writeHead(code).end(text));
  expect((await problemIn(api.get('/version'))).message).toMatch(message);
});

test('a server that does not answer, and one that stops in its answer, end with the time of the request', async () => {
  for (const answer of [
    () => {},
    (_: unknown, response: Parameters<Answer>[1]) => void response.writeHead(200).write('{"a"'),
  ]) {
    const api = await apiOf(answer, { requestTimeoutMs: 80 });
    expect(await problemIn(api.get('/version'))).toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/within 0.08 s/),
    });
  }
});

test('a Retry-After that is longer than the request may take is not waited for', async () => {
  const api = await apiOf((_, response) => json(response, {}, 429, { 'retry-after': '3600' }));
  expect(await problemIn(api.get('/version'))).toMatchObject({
    code: 'timeout',
    message: expect.stringMatching(/429/),
  });
});

test('a stream is handed over as it comes; a break after its first piece is told, not repeated', async () => {
  let asked = 0;
  const api = await apiOf((_, response) => {
    asked++;
    response.writeHead(200).write('one ');
    setTimeout(() => (asked === 1 ? response.end('two') : response.socket?.destroy()), 20);
  });
  const pieces: string[] = [];
  const until = new AbortController().signal;
  await api.stream('/log', {}, (chunk) => pieces.push(chunk.toString()), until);
  expect(pieces.join('')).toBe('one two');
  expect((await problemIn(api.stream('/log', {}, (chunk) => pieces.push(chunk.toString()), until))).message).toMatch(
    /broke/,
  );
  expect(pieces.join('')).toBe('one twoone ');
  expect(asked).toBe(2);
});

test('the time of a stream runs from piece to piece, and its signal ends it', async () => {
  const api = await apiOf(
    (_, response) => {
      let n = 0;
      const timer = setInterval(() => (n++ < 6 ? response.write('x') : clearInterval(timer)), 50);
    },
    { requestTimeoutMs: 200 },
  );
  let bytes = 0;
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
  };
  expect(await problemIn(api.stream('/log', {}, take, new AbortController().signal))).toMatchObject({
    code: 'timeout',
  });
  expect(bytes).toBe(6);
  const stopped = new AbortController();
  const streaming = problemIn(api.stream('/log', {}, () => stopped.abort(), stopped.signal));
  expect(await streaming).toMatchObject({ code: 'timeout', message: expect.stringMatching(/interrupted/) });
});

test('after Ctrl-C what is under way may still come in, for a moment', async () => {
  const interrupted = new AbortController();
  const api = await apiOf(
    (request, response) => {
      interrupted.abort();
      if (request.url === '/soon') setTimeout(() => json(response, { fine: true }), 100);
    },
    { interrupted: interrupted.signal, requestTimeoutMs: 0 },
  );
  expect((await api.get('/soon')).body).toEqual({ fine: true });
  expect(await problemIn(api.get('/never'))).toEqual({ code: 'timeout', message: 'GET /never: interrupted' });
});

test('the clock of the API server comes with each answer', async () => {
  const there = Math.floor(Date.now() / 1000) - 3600;
  const api = await apiOf((_, response) => json(response, {}, 200, { date: new Date(there * 1000).toUTCString() }));
  const { clock } = await api.get('/version');
  expect(clock.atUnixSeconds).toBe(there + 0.5);
  expect(clock.aheadSeconds).toBeGreaterThan(-3610);
  expect(clock.aheadSeconds).toBeLessThan(-3590);
});

test('nobody there, and an address that is none, are told in clear lines', async () => {
  const { server, connection, url } = await fakeApi(() => {});
  await new Promise((resolve) => server.close(resolve));
  const api = await createApi(connection);
  expect(await problemIn(api.get('/version'))).toMatchObject({
    code: 'timeout',
    message: `The API server ${url} does not answer: connection refused`,
  });
});

test('a server that does not speak TLS is told as that', async () => {
  const { url } = await fakeApi((_, response) => json(response, {}));
  const api = await createApi(connectionTo(url.replace('http:', 'https:')));
  expect(await problemIn(api.get('/version'))).toMatchObject({
    code: 'broken',
    message: `The API server ${url.replace('http:', 'https:')}: it does not speak TLS`,
  });
});

test('only reviews are posted, and names lead nowhere else', async () => {
  const api = await apiOf((request, response) => json(response, { method: request.method }));
  expect((await api.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {})).body).toEqual({
    method: 'POST',
  });
  expect(() => api.post('/api/v1/namespaces/x/pods', {})).toThrow();
  expect(pathOf('api', 'v1', 'namespaces', 'a/b?c', 'pods')).toBe('/api/v1/namespaces/a%2Fb%3Fc/pods');
  for (const name of ['..', '.', '']) expect(() => pathOf('api', name)).toThrow(ProblemError);
});
