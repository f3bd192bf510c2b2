import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ByteStream } from '../../src/core/byte-stream.ts';
import type { KubePort } from '../../src/core/kube-port.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { createKubePort } from '../../src/sources/kube/index.ts';
import { temporaryFolder } from '../temporary.ts';
import { KUBECONFIG, kubeconfigWith, makeNamespace, removeNamespace } from './cluster.ts';
import { connectProxy } from './connect-proxy.ts';
import { runPython, untilRunning } from './pod.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const FOREVER = new AbortController().signal;
const SERVICE = `
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'hello ' * 100000)
TCPServer(('', 8000), Hello).serve_forever()
`;

let space = '';
let port: KubePort;
const portBy = (kubeconfig: string) =>
  createKubePort({
    kubeconfig,
    namespace: space,
    requestTimeoutMs: 30_000,
    env: process.env,
    interrupted: FOREVER,
  });

if (whyNoCluster() === undefined) {
  beforeAll(async () => {
    space = await makeNamespace();
    await runPython(space, SERVICE, { name: 'app', limit: '128Mi' });
    await untilRunning(space, 'app');
    port = await portBy(KUBECONFIG);
  });
  afterAll(() => removeNamespace(space));
}

const exec = (command: readonly string[], by = port, container = 'app', pod = 'app') =>
  by.exec({ pod, container, command, until: FOREVER });
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );

/** Everything that came, and how it ended. */
async function whole(stream: ByteStream) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.received) chunks.push(chunk);
  const end = await stream.ended;
  const { stderr, problem } = end;
  return {
    bytes: Buffer.concat(chunks),
    stderr,
    problem: problem?.problem,
    exitCode: 'exitCode' in end ? end.exitCode : undefined,
  };
}

onCluster('a command gives its output, its exit code and the end of its stderr, which may be long', async () => {
  const said = await whole(await exec(['echo', 'hello', 'you & me']));
  expect([said.bytes.toString(), said.exitCode]).toEqual(['hello you & me\n', 0]);
  const script = 'import sys; sys.stderr.write("x" * 3_000_000 + "the end"); sys.exit(7)';
  const failed = await whole(await exec(['python', '-c', script]));
  expect(failed).toMatchObject({ exitCode: 7, stderr: expect.stringMatching(/^x{8185}the end$/) });
});

onCluster('bytes go both ways unchanged, and the end of the input is seen', async () => {
  const stream = await exec(['cat']);
  const sent = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 31 + (at >> 8)) & 255));
  const receiving = whole(stream);
  await stream.write(sent);
  stream.end();
  const { bytes, exitCode } = await receiving;
  expect(exitCode).toBe(0);
  expect(bytes.equals(sent)).toBe(true);
  expect(await problemIn(stream.write(sent))).toMatchObject({ code: 'absent' });
});

onCluster('what cannot be started says which of pod, container or program is not there', async () => {
  const missing = await whole(await exec(['no-such-program', 'x']));
  expect(missing.problem).toMatchObject({
    code: 'absent',
    message: expect.stringMatching(/no program no-such-program/),
  });
  const forbidden = await whole(await exec(['/etc/passwd']));
  expect(forbidden.problem).toMatchObject({ code: 'denied', message: expect.stringMatching(/may not be started/) });
  expect(await problemIn(exec(['true'], port, 'sidecar'))).toMatchObject({
    code: 'absent',
    message: expect.stringMatching(/no container sidecar of pod\/app/),
  });
  expect(await problemIn(exec(['true'], port, 'app', 'gone'))).toMatchObject({ code: 'absent' });
});

onCluster('without the right to exec the words are those of the API server; `get` is enough', async () => {
  const rule = { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] };
  const refused = await problemIn(exec(['true'], await portBy(await kubeconfigWith(space, [rule]))));
  expect(refused).toMatchObject({ code: 'denied', message: expect.stringMatching(/cannot get resource "pods\/exec"/) });
  const may = await portBy(await kubeconfigWith(space, [{ ...rule, verbs: ['get'] }]));
  expect(await whole(await exec(['true'], may))).toMatchObject({ exitCode: 0 });
});

onCluster('a slow reader holds the program back instead of filling memory', async () => {
  const script =
    'import sys\nfor n in range(1000):\n sys.stdout.buffer.write(b"x" * 100_000); print(n, file=sys.stderr, flush=True)';
  const stream = await exec(['python', '-c', script]);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  stream.close();
  const { stderr, problem } = await stream.ended;
  expect(problem?.problem.message).toMatch(/closed from here/);
  // What lies in sockets on the way; the whole is 100 MB.
  expect(Number(stderr.trim().split('\n').at(-1) ?? 0)).toBeLessThan(600);
});

onCluster('a closed stream ends the input of its program, and an interrupted one says so', async () => {
  const script = 'import sys; print(1, flush=True); sys.stdin.read(); open("/tmp/ended", "w").write("yes")';
  const stream = await exec(['python', '-c', script]);
  // Closed before it has started, it never would.
  for await (const _ of stream.received) break;
  stream.close();
  await stream.ended;
  const wait = 'until cat /tmp/ended; do sleep 0.1; done 2>/dev/null';
  expect((await whole(await exec(['sh', '-c', wait]))).bytes.toString()).toBe('yes');
  const until = AbortSignal.timeout(200);
  const sleeping = await port.exec({ pod: 'app', container: 'app', command: ['sleep', '60'], until });
  expect((await whole(sleeping)).problem).toMatchObject({
    code: 'timeout',
    message: expect.stringMatching(/interrupted/),
  });
});

onCluster('a port is reached without anything in the image, and one on which nothing listens is told', async () => {
  const connection = await port.forward({ pod: 'app', port: 8000, until: FOREVER });
  await connection.write(Buffer.from('GET / HTTP/1.0\r\n\r\n'));
  const { bytes, exitCode, problem } = await whole(connection);
  expect([exitCode, problem]).toEqual([0, undefined]);
  expect(bytes.toString()).toMatch(/^HTTP\/1\.0 200 OK/);
  expect(bytes.length).toBeGreaterThan(600_000);
  const nothing = await whole(await port.forward({ pod: 'app', port: 8001, until: FOREVER }));
  expect(nothing.problem).toEqual({ code: 'absent', message: 'Nothing listens on port 8001 of pod/app' });
});

onCluster('through a proxy, and under another name of the server, it is the same', async () => {
  const proxy = await connectProxy();
  const config = JSON.parse(readFileSync(KUBECONFIG, 'utf8'));
  Object.assign(config.clusters[0].cluster, { 'proxy-url': proxy.url, 'tls-server-name': 'kubernetes.default' });
  const file = join(temporaryFolder(), 'kubeconfig');
  writeFileSync(file, JSON.stringify(config));
  const behind = await portBy(file);
  expect(await whole(await exec(['echo', 'hello'], behind))).toMatchObject({ exitCode: 0 });
  const connection = await behind.forward({ pod: 'app', port: 8000, until: FOREVER });
  await connection.write(Buffer.from('GET / HTTP/1.0\r\n\r\n'));
  expect((await whole(connection)).bytes.toString()).toMatch(/^HTTP\/1\.0 200 OK/);
  expect(proxy.places.length).toBeGreaterThan(0);
  Object.assign(config.clusters[0].cluster, { 'tls-server-name': 'other.name' });
  writeFileSync(file, JSON.stringify(config));
  expect(await problemIn(exec(['true'], await portBy(file)))).toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/cannot be trusted/),
  });
});

onCluster('to reach a port takes `get pods/portforward`, and is refused without it', async () => {
  const rule = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get'] };
  const may = await portBy(await kubeconfigWith(space, [rule]));
  const connection = await may.forward({ pod: 'app', port: 8000, until: FOREVER });
  connection.close();
  expect(await connection.ended).toEqual({ exitCode: 0, stderr: '' });
  const mayNot = await portBy(await kubeconfigWith(space, [{ ...rule, resources: ['pods/exec'] }]));
  expect(await problemIn(mayNot.forward({ pod: 'app', port: 8000, until: FOREVER }))).toMatchObject({ code: 'denied' });
});
