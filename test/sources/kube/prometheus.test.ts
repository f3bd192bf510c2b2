import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { HistoryAsked } from '../../../src/core/kube-port.ts';
import { createApi } from '../../../src/sources/kube/api.ts';
import { historyOf, readHistory } from '../../../src/sources/kube/prometheus.ts';
import { matchAny, promString } from '../../../src/sources/kube/prometheus-language.ts';
import { findPrometheusServices, servicesIn } from '../../../src/sources/kube/prometheus-services.ts';
import { fakeApi, json, status } from './fake-api.ts';

const NOW = 1_795_416_283;
const asked: HistoryAsked = { podPattern: 'orca-.*', pods: ['orca-b'], toUnixSeconds: NOW };
const matrix = (result: object[]) => ({ status: 'success', data: { resultType: 'matrix', result } });
const labels = (pod: string, more: object = {}) => ({ pod, container: 'orca', namespace: 'shop', ...more });

/** A Prometheus that knows two pods: an earlier one by days, and two lives of the one there is, as scraped. */
const recorded = (path: string, query: Readonly<Record<string, string>>): unknown => {
  if (path === 'api/v1/label/pod/values') return { status: 'success', data: ['orca-a', 'orca-b'] };
  if (!query.query?.includes('container_memory_working_set_bytes')) return matrix([]);
  if (path === 'api/v1/query_range')
    return matrix([
      {
        metric: { pod: 'orca-a', container: 'orca' },
        values: [
          [NOW - 90_000, '1000'],
          [NOW - 89_820, '1100'],
        ],
      },
    ]);
  return matrix([
    { metric: labels('orca-b', { id: '/second' }), values: [[NOW - 15.5, '500']] },
    {
      metric: labels('orca-b', { id: '/first' }),
      values: [
        [NOW - 60.5, '900'],
        [NOW - 45.5, 'NaN'],
      ],
    },
  ]);
};

test('samples of days and of the last hours are one series a container, by time, over all its lives', async () => {
  const history = await historyOf(async (path, query) => recorded(path, query), asked, 'shop');
  expect(history.series).toEqual([
    {
      pod: 'orca-a',
      container: 'orca',
      measure: 'working-set',
      samples: [
        [NOW - 90_000, 1000],
        [NOW - 89_820, 1100],
      ],
    },
    {
      pod: 'orca-b',
      container: 'orca',
      measure: 'working-set',
      samples: [
        [NOW - 60.5, 900],
        [NOW - 15.5, 500],
      ],
    },
  ]);
  expect(history).toMatchObject({ fromUnixSeconds: NOW - 7 * 86_400, toUnixSeconds: NOW });
  expect(history.unread).toBeUndefined();
});

test('no query asks for 5,000 points a series or more, and with many pods each has fewer', async () => {
  const stepsFor = async (pods: number) => {
    const steps: number[] = [];
    await historyOf(
      async (path, query) => {
        if (path.endsWith('values'))
          return { status: 'success', data: Array.from({ length: pods }, (_, n) => `p-${n}`) };
        if (query.step) steps.push((Number(query.end) - Number(query.start)) / Number(query.step));
        return matrix([]);
      },
      asked,
      'shop',
    );
    return Math.max(...steps);
  };
  expect(await stepsFor(1)).toBeLessThan(5000);
  expect(await stepsFor(1)).toBeGreaterThan(3000);
  expect(await stepsFor(100)).toBeLessThan(700);
});

test('of too many pods those there are come first, and the others are counted', async () => {
  let match = '';
  const names = [...Array.from({ length: 300 }, (_, n) => `orca-old-${n}`), 'orca-b'];
  const history = await historyOf(
    async (path, { query }) => {
      match ||= query ?? '';
      return path.endsWith('values') ? { status: 'success', data: names } : matrix([]);
    },
    asked,
    'shop',
  );
  expect(history.unread).toBe(201);
  expect(match).toContain('pod=~"orca-b|orca-old-0|');
});

test('a Prometheus that knows no such pod is asked nothing more', async () => {
  let times = 0;
  const history = await historyOf(async () => ({ status: 'success', data: times++ ? ['x'] : [] }), asked, 'shop');
  expect([history.series, times]).toEqual([[], 1]);
});

test('measures that fail are left out; without the working set there is no history', async () => {
  const without = (metric: string) => async (path: string, query: Readonly<Record<string, string>>) =>
    query.query?.includes(metric) ? { status: 'error', error: 'query timed out' } : recorded(path, query);
  expect((await historyOf(without('container_memory_rss'), asked, 'shop')).series).toHaveLength(2);
  await expect(historyOf(without('working_set'), asked, 'shop')).rejects.toMatchObject({
    problem: { code: 'broken', message: 'Prometheus refuses the query: query timed out.' },
  });
});

test('in the cluster it is asked through the proxy of its service', async () => {
  const paths = new Set<string>();
  const { connection } = await fakeApi((_, response, { pathname, searchParams }) => {
    const [, service = '', path = ''] =
      /^\/api\/v1\/namespaces\/monitoring\/services\/([^/]+)\/proxy\/(.*)$/.exec(pathname) ?? [];
    paths.add(decodeURIComponent(service));
    json(response, recorded(path, Object.fromEntries(searchParams)));
  });
  const place = {
    by: 'service',
    namespace: 'monitoring',
    service: 'prometheus-k8s',
    port: '9090',
    scheme: 'https',
  } as const;
  const history = await readHistory(await createApi(connection), place, asked, connection);
  expect(history.from).toBe('service monitoring/prometheus-k8s:9090');
  expect(history.series).toHaveLength(2);
  expect([...paths]).toEqual(['https:prometheus-k8s:9090']);
});

/** Of its own, past the API server; says with which login it was asked. */
async function prometheusServer(answer: (path: string) => { code: number; body: string }) {
  const logins = new Set<string | undefined>();
  const server = createServer((request, response) => {
    logins.add(request.headers.authorization);
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const { code, body } = answer(pathname);
    response
      .writeHead(code)
      .end(body || JSON.stringify(recorded(pathname.replace('/prom/', ''), Object.fromEntries(searchParams))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { connection } = await fakeApi((_, response) => json(response, status('never asked', 'x', 500), 500));
  const api = await createApi(connection);
  const url = `http://me:hunter2@127.0.0.1:${(server.address() as AddressInfo).port}/prom/`;
  const close = () => new Promise((resolve) => server.close(resolve));
  return { logins, url, close, read: (place = url) => readHistory(api, { by: 'url', url: place }, asked, connection) };
}

test('at a URL it is asked with the login of the URL, which is kept nowhere', async () => {
  const { read, logins, url } = await prometheusServer(() => ({ code: 200, body: '' }));
  const history = await read();
  expect(history.series).toHaveLength(2);
  expect(history.from).toBe(url.replace('me:hunter2@', ''));
  expect([...logins]).toEqual([`Basic ${Buffer.from('me:hunter2').toString('base64')}`]);
  expect(JSON.stringify(history)).not.toContain('hunter2');
});

test.each([
  ['refuses the login', 401, 'no', 'denied'],
  ['is another web server', 200, '<html>', 'broken'],
  ['answers JSON of another kind', 200, '{"hits":[]}', 'broken'],
])('a URL at which something %s is told without its login', async (_, code, body, problem) => {
  const { read } = await prometheusServer(() => ({ code, body }));
  const thrown = await read().catch((error) => error);
  expect(thrown.problem).toMatchObject({ code: problem });
  expect(JSON.stringify(thrown.problem)).not.toContain('hunter2');
});

test('a URL at which nothing listens is told, too', async () => {
  const { read, url, close } = await prometheusServer(() => ({ code: 200, body: '' }));
  await close();
  const thrown = await read().catch((error) => error);
  expect(thrown.problem).toMatchObject({
    code: 'absent',
    message: `Prometheus at ${url.replace('me:hunter2@', '')} does not answer (ECONNREFUSED).`,
  });
});

const service = (name: string, more: { labels?: object; ports?: object[]; namespace?: string } = {}) => ({
  metadata: { name, namespace: more.namespace ?? 'monitoring', labels: more.labels ?? {} },
  spec: { ports: more.ports ?? [{ port: 9090, name: 'web' }] },
});

test('services are found by the labels and names of the common charts, each once', async () => {
  const { connection } = await fakeApi((_, response, { searchParams }) => {
    const found =
      searchParams.get('labelSelector') === 'app.kubernetes.io/name=prometheus'
        ? [service('my-prometheus-server', { ports: [{ port: 80, name: 'http' }] })]
        : [];
    const named =
      searchParams.get('fieldSelector') === 'metadata.name=prometheus-k8s' ? [service('prometheus-k8s')] : [];
    json(response, { items: [...found, ...found, ...named] });
  });
  expect(await findPrometheusServices(await createApi(connection))).toEqual([
    { namespace: 'monitoring', service: 'prometheus-k8s', port: '9090' },
    { namespace: 'monitoring', service: 'my-prometheus-server', port: '80' },
  ]);
});

test('what belongs to Prometheus and is none is left out', () => {
  const others = [
    service('prometheus-alertmanager'),
    service('x', { labels: { component: 'pushgateway' } }),
    service('y', { labels: { 'app.kubernetes.io/component': 'node-exporter' } }),
    service('z', { ports: [] }),
    null,
  ];
  expect(servicesIn(others)).toEqual([]);
});

test('the port is the one that answers queries, with TLS where it says so', () => {
  const ports = [
    { port: 10_901, name: 'grpc' },
    { port: 443, name: 'https' },
  ];
  expect(servicesIn([service('a', { ports })])).toEqual([
    { namespace: 'monitoring', service: 'a', port: '443', scheme: 'https' },
  ]);
});

test('no name breaks out of its string or its pattern', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, other) => {
      const pattern = new RegExp(`^(?:${matchAny([name])})$`, 's');
      expect(pattern.test(name)).toBe(true);
      if (other !== name) expect(pattern.test(other)).toBe(false);
      expect(promString(name)).toMatch(/^"(?:[^"\\\n]|\\.)*"$/s);
    }),
  );
  expect(promString('a"b\\c\nd')).toBe('"a\\"b\\\\c\\nd"');
});
