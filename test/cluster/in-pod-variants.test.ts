import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/core/report.ts';
import { counted } from '../counted.ts';
import { codename, fetchPackages, unpack } from '../interpreters/apt.ts';
import { interpreters } from '../python/programs.ts';
import { withPackages } from '../python/venv.ts';
import { findingOn, reportOf } from '../whyoom.ts';
import { apply, KUBECONFIG, kubectl, makeNamespace, removeNamespace, waitUntil } from './cluster.ts';
import { kept } from './kept.ts';
import { untilRunning } from './pod.ts';
import { podOf } from './pods-of.ts';
import { whyNoCluster } from './why-no-cluster.ts';

/** A service in all the ways in which services run. Of four workers of gunicorn one leaks. */
const APP = `
import os, threading, time


class Service:
    def __init__(self):
        self.seen = []

    def handle(self, number):
        self.seen.append({"number": number, "data": b"x" * 60_000})  # FEED


def work():
    service = Service()
    number = 0
    while True:
        number += 1
        service.handle(number)
        time.sleep(0.05)


def leaks():
    """One process of the container does, whichever comes first."""
    try:
        os.close(os.open(os.environ.get("LEAKER", "/tmp/leaker"), os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False


def application(environ, start_response):
    start_response("200 OK", [])
    return [b""]


if __name__ == "__main__":
    work()
elif leaks():
    threading.Thread(target=work, daemon=True).start()
`;
const FEED = APP.split('\n').findIndex((line) => line.includes('# FEED')) + 1;

interface Variant {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Beside what all containers have. */
  readonly container?: object;
  readonly pod?: object;
  readonly beside?: readonly object[];
  readonly kind?: 'Deployment' | 'StatefulSet';
  /** Folders of this machine, by where they are mounted. */
  readonly folders?: Readonly<Record<string, string>>;
  readonly holder?: string;
  /** Lines of its log with this say that all of it is up: while workers start, each of them grows. */
  readonly isUp?: { readonly words: string; readonly times: number };
}

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1000,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** tini as Debian builds it, unpacked once. */
const tini = (): string =>
  kept('tini', [codename() ?? ''], (draft) => {
    const packages = fetchPackages(
      { release: codename()!, architecture: 'amd64', packages: ['tini'], besideInstalled: true },
      join(draft, 'apt'),
    );
    unpack(packages, draft);
  });

/** Pure Python: it runs on whatever interpreter the image has. */
function gunicorn(): string {
  const interpreter = interpreters().find(({ version }) => version.startsWith('3.12.'))!;
  const { path } = withPackages(interpreter, ['gunicorn==23.0.0'])!;
  return join(dirname(dirname(path)), 'lib/python3.12/site-packages');
}

const VARIANTS: Readonly<Record<string, () => Variant>> = {
  'on 3.12': () => ({ image: 'python:3.12-slim' }),
  'on 3.14': () => ({ image: 'python:3.14-slim' }),
  'as an ordinary user without capabilities and with a read-only root': () => ({
    image: 'python:3.12-slim',
    container: { securityContext: RESTRICTED },
  }),
  'under tini': () => ({
    command: ['/tini/usr/bin/tini-static', '--', 'python', '/src/app.py'],
    folders: { '/tini': tini() },
  }),
  'under a shell': () => ({ command: ['sh', '-c', 'python /src/app.py; true'] }),
  'under gunicorn, one of four workers': () => ({
    image: 'python:3.12-slim',
    command: ['python', '-m', 'gunicorn', '--workers', '4', '--chdir', '/src', 'app:application'],
    env: { PYTHONPATH: '/packages' },
    folders: { '/packages': gunicorn() },
    holder: 'app.Service.seen',
    isUp: { words: 'Booting worker with pid', times: 4 },
  }),
  'beside a sidecar': () => ({
    beside: [{ name: 'proxy', image: 'python:3.9-slim', command: ['python', '-c', 'import time; time.sleep(1e6)'] }],
  }),
  'in a StatefulSet': () => ({ kind: 'StatefulSet', image: 'python:3.14-slim' }),
};

function objectsOf(name: string, variant: Variant): object[] {
  const { image = 'python:3.9-slim', command = ['python', '/src/app.py'], kind = 'Deployment', folders = {} } = variant;
  const labels = { app: name };
  const mounts = Object.entries(folders).map(([mountPath, path], at) => ({ name: `folder-${at}`, mountPath, path }));
  const container = {
    name: 'service',
    image,
    command,
    env: Object.entries(variant.env ?? {}).map(([key, value]) => ({ name: key, value })),
    resources: { limits: { memory: '384Mi' } },
    volumeMounts: [
      { name: 'source', mountPath: '/src' },
      ...mounts.map(({ name: volume, mountPath }) => ({ name: volume, mountPath, readOnly: true })),
    ],
    ...variant.container,
  };
  const volumes = [
    { name: 'source', configMap: { name } },
    ...mounts.map(({ name: volume, path }) => ({ name: volume, hostPath: { path } })),
  ];
  const spec = {
    terminationGracePeriodSeconds: 0,
    containers: [container, ...(variant.beside ?? [])],
    volumes,
    ...variant.pod,
  };
  const workload = { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { 'app.py': APP } },
    {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name },
      spec: { ...workload, ...(kind === 'StatefulSet' ? { serviceName: name } : {}) },
    },
  ];
}

describe.skipIf(whyNoCluster() !== undefined)('a leak is found in a pod', () => {
  let space: string;
  const looks = new Map<string, Promise<Report>>();
  const started = Object.entries(VARIANTS).map(([title, make], at) => ({ title, make, name: `variant-${at}` }));

  beforeAll(async () => {
    space = await makeNamespace();
    // Three at a time: each look walks a heap.
    const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve(), Promise.resolve()];
    for (const [at, { title, make, name }] of started.entries()) {
      const look = lanes[at % lanes.length]!.then(() => lookInto(name, make()));
      looks.set(title, look);
      lanes[at % lanes.length] = look.catch(() => undefined);
    }
    await Promise.all(lanes);
  }, 300_000);
  afterAll(() => removeNamespace(space));

  async function lookInto(name: string, variant: Variant): Promise<Report> {
    const { kind = 'Deployment' } = variant;
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objectsOf(name, variant) }), space);
    counted('pods', `${space}/${name}`);
    const pod = await podOf(space, name);
    await untilRunning(space, pod);
    if (variant.isUp) await untilUp(pod, variant.isUp);
    const report = await reportOf(`${kind}/${name}`, '-n', space, '--kubeconfig', KUBECONFIG, '--for', '15s');
    await kubectl('delete', kind, name, '-n', space, '--wait=false');
    return report;
  }

  async function untilUp(pod: string, { words, times }: NonNullable<Variant['isUp']>): Promise<void> {
    const log = () => kubectl('logs', pod, '-n', space).catch(() => '');
    await waitUntil(`${times} times ${words}`, async () => (await log()).split(words).length > times);
    await sleep(3000);
  }

  test.each(started)('$title', async ({ title, make }) => {
    const report = await looks.get(title)!;
    const { holder = '__main__.Service.seen' } = make();
    expect(report.verdict, `${report.headline} ${JSON.stringify(report.unknown)}`).toBe('leak');
    const finding = findingOn(report, { name: holder });
    expect(report.findings.map((each) => each.holder?.name)).toContain(holder);
    expect(finding!.places[0]).toMatchObject({ role: 'feeds', file: '/src/app.py', line: FEED });
  });
});
