import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogRequest } from '../../../src/core/kube-port.ts';
import { ProblemError } from '../../../src/core/problem.ts';
import { createKubePort } from '../../../src/sources/kube/index.ts';
import { createLogTail } from '../../../src/sources/kube/log-tail.ts';
import { type Answer, fakeApi, json, status } from './fake-api.ts';

const ASKED: LogRequest = {
  pod: 'orca-1',
  container: 'app',
  previous: false,
  keepBytes: 1000,
  until: new AbortController().signal,
};
const logOf = async (answer: Answer, request: Partial<LogRequest> = {}) => {
  const { connection } = await fakeApi(answer);
  return (await createKubePort(connection)).log({ ...ASKED, ...request });
};
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );

test('a log is asked for with its times, and without the limit that would keep its oldest lines', async () => {
  let url = '';
  await logOf(
    (request, response) => {
      url = request.url;
      response.end('x\n');
    },
    { previous: true, sinceSeconds: 60, tailLines: 5 },
  );
  expect(url).toBe(
    '/api/v1/namespaces/shop/pods/orca-1/log?container=app&previous=true&timestamps=true&sinceSeconds=60&tailLines=5',
  );
});

test('the newest lines are kept, whole ones, and what was cut is counted', async () => {
  const lines = Array.from({ length: 5000 }, (_, n) => `2026-11-23T06:00:00Z line ${n} ä\n`);
  const log = await logOf((_, response) => {
    for (const line of lines) response.write(line);
    response.end();
  });
  const kept = lines.slice(-log.lines).join('');
  expect(log.text).toBe(kept);
  expect(Buffer.byteLength(kept)).toBeGreaterThan(950);
  expect(log.cutBytes).toBe(Buffer.byteLength(lines.join('')) - Buffer.byteLength(kept));
  expect(log.problem).toBeUndefined();
});

test('secrets are taken out and counted', async () => {
  const log = await logOf((_, response) => response.end('T start\nT password=hunter2 user=x\n'));
  expect(log.text).not.toContain('hunter2');
  expect(log).toMatchObject({ lines: 2, redacted: 1, cutBytes: 0 });
});

test('a stream that breaks is read once more; one that breaks again is given as far as it came, with why', async () => {
  let asked = 0;
  const breaksOnce: Answer = (_, response) => {
    response.write('one\n');
    setTimeout(() => (asked++ === 0 ? response.socket?.destroy() : response.end('two\n')), 10);
  };
  expect(await logOf(breaksOnce)).toMatchObject({ text: 'one\ntwo\n', lines: 2 });
  const breaks: Answer = (_, response) => {
    response.write('one\n');
    setTimeout(() => response.socket?.destroy(), 10);
  };
  expect(await logOf(breaks)).toMatchObject({ text: 'one\n', problem: expect.stringContaining('broke') });
});

test.each([
  'previous terminated container "app" in pod "orca-1" not found',
  'container "app" in pod "orca-1" is waiting to start: ContainerCreating',
])('there is no log: %s', async (words) => {
  const problem = await problemIn(logOf((_, response) => json(response, status(words, 'BadRequest', 400), 400)));
  expect(problem).toMatchObject({ code: 'absent', message: expect.stringContaining(words) });
});

test('a kubelet that lost the log says so in its place: that is no log', async () => {
  const words = 'unable to retrieve container logs for containerd://5a0f';
  expect(await problemIn(logOf((_, response) => response.end(words)))).toEqual({ code: 'absent', message: words });
});

test('who has heard enough gets what came', async () => {
  const until = new AbortController();
  const log = await logOf(
    (_, response) => {
      response.write('one\n');
      setTimeout(() => until.abort(), 30);
    },
    { until: until.signal },
  );
  expect(log).toMatchObject({ text: 'one\n', problem: expect.stringContaining('interrupted') });
});

test('however a log comes in pieces, its end is kept from a line start on, in bounded memory', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 40 })),
      fc.integer({ min: 1, max: 200 }),
      (pieces, keepBytes) => {
        const tail = createLogTail(keepBytes);
        for (const piece of pieces) tail.add(Buffer.from(piece));
        const all = pieces.join('');
        const { text, cutBytes } = tail.read();
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(keepBytes);
        expect(all.endsWith(text)).toBe(true);
        expect(Buffer.byteLength(all) - Buffer.byteLength(text)).toBe(cutBytes);
      },
    ),
  );
});
