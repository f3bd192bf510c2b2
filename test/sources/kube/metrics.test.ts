import { expect, test } from 'vitest';
import type { Workload } from '../../../src/core/kube-artifacts.ts';
import { createApi } from '../../../src/sources/kube/api.ts';
import { metricsIn, readMetrics } from '../../../src/sources/kube/metrics.ts';
import { type Answer, fakeApi, json, status } from './fake-api.ts';

const workload: Workload = { reference: 'deployment.apps/orca', name: 'orca', namespace: 'shop', selector: 'app=orca' };
const { selector: _, ...alone } = workload;
const sample = (pod: string) => ({
  metadata: { name: pod, namespace: 'shop', creationTimestamp: '2026-11-23T06:44:43Z', labels: { app: 'orca' } },
  timestamp: '2026-11-23T06:44:30Z',
  window: '10.128s',
  containers: [
    { name: 'orca', usage: { cpu: '3121483n', memory: '36312Ki' } },
    { name: 'sidecar', usage: { cpu: '0', memory: '812Ki' } },
  ],
});
const at = Date.parse('2026-11-23T06:44:30Z') / 1000;

const metricsFrom = async (answer: Answer, of = workload, pods = ['a']) => {
  const { connection } = await fakeApi(answer);
  return readMetrics(await createApi(connection), of, pods, 'shop');
};

test('every container has a sample, with the time and window that the API gives', async () => {
  const asked: (string | null)[] = [];
  const read = await metricsFrom((_, response, { pathname, searchParams }) => {
    asked.push(pathname, searchParams.get('labelSelector'));
    json(response, { kind: 'PodMetricsList', items: [sample('a')] });
  });
  expect(asked).toEqual(['/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods', 'app=orca']);
  expect(read).toEqual({
    samples: [
      { pod: 'a', container: 'orca', atUnixSeconds: at, bytes: 36312 * 1024 },
      { pod: 'a', container: 'sidecar', atUnixSeconds: at, bytes: 812 * 1024 },
    ],
    windowSeconds: 10.128,
  });
});

test('what makes no sense in an answer is left out, and the rest is there', () => {
  const odd = { ...sample('a'), containers: [null, { name: 'x', usage: { memory: '-3' } }, sample('a').containers[0]] };
  expect(metricsIn([7, { ...sample('b'), timestamp: 'now' }, odd]).samples).toHaveLength(1);
});

test('a pod without a selector is asked for by its name, and one without a sample yet is none', async () => {
  const read = await metricsFrom(
    (_, response, { pathname }) => {
      if (pathname.endsWith('/pods/a')) return json(response, sample('a'));
      if (pathname.endsWith('/v1beta1')) return json(response, { kind: 'APIResourceList' });
      json(response, status('podmetrics.metrics.k8s.io "shop/b" not found', 'NotFound', 404), 404);
    },
    alone,
    ['a', 'b'],
  );
  expect(read.samples.map(({ pod }) => pod)).toEqual(['a', 'a']);
});

test.each([
  ['is not registered, by selector', workload, 404, 'This cluster has no metrics API.'],
  ['is not registered, by name', alone, 404, 'This cluster has no metrics API.'],
  ['has nobody behind it', workload, 503, 'The metrics API is registered, but does not answer.'],
])('a metrics API that %s is absent, with what to look at', async (_, of, code, message) => {
  const answer: Answer = (_, response) => json(response, status('the server could not do it', 'x', code), code);
  await expect(metricsFrom(answer, of)).rejects.toMatchObject({
    problem: { code: 'absent', message, hint: expect.stringContaining('kubectl get apiservice') },
  });
});

test('a metrics API that may not be asked is denied, in the words of the API server', async () => {
  const forbidden = status('pods.metrics.k8s.io is forbidden: User "x" cannot list', 'Forbidden', 403);
  await expect(metricsFrom((_, response) => json(response, forbidden, 403))).rejects.toMatchObject({
    problem: { code: 'denied', message: forbidden.message },
  });
});

test.each([
  ['list', alone, '/pods', ['a']],
  ['get', workload, '/pods/', ['a', 'b']],
])('where only %s is allowed, that is done', async (_, of, allowed, pods) => {
  const read = await metricsFrom(
    (_, response, { pathname }) => {
      if (pathname.includes('/pods/') !== allowed.endsWith('/'))
        return json(response, status('no', 'Forbidden', 403), 403);
      json(
        response,
        allowed.endsWith('/') ? sample(pathname.split('/').at(-1)!) : { items: [sample('a'), sample('other')] },
      );
    },
    of,
    pods,
  );
  expect([...new Set(read.samples.map(({ pod }) => pod))]).toEqual(pods);
});
