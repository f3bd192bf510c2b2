import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ByteStream } from '../../../src/core/byte-stream.ts';
import type { KubeConnection } from '../../../src/core/kube-port.ts';
import { ProblemError } from '../../../src/core/problem.ts';
import { createApi } from '../../../src/sources/kube/api.ts';
import { openExec } from '../../../src/sources/kube/exec.ts';
import { connectionTo, fakeApi, json, status } from './fake-api.ts';
import { answer, frame, SUCCESS, socketServer } from './socket-server.ts';

const ASKED = { pod: 'orca-1', container: 'app', command: ['python', '-c', 'a b&c'] };
const exec = async (
  connection: KubeConnection,
  silence = { pingMs: 5000, deadMs: 30_000 },
  until = new AbortController().signal,
) => openExec(await createApi(connection), { ...ASKED, until }, silence);
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );
async function whole(stream: ByteStream) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.received) chunks.push(chunk);
  const end = await stream.ended;
  return { text: Buffer.concat(chunks).toString(), ...end, problem: end.problem?.problem };
}

test('a command is asked for by its parts, with the credentials, and v5 is preferred', async () => {
  const { url, asked } = await socketServer((socket) => {
    socket.send(frame(1, 'hi'));
    socket.send(SUCCESS, () => socket.close());
  });
  const connection = connectionTo(url, { token: 'abc', as: 'ann', 'as-groups': ['x', 'y'] });
  expect(await whole(await exec(connection))).toMatchObject({ text: 'hi', exitCode: 0 });
  const at = new URL(asked[0]!.url!, 'http://api');
  expect(at.pathname).toBe('/api/v1/namespaces/shop/pods/orca-1/exec');
  expect(at.searchParams.getAll('command')).toEqual(['python', '-c', 'a b&c']);
  expect(asked[0]!.headers).toMatchObject({
    'sec-websocket-protocol': 'v5.channel.k8s.io,v4.channel.k8s.io',
    authorization: 'Bearer abc',
    'impersonate-user': 'ann',
    'impersonate-group': 'x, y',
  });
});

test('a handshake that is reset or told to come back later is tried again', async () => {
  const { connection, asked } = await socketServer((socket) => socket.send(SUCCESS, () => socket.close()), {
    instead: (_, raw, times) => {
      if (times === 1) raw.destroy();
      return times === 1 || (times === 2 && answer(raw, 429, status('slow down', 'TooManyRequests', 429)));
    },
  });
  expect(await whole(await exec(connection))).toMatchObject({ exitCode: 0 });
  expect(asked).toHaveLength(3);
});

test.each([
  [403, 'pods "orca-1" is forbidden: policy says no', 'denied', /policy says no/],
  [404, 'pods "orca-1" not found', 'absent', /not found/],
  [400, 'container app is not valid for pod orca-1', 'absent', /no container app of pod\/orca-1/],
  [401, 'Unauthorized', 'denied', /credentials/],
  [501, 'not here', 'broken', /not here/],
])(
  'a handshake that is answered by %i "%s" is `%s`, in the words of the API server',
  async (code, words, as, message) => {
    const { connection } = await socketServer(() => {}, {
      instead: (_, raw) => answer(raw, code, status(words, 'No', code)),
    });
    expect(await problemIn(exec(connection))).toMatchObject({ code: as, message: expect.stringMatching(message) });
  },
);

test('a server that answers as if no WebSocket had been asked for is named', async () => {
  const { connection } = await fakeApi((_, response) => json(response, {}));
  expect(await problemIn(exec(connection))).toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/passes no WebSockets on/),
  });
});

test('a server that speaks none of the protocols is `unsupported`', async () => {
  const { connection } = await socketServer(() => {}, { protocols: [] });
  expect(await problemIn(exec(connection))).toMatchObject({ code: 'unsupported' });
});

test('a handshake that is never answered ends with the time of the request', async () => {
  const { connection } = await socketServer(() => {}, { instead: () => true });
  expect(await problemIn(exec({ ...connection, requestTimeoutMs: 200 }))).toMatchObject({
    code: 'timeout',
    message: expect.stringMatching(/within 0\.2 s/),
  });
});

test('a stream that is cut gives what came, and says that it was cut', async () => {
  const { connection } = await socketServer((socket) => socket.send(frame(1, 'half'), () => socket.terminate()));
  const stream = await exec(connection);
  const { text, problem } = await whole(stream);
  expect([text, problem?.code]).toEqual(['half', 'broken']);
  expect(problem?.message).toMatch(/exec in app of pod\/orca-1: the connection was cut/);
  expect(await problemIn(stream.write(Buffer.from('more')))).toMatchObject({ code: 'broken' });
});

test.each<[string, Buffer | string]>([
  ['a channel that there is not', frame(77, 'x')],
  ['text', 'hello'],
  ['a status that is none', frame(3, '{"status":7}')],
  ['a frame larger than any', Buffer.alloc(5 * 2 ** 20, 1)],
])('%s ends the stream with a clear error', async (_, bytes) => {
  const { connection } = await socketServer((socket) => socket.send(bytes));
  expect((await whole(await exec(connection))).problem).toMatchObject({ code: 'broken' });
});

test('bytes that are no frames at all end the stream with a clear error', async () => {
  const { connection } = await socketServer((socket) => {
    (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.alloc(1000, 0xff));
  });
  expect((await whole(await exec(connection))).problem).toMatchObject({ code: 'broken' });
});

test('empty frames and a status in two pieces are understood', async () => {
  const { connection } = await socketServer((socket) => {
    for (const empty of [Buffer.alloc(0), frame(1), frame(2), frame(3)]) socket.send(empty);
    const text = JSON.stringify({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '42' }] },
    });
    socket.send(frame(3, text.slice(0, 30)));
    socket.send(frame(3, text.slice(30)), () => socket.close());
  });
  expect(await whole(await exec(connection))).toMatchObject({ text: '', exitCode: 42 });
});

test('a connection on which nobody answers is noticed', async () => {
  const { connection } = await socketServer((socket) => socket.pause());
  const { problem } = await whole(await exec(connection, { pingMs: 20, deadMs: 200 }));
  expect(problem).toMatchObject({ code: 'timeout', message: expect.stringMatching(/not even an answer to a ping/) });
});

test('somebody who was busy for long does not take the others for dead', async () => {
  const { connection } = await socketServer((socket) => {
    setTimeout(() => socket.send(SUCCESS, () => socket.close()), 600);
  });
  const ended = whole(await exec(connection, { pingMs: 20, deadMs: 200 }));
  await sleep(100);
  const until = performance.now() + 400;
  while (performance.now() < until);
  expect(await ended).toMatchObject({ exitCode: 0 });
});

test('a quiet connection that answers pings stays', async () => {
  const { connection } = await socketServer((socket) => {
    setTimeout(() => socket.send(SUCCESS, () => socket.close()), 600);
  });
  expect(await whole(await exec(connection, { pingMs: 20, deadMs: 200 }))).toMatchObject({ exitCode: 0 });
});

test('one that held back reading for long is not taken for dead', async () => {
  const { connection } = await socketServer((socket) => {
    for (let n = 0; n < 200; n++) socket.send(frame(1, Buffer.alloc(100_000)));
    socket.send(SUCCESS, () => socket.close());
  });
  const stream = await exec(connection, { pingMs: 20, deadMs: 200 });
  await sleep(600);
  const { text, ...end } = await whole(stream);
  expect([text.length, end]).toMatchObject([20_000_000, { exitCode: 0 }]);
});

test('a program that takes nothing holds back whoever writes, and memory stays small', async () => {
  const { connection } = await socketServer((socket) => socket.pause());
  const stream = await exec(connection);
  let written = 0;
  const writing = (async () => {
    for (; written < 400; written++) await stream.write(new Uint8Array(1_000_000));
  })();
  const refused = problemIn(writing);
  await sleep(500);
  // What the kernel's buffers on both sides hold.
  expect(written).toBeLessThan(40);
  stream.close();
  expect(await refused).toMatchObject({ message: expect.stringMatching(/closed from here/) });
});

test('nothing is asked of a server whose output nobody takes', async () => {
  let sent = 0;
  const { connection } = await socketServer((socket) => {
    const more = () => {
      if (sent++ < 4000 && socket.readyState === socket.OPEN) socket.send(frame(1, Buffer.alloc(100_000)), more);
    };
    more();
  });
  const stream = await exec(connection);
  await sleep(500);
  expect(sent).toBeLessThan(400);
  stream.close();
  await stream.ended;
});

test('of a huge stderr its end is kept', async () => {
  const { connection } = await socketServer((socket) => {
    for (let n = 0; n < 500; n++) socket.send(frame(2, 'x'.repeat(30_000)));
    socket.send(frame(2, 'the end'));
    socket.send(SUCCESS, () => socket.close());
  });
  const { stderr } = await whole(await exec(connection));
  expect(stderr).toMatch(/^x{8185}the end$/);
});

test('the end of the input is a frame of its own; v4, which lacks it, is cut with the reason', async () => {
  const v5 = await socketServer((socket) =>
    socket.on('message', (data) => {
      if ((data as Buffer).equals(Buffer.of(255, 0))) socket.send(SUCCESS, () => socket.close());
    }),
  );
  const stream = await exec(v5.connection);
  stream.end();
  expect(await whole(stream)).toMatchObject({ exitCode: 0 });
  const v4 = await socketServer((socket) => socket.send(frame(1, 'hi')), { protocols: ['v4.channel.k8s.io'] });
  const older = await exec(v4.connection);
  older.end();
  expect((await whole(older)).problem).toMatchObject({ code: 'unsupported', message: expect.stringMatching(/1\.30/) });
});

test('a server that has said how it ended and does not close is not waited for', async () => {
  const { connection } = await socketServer((socket) => socket.send(SUCCESS));
  expect(await whole(await exec(connection))).toMatchObject({ exitCode: 0 });
});

test('closed or interrupted here, it ends at once, and the far side sees it', async () => {
  const closed: number[] = [];
  const { connection } = await socketServer((socket) => void socket.on('close', (code) => closed.push(code)));
  const stream = await exec(connection);
  stream.close();
  expect((await whole(stream)).problem).toMatchObject({ message: expect.stringMatching(/closed from here/) });
  const interrupt = new AbortController();
  const other = await exec(connection, undefined, interrupt.signal);
  interrupt.abort();
  expect((await whole(other)).problem).toMatchObject({
    code: 'timeout',
    message: expect.stringMatching(/interrupted/),
  });
  await expect.poll(() => closed.length).toBe(2);
});

test('tokens never show in what is said', async () => {
  const secret = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
  const { connection } = await socketServer((socket) => {
    socket.send(frame(3, JSON.stringify({ status: 'Failure', message: `boom Bearer ${secret} \u001b[2J` })), () =>
      socket.close(1011, `Bearer ${secret}`),
    );
  });
  const { problem } = await whole(await exec(connection));
  expect(problem?.message).toMatch(/boom/);
  expect(JSON.stringify(problem)).not.toMatch(/eyJ|\\u001b/);
});
