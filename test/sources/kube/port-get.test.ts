import { expect, test } from 'vitest';
import type { PortRequest } from '../../../src/core/kube-port.ts';
import { ProblemError } from '../../../src/core/problem.ts';
import { createApi } from '../../../src/sources/kube/api.ts';
import { getFromPort } from '../../../src/sources/kube/port-get.ts';
import { frame, socketServer } from './socket-server.ts';

const V4 = { protocols: ['v4.channel.k8s.io'] };
const PORT = Buffer.from([0x40, 0x1f]);

/** A pod's port that answers a request with these bytes, as the kubelet passes them on. */
async function answering(bytes: string | Buffer, { close = true, cut = 1 } = {}) {
  const asked: string[] = [];
  const server = await socketServer((socket, request) => {
    asked.push(request.url!);
    for (const channel of [0, 1]) socket.send(frame(channel, PORT));
    socket.once('message', (data) => {
      asked.push((data as Buffer).subarray(1).toString());
      const all = Buffer.from(bytes as string);
      for (let at = 0; at < all.length; at += Math.ceil(all.length / cut))
        socket.send(frame(0, all.subarray(at, at + Math.ceil(all.length / cut))));
      if (close) setTimeout(() => socket.close(1000), 20);
    });
  }, V4);
  const api = await createApi(server.connection);
  const get = (more: Partial<PortRequest> = {}) =>
    getFromPort(api, {
      pod: 'orca-1',
      port: 8000,
      path: '/metrics',
      mostBytes: 1000,
      timeoutMs: 5000,
      until: new AbortController().signal,
      ...more,
    });
  return { asked, get };
}
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );
const bodyOf = async (answer: Promise<{ body: Uint8Array }>) => Buffer.from((await answer).body).toString();

test('a page is asked for as from its own machine, through a port-forward to that port', async () => {
  const { get, asked } = await answering('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello');
  expect(await get()).toMatchObject({ status: 200, contentType: 'text/plain', isCut: false });
  const at = new URL(asked[0]!, 'http://api');
  expect(at.pathname).toBe('/api/v1/namespaces/shop/pods/orca-1/portforward');
  expect(at.searchParams.get('ports')).toBe('8000');
  expect(asked[1]).toMatch(/^GET \/metrics HTTP\/1\.1\r\n/);
  expect(asked[1]).toMatch(/host: localhost:8000/i);
  expect(asked[1]).not.toMatch(/authorization/i);
});

test('bodies in chunks, with a length, in a thousand pieces and without an end are read', async () => {
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n';
  expect(await bodyOf((await answering(chunked, { cut: 50 })).get())).toBe('hello world');
  const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
  expect(await bodyOf((await answering(sized, { close: false })).get())).toBe('hello');
});

test('of a body that is too long its beginning is kept', async () => {
  const { get } = await answering(`HTTP/1.0 200 OK\r\n\r\n${'x'.repeat(500_000)}`);
  const { body, isCut } = await get();
  expect([body.length, isCut]).toEqual([1000, true]);
});

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'unsupported'],
  ['garbage', Buffer.alloc(300, 0xff), 'unsupported'],
  ['nothing', '', 'unsupported'],
  ['headers without end', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(50_000)}`, 'unsupported'],
])('a port that gives %s speaks no HTTP', async (_, bytes, code) => {
  expect(await problemIn((await answering(bytes)).get())).toMatchObject({ code });
});

test('a port that does not answer, or not to the end, is given up in time', async () => {
  for (const bytes of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello']) {
    const { get } = await answering(bytes, { close: false });
    expect(await problemIn(get({ timeoutMs: 300 }))).toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/GET \/metrics on port 8000 of pod\/orca-1: no whole answer within 0\.3 s/),
    });
  }
});

test('a port on which nothing listens is told as such', async () => {
  const server = await socketServer((socket) => {
    for (const channel of [0, 1]) socket.send(frame(channel, PORT));
    socket.send(frame(1, 'dial tcp4 127.0.0.1:8000: connect: connection refused'), () => socket.close(1000));
  }, V4);
  const api = await createApi(server.connection);
  const asked = { pod: 'p', port: 8000, path: '/', mostBytes: 9, timeoutMs: 5000, until: new AbortController().signal };
  expect(await problemIn(getFromPort(api, asked))).toEqual({
    code: 'absent',
    message: 'Nothing listens on port 8000 of pod/p',
  });
});
