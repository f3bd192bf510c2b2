import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import type { KubeConnection } from '../../../src/core/kube-port.ts';
import { ProblemError } from '../../../src/core/problem.ts';
import { createAccess } from '../../../src/sources/kube/access.ts';
import { createApi } from '../../../src/sources/kube/api.ts';
import { createKubePort } from '../../../src/sources/kube/index.ts';
import { choosePlace } from '../../../src/sources/kube/place.ts';
import { proxyFromEnv } from '../../../src/sources/kube/proxy-env.ts';
import { connectionBy, connectionTo, fakeApi, json, kubeconfig, written } from './fake-api.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'whyoom-connection-'));
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );
const file = (name: string, content: string) => {
  const path = join(folder(), name);
  writeFileSync(path, content);
  return path;
};
const empty: KubeConnection = {
  requestTimeoutMs: 5000,
  env: { HOME: folder() },
  interrupted: new AbortController().signal,
};

/** The headers with which the API is asked. */
async function headersOf(user: object, more: Partial<KubeConnection> = {}) {
  const { url } = await fakeApi((request, response) => json(response, request.headers));
  const api = await createApi(connectionTo(url, user, more));
  return (await api.get('/version')).body as Record<string, string>;
}

test('the context says which namespace is looked at; -n comes before it', async () => {
  const connection = connectionBy(kubeconfig('https://127.0.0.1:1', {}, 'prod'));
  const port = await createKubePort(connection);
  expect([port.context, port.namespace]).toEqual(['prod', 'shop']);
  expect((await createKubePort({ ...connection, namespace: 'other' })).namespace).toBe('other');
});

test('an unknown context is told with those that there are', async () => {
  const connection = { ...connectionBy(kubeconfig('https://127.0.0.1:1', {}, 'prod')), context: 'nope' };
  expect(await problemIn(createKubePort(connection))).toEqual({
    code: 'absent',
    message: 'The kubeconfig has no context "nope"',
    hint: 'Its contexts: prod',
  });
});

test('without any kubeconfig a clear line says what to do', async () => {
  expect(await problemIn(choosePlace(empty))).toMatchObject({
    code: 'absent',
    message: expect.stringMatching(/^No kubeconfig/),
    hint: expect.stringMatching(/KUBECONFIG/),
  });
  const listed = { ...empty, env: { ...empty.env, KUBECONFIG: '/nowhere/a:/nowhere/b' } };
  expect(await problemIn(choosePlace(listed))).toMatchObject({
    message: 'No kubeconfig: no cluster is named in /nowhere/a, /nowhere/b.',
  });
  expect(await problemIn(choosePlace({ ...empty, kubeconfig: '/nowhere/config' }))).toMatchObject({
    message: 'There is no kubeconfig at /nowhere/config',
  });
});

test('of a KUBECONFIG list the first that names a thing counts, and files that are not there do not matter', async () => {
  const one = written({ ...kubeconfig('https://one', {}, 'a'), 'current-context': undefined });
  const two = written({
    ...kubeconfig('https://two', {}, 'a'),
    clusters: [...kubeconfig('https://two', {}, 'a').clusters, ...kubeconfig('https://two', {}, 'b').clusters],
    'current-context': 'a',
  });
  const env = { KUBECONFIG: [one, '/nowhere', two, one].join(delimiter) };
  expect((await choosePlace({ ...empty, env })).cluster.server).toBe('https://one');
  expect((await choosePlace({ ...empty, env, cluster: 'b' })).cluster.server).toBe('https://two');
});

test('files named in a kubeconfig lie beside it', async () => {
  const config = kubeconfig(
    'https://one',
    { tokenFile: 'token', exec: { command: './plugin' }, 'client-key': '/k' },
    'a',
  );
  const path = written({
    ...config,
    clusters: [{ name: 'a', cluster: { server: 'https://one', 'certificate-authority': 'ca.crt' } }],
  });
  const { user, cluster } = await choosePlace({ ...empty, kubeconfig: path });
  const beside = (name: string) => join(path, '..', name);
  expect([user.tokenFile, user.exec?.command, user['client-key'], cluster['certificate-authority']]).toEqual([
    beside('token'),
    beside('plugin'),
    '/k',
    beside('ca.crt'),
  ]);
});

test.each([
  ['no YAML', 'users: [{token: sEcrEt', /not a kubeconfig: no YAML/],
  ['a list', '- sEcrEt', /not a kubeconfig/],
  [
    'a wrong field',
    '{users: [{name: a, user: {token: {sEcrEt: 1}}}]}',
    /users\.0\.user\.token is not what it should be/,
  ],
])('a kubeconfig that is none (%s) is named by its place, without its text', async (_, content, message) => {
  const problem = await problemIn(choosePlace({ ...empty, kubeconfig: file('config', content) }));
  expect(problem.message).toMatch(message);
  expect(JSON.stringify(problem)).not.toContain('sEcrEt');
});

test('in a pod the service account is used', async () => {
  const account = folder();
  for (const [name, content] of Object.entries({ token: 'abc\n', namespace: 'mine\n', 'ca.crt': '' })) {
    writeFileSync(join(account, name), content);
  }
  const env = { HOME: folder(), KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const place = await choosePlace({ ...empty, env }, account);
  expect(place).toMatchObject({ context: undefined, namespace: 'mine', cluster: { server: 'https://[fd00::1]:443' } });
  const { url } = await fakeApi((request, response) => json(response, request.headers));
  const access = createAccess({ ...place, cluster: { server: url } }, { ...empty, env });
  expect((await access.authorize()).headers).toMatchObject({ Authorization: 'Bearer abc' });
});

test('tokens, token files and passwords get into the request', async () => {
  expect((await headersOf({ token: 'abc' })).authorization).toBe('Bearer abc');
  expect((await headersOf({ tokenFile: file('token', 'def\n') })).authorization).toBe('Bearer def');
  expect((await headersOf({ username: 'jo', password: 'pw' })).authorization).toBe(`Basic ${btoa('jo:pw')}`);
  expect((await headersOf({})).authorization).toBeUndefined();
});

test('a token file is read again once the token is refused', async () => {
  const token = file('token', 'old');
  const { url } = await fakeApi((request, response) => {
    writeFileSync(token, 'new');
    json(response, request.headers, request.headers.authorization === 'Bearer new' ? 200 : 401);
  });
  const api = await createApi(connectionTo(url, { tokenFile: token }));
  expect((await api.get('/version')).body).toMatchObject({ authorization: 'Bearer new' });
});

test('--as, --as-group and --as-uid stand for somebody else, in place of what the kubeconfig says', async () => {
  const user = { as: 'ann', 'as-groups': ['x'], 'as-user-extra': { 'a/b': ['1'] } };
  expect(await headersOf(user)).toMatchObject({
    'impersonate-user': 'ann',
    'impersonate-group': 'x',
    'impersonate-extra-a%2fb': '1',
  });
  const flags = await headersOf(user, { as: 'bob', asGroup: ['g1', 'g2'], asUid: '7' });
  expect(flags).toMatchObject({ 'impersonate-user': 'bob', 'impersonate-group': 'g1, g2', 'impersonate-uid': '7' });
  expect(flags['impersonate-extra-a%2fb']).toBeUndefined();
  expect(await problemIn(headersOf({}, { asGroup: ['g'] }))).toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/need --as/),
  });
});

const plugin = (script: string) => {
  const path = join(folder(), 'plugin');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
};
const execUser = (script: string, more: object = {}) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin(script), interactiveMode: 'Never', ...more },
});
const credential = (token: string) => JSON.stringify({ kind: 'ExecCredential', status: { token } });

test('a credential plugin is run once for many requests, and again when its token is refused', async () => {
  const runs = join(folder(), 'runs');
  const script = `echo x >> ${runs}; n=$(wc -l < ${runs}); printf '{"status":{"token":"t%s"}}' $n`;
  const { url } = await fakeApi((request, response) =>
    json(response, request.headers, request.headers.authorization === 'Bearer t1' ? 401 : 200),
  );
  const api = await createApi(connectionTo(url, execUser(script), { env: process.env }));
  const answers = await Promise.all(Array.from({ length: 6 }, () => api.get('/version')));
  expect(answers.map(({ body }) => (body as { authorization: string }).authorization)).toEqual(
    Array(6).fill('Bearer t2'),
  );
});

test('a credential plugin is told what client-go tells it', async () => {
  const told = join(folder(), 'told');
  const script = `printf '%s %s %s' "$1" "$EXTRA" "$KUBERNETES_EXEC_INFO" > ${told}; echo '${credential('abc')}'`;
  const more = { args: ['get-token'], env: [{ name: 'EXTRA', value: 'more' }], provideClusterInfo: true };
  expect((await headersOf(execUser(script, more), { env: process.env })).authorization).toBe('Bearer abc');
  expect(readFileSync(told, 'utf8')).toMatch(/^get-token more \{"kind":"ExecCredential".*"server":"http:\/\/127/);
});

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
test.each([
  ['fails', `echo "refresh of ${JWT} failed" >&2; exit 3`, /ended with 3: refresh of \[redacted\] failed/],
  ['gives no JSON', `echo ${JWT}`, /gave no JSON/],
  ['gives no credential', `echo '{"status":{"x":"${JWT}"}}'`, /gave no credential/],
])('a credential plugin that %s is told without a token', async (_, script, message) => {
  const problem = await problemIn(headersOf(execUser(script), { env: process.env }));
  expect(problem).toMatchObject({ code: 'denied', message: expect.stringMatching(message) });
  expect(JSON.stringify(problem)).not.toContain('eyJ');
});

test('a credential plugin that fails is told without the secrets among its arguments and in its words', async () => {
  const script = 'echo "the token abc4defg was refused, password: hunter2" >&2; exit 1';
  const user = execUser(script, { args: ['--client-secret', 'swordfish', '--login=postgres://u:tuna@h'] });
  const problem = await problemIn(headersOf(user, { env: process.env }));
  expect(problem).toMatchObject({ hint: expect.stringContaining('--client-secret [hidden]') });
  expect(JSON.stringify(problem)).not.toMatch(/abc4|hunter2|swordfish|tuna/);
});

test('a credential plugin that fails is not run anew by each request', async () => {
  const runs = join(folder(), 'runs');
  const api = await createApi(
    connectionTo('http://127.0.0.1:1', execUser(`echo x >> ${runs}; exit 1`), { env: process.env }),
  );
  for (const path of ['/version', '/api', '/apis'])
    expect(await problemIn(api.get(path))).toMatchObject({ code: 'denied' });
  expect(readFileSync(runs, 'utf8')).toBe('x\n');
});

test('a credential plugin that hangs has the time of a request, whatever it has started itself', async () => {
  const connection = connectionTo('http://127.0.0.1:1', execUser('sleep 300; echo'), { env: process.env });
  const api = await createApi({ ...connection, requestTimeoutMs: 300 });
  expect(await problemIn(api.get('/version'))).toMatchObject({
    code: 'timeout',
    message: expect.stringMatching(/^The credential plugin .* gave no credential in the time of a request$/),
  });
});

test('a server that is no URL is told without its login', async () => {
  const problem = await problemIn(createApi(connectionTo('ht!tp://u:swordfish@h', {})));
  expect(problem).toMatchObject({ message: expect.stringContaining('is no URL') });
  expect(JSON.stringify(problem)).not.toContain('swordfish');
});

test('a credential plugin that is not there is told with how to get it', async () => {
  const user = { exec: { command: 'no-such-plugin', installHint: 'Install it from your cloud.' } };
  expect(await problemIn(headersOf(user, { env: process.env }))).toEqual({
    code: 'denied',
    message: 'The credential plugin no-such-plugin is not there',
    hint: 'Install it from your cloud.',
  });
});

test('a certificate that is not there is told by its path', async () => {
  const config = connectionTo('https://127.0.0.1:1', { 'client-certificate': '/nowhere/cert' });
  const api = await createApi(config);
  expect(await problemIn(api.get('/version'))).toMatchObject({
    code: 'denied',
    message: expect.stringMatching(/\/nowhere\/cert/),
  });
});

test('refused credentials are told with how to check them', async () => {
  const { connection } = await fakeApi((_, response) => json(response, {}, 401));
  const api = await createApi(connection);
  expect(await problemIn(api.get('/version'))).toMatchObject({
    code: 'denied',
    hint: expect.stringMatching(/kubectl auth whoami/),
  });
});

test.each([
  ['https://api.x.org', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
  ['https://api.x.org', { https_proxy: 'p:1' }, 'http://p:1'],
  ['http://api.x.org', { HTTPS_PROXY: 'http://p:1' }, undefined],
  ['https://api.x.org', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'y.org, .x.org' }, undefined],
  ['https://api.x.org', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'x.org' }, undefined],
  ['https://apix.org', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'x.org' }, 'http://p:1'],
  ['https://api.x.org:6443', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.x.org:443' }, 'http://p:1'],
  ['https://10.1.2.3', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, undefined],
  ['https://11.1.2.3', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8,fd00::/8' }, 'http://p:1'],
  ['https://[fd00::1]', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'fd00::/8' }, undefined],
  ['https://x.org', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
  ['https://127.0.0.1:6443', { HTTPS_PROXY: 'http://p:1' }, undefined],
])('%s with %o is reached through %s', (server, env, proxy) => {
  expect(proxyFromEnv(new URL(server), env)).toBe(proxy);
});
