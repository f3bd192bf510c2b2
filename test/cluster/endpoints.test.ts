import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Endpoints } from '../../src/core/endpoints-artifact.ts';
import { kubeArtifactSchemas } from '../../src/core/kube-artifacts.ts';
import { createKubePort } from '../../src/sources/kube/index.ts';
import { whyoom } from '../cli/whyoom.ts';
import { counted } from '../counted.ts';
import { interpreters } from '../python/programs.ts';
import { withPackages } from '../python/venv.ts';
import { temporaryFolder } from '../temporary.ts';
import { apply, KUBECONFIG, kubeconfigWith, makeNamespace, removeNamespace, waitUntil } from './cluster.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const PACKAGES = [
  'flask==3.1.3',
  'flask-debugtoolbar==0.16.0',
  'prometheus_client==0.26.0',
  'django==5.2.9',
  'django-debug-toolbar==6.1.0',
];
/** As the image has it: what is compiled in the packages fits. */
const interpreter = interpreters().find(({ version }) => version.startsWith('3.12.'));
const packages = whyNoCluster() === undefined && interpreter ? withPackages(interpreter, PACKAGES) : undefined;
const onCluster = test.skipIf(packages === undefined);

const FLASK = `
import tracemalloc; tracemalloc.start()
from flask import Flask, jsonify
from flask_debugtoolbar import DebugToolbarExtension
app = Flask(__name__)
app.config['SECRET_KEY'] = 'x'; app.debug = True
DebugToolbarExtension(app)
KEPT = []
@app.get('/')
def home():
    return '<html><body>hello</body></html>'
@app.get('/debug/memory')
def memory():
    current, peak = tracemalloc.get_traced_memory()
    top = tracemalloc.take_snapshot().statistics('lineno')[:10]
    rows = [{'file': s.traceback[0].filename, 'line': s.traceback[0].lineno, 'size': s.size, 'count': s.count} for s in top]
    return jsonify(current=current, peak=peak, top=rows, api_key='sk_live_4eC39HqLyjWDarjtT1zdp7dc')
for n in range(4000):
    KEPT.append('x' * 5000 + str(n))
app.run('0.0.0.0', 5000, use_reloader=False)
`;
const LINE = FLASK.split('\n').findIndex((line) => line.includes('KEPT.append')) + 1;

const METRICS = `
import time
from prometheus_client import Gauge, start_http_server
size = Gauge('orca_cache_items', 'Items', ['tenant'])
size.labels('secret-tenant-a').set(40); size.labels('b').set(2)
start_http_server(8000)
time.sleep(1e6)
`;

const DJANGO = `
import sys
from django.conf import settings
settings.configure(DEBUG=True, SECRET_KEY='x', ROOT_URLCONF='__main__', INTERNAL_IPS=['127.0.0.1'],
  INSTALLED_APPS=['django.contrib.staticfiles', 'debug_toolbar'], STATIC_URL='/static/',
  MIDDLEWARE=['debug_toolbar.middleware.DebugToolbarMiddleware'],
  TEMPLATES=[{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'APP_DIRS': True}])
import django; django.setup()
from django.http import HttpResponse
from django.urls import include, path
import debug_toolbar
urlpatterns = [path('', lambda request: HttpResponse('<html><body>hello</body></html>')), path('__debug__/', include('debug_toolbar.urls'))]
from django.core.management import execute_from_command_line
execute_from_command_line(['manage.py', 'runserver', '--noreload', '0.0.0.0:8000'])
`;

/** On a port that the manifest does not name, for nobody outside the pod. */
const HIDDEN = METRICS.replace('start_http_server(8000)', "start_http_server(8123, '127.0.0.1')");
const CONNECTS = ['python', '-c', 'import socket; socket.create_connection(("127.0.0.1", 8123))'];

let space = '';

function pod(name: string, program: string, port?: number, limit?: string): object {
  const site = join(dirname(dirname(packages!.path)), 'lib/python3.12/site-packages');
  const container = {
    name: 'app',
    image: 'python:3.12-slim',
    command: ['python', '-u', '-c', program],
    env: [{ name: 'PYTHONPATH', value: '/site' }],
    ...(port && { ports: [{ containerPort: port }] }),
    volumeMounts: [{ name: 'site', mountPath: '/site', readOnly: true }],
    ...(limit && { resources: { limits: { memory: limit } } }),
    // Ready once somebody listens.
    readinessProbe: { ...(port ? { tcpSocket: { port } } : { exec: { command: CONNECTS } }), periodSeconds: 1 },
  };
  const volumes = [{ name: 'site', hostPath: { path: site } }];
  const spec = { terminationGracePeriodSeconds: 1, containers: [container], volumes };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

if (packages) {
  beforeAll(async () => {
    space = await makeNamespace();
    const items = [
      pod('flask', FLASK, 5000),
      pod('metrics', METRICS, 8000),
      pod('django', DJANGO, 8000),
      pod('new', FLASK, 5000, '256Mi'),
      pod('hidden', HIDDEN),
    ];
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), space);
    const port = await createKubePort({
      kubeconfig: KUBECONFIG,
      namespace: space,
      requestTimeoutMs: 30_000,
      env: {},
      interrupted: new AbortController().signal,
    });
    for (const name of ['flask', 'metrics', 'django', 'new', 'hidden']) {
      await waitUntil(`${name} ready`, async () =>
        (await port.pod(name)).conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
    }
  });
  afterAll(() => removeNamespace(space));
}

async function looked(name: string, ...options: string[]) {
  const folder = join(temporaryFolder(), 'case');
  const run = await whyoom(
    `pod/${name}`,
    '-n',
    space,
    '--for',
    '0',
    '--save',
    folder,
    '--kubeconfig',
    KUBECONFIG,
    ...options,
  );
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { steps } = read('case.json') as { steps: { key: string; note?: string; problem?: object }[] };
  const step = steps.find(({ key }) => key === 'endpoints');
  const made =
    step && !step.problem ? (kubeArtifactSchemas.endpoints.parse(read('endpoints.json')) as Endpoints) : undefined;
  for (const { is, port } of made?.found ?? []) counted('endpoints', `${name} ${is} on ${port}`);
  return { ...run, step, made };
}

onCluster(
  'a Flask service with its own /debug/memory and a debug toolbar is found, with no curl in the image',
  async () => {
    const { made, step, out, err } = await looked('flask');
    expect(made?.found, err).toMatchObject([
      { is: 'toolbar', of: 'flask', port: 5000 },
      { is: 'memory', port: 5000, path: '/debug/memory', sites: expect.any(Array) },
    ]);
    const memory = made?.found[1] as Extract<Endpoints['found'][number], { is: 'memory' }>;
    expect(memory.sites[0]).toMatchObject({ file: '<string>', line: LINE, blocks: expect.any(Number) });
    expect(memory.sites[0]!.bytes).toBeGreaterThan(4000 * 5000);
    expect(memory.tracedBytes).toBeGreaterThan(4000 * 5000);
    expect(step?.note).toBe('debug toolbar on 5000, /debug/memory on 5000');
    expect(out.replace(/\s+/g, ' ')).toContain(`after kubectl port-forward pod/flask 5000 -n ${space}`);
    expect(JSON.stringify(made)).not.toContain('sk_live');
  },
);

onCluster('what prometheus_client tells is read, without the labels', async () => {
  const { made } = await looked('metrics');
  expect(made?.found).toMatchObject([
    {
      is: 'metrics',
      port: 8000,
      python: expect.stringMatching(/^3\.12\./),
      residentBytes: expect.any(Number),
      uncollectable: 0,
      gauges: [{ name: 'orca_cache_items', value: 42, series: 2 }],
    },
  ]);
  expect(JSON.stringify(made)).not.toContain('secret-tenant');
});

onCluster('a port that the manifest does not name is found by the reader inside, at 127.0.0.1 too', async () => {
  const { made, err } = await looked('hidden', '--for', '2s');
  expect(made, err).toMatchObject({
    ports: [8123],
    portsFrom: 'listening',
    found: [{ is: 'metrics', port: 8123, gauges: [{ name: 'orca_cache_items', value: 42 }] }],
  });
});

onCluster('a Django with a debug toolbar is recognised', async () => {
  const { made, err } = await looked('django');
  expect(made?.found, err).toMatchObject([{ is: 'toolbar', of: 'django', port: 8000 }]);
});

onCluster('a page that may take much memory is not asked for while nobody knows how much there is', async () => {
  // The metrics API is not to be asked: as where there is none.
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get'] },
  ];
  const kubeconfig = await kubeconfigWith(space, rules);
  const { made, out, err } = await looked('new', '--kubeconfig', kubeconfig, '-o', 'json');
  expect(made?.found, err).toMatchObject([{ is: 'toolbar' }]);
  expect(made?.skipped.map(({ path }) => path)).toEqual(['/debug/memory', '/debug/pprof/heap']);
  const evidence = JSON.parse(out).evidence as { says: string; reproduce: string }[];
  expect(evidence).toContainEqual(
    expect.objectContaining({
      says: expect.stringMatching(/\/debug\/memory on port 5000.*not asked/),
      reproduce: expect.stringMatching(/port-forward.*curl -s localhost:5000\/debug\/memory/),
    }),
  );
});

onCluster('without the right to forward ports, or with --no-probe, nothing is asked', async () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
  const { step } = await looked('metrics', '--kubeconfig', await kubeconfigWith(space, rules));
  expect(step?.problem).toMatchObject({ code: 'denied', hint: expect.stringMatching(/whyoom preflight/) });
  expect((await looked('metrics', '--no-probe')).step).toBeUndefined();
  expect((await looked('metrics', '--allow', 'api')).step).toBeUndefined();
});
