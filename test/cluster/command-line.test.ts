import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportSchema } from '../../src/core/report.ts';
import { expectValidReport } from '../report-valid.ts';
import { temporaryFolder } from '../temporary.ts';
import { apply, get, KUBECONFIG, kubectl, kubectlAs, makeNamespace, removeNamespace, waitUntil } from './cluster.ts';
import { containerStatus, runPython } from './pod.ts';
import { runProgram } from './run-program.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const ROOT = join(import.meta.dirname, '../..');
const GROWS = 'import time\nkept = []\nwhile True:\n    kept.append(bytearray(2**21)); time.sleep(0.05)';
let space: string;

beforeAll(async () => {
  if (whyNoCluster() !== undefined) return;
  space = await makeNamespace();
  await runPython(space, GROWS, { name: 'grows', limit: '48Mi' });
  await waitUntil('OOM kill', async () => (await containerStatus(space, 'grows'))?.lastState.terminated);
  runProgram(process.execPath, [join(ROOT, 'scripts/build.ts')]);
});
afterAll(async () => {
  if (space) await removeNamespace(space);
});

/** `kubectl whyoom …`, which finds the plugin in the PATH as the package installs it. */
async function kubectlWhyoom(kubeconfig: string, ...argv: string[]): Promise<string> {
  const folder = temporaryFolder();
  symlinkSync(join(ROOT, 'bin/whyoom.js'), join(folder, 'kubectl-whyoom'));
  const before = process.env.PATH;
  process.env.PATH = [folder, dirname(process.execPath), before].join(':');
  try {
    return await kubectlAs(kubeconfig, ['whyoom', ...argv]);
  } finally {
    process.env.PATH = before;
  }
}

onCluster('kubectl whyoom is the same command, and says that the pod was OOM killed', async () => {
  const said = await kubectlWhyoom(KUBECONFIG, 'grows', '-n', space, '--for', '0');
  expect(said).toContain(`${space}/grows`);
  expect(said).toMatch(/OOM RISK +OOM killed/);
});

onCluster('-o json gives a report by the schema, with the kill, its time and where it was seen', async () => {
  const report: unknown = JSON.parse(
    await kubectlWhyoom(KUBECONFIG, 'pod/grows', '-n', space, '--for', '0', '-o', 'json'),
  );
  expectValidReport(report);
  const { verdict, kills, target } = reportSchema.parse(report);
  expect({ verdict, target }).toEqual({
    verdict: 'oom-risk',
    target: { kind: 'pod', name: `${space}/grows`, container: 'app' },
  });
  expect(kills?.[0]).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  expect(kills?.[0]?.seen).toMatch(/lastState|state/);
});

onCluster('-l takes the pods of a selector, and -o name names the one that was diagnosed', async () => {
  expect(await kubectlWhyoom(KUBECONFIG, '-l', 'app=grows', '-n', space, '--for', '0', '-o', 'name')).toBe(
    'pod/grows\n',
  );
});

onCluster('--context takes another context, with its namespace; KUBECONFIG may be a list', async () => {
  const config = JSON.parse(readFileSync(await asJson(), 'utf8'));
  const [{ context }] = config.contexts;
  const other = { ...config, contexts: [{ name: 'other', context: { ...context, namespace: space } }] };
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'other'), JSON.stringify({ ...other, 'current-context': 'nowhere' }));
  writeFileSync(join(folder, 'empty'), JSON.stringify({ apiVersion: 'v1', kind: 'Config' }));
  const list = [join(folder, 'empty'), join(folder, 'other')].join(':');
  const said = await kubectlWhyoom(list, 'grows', '--context', 'other', '--for', '0');
  expect(said).toContain(`${space}/grows`);
});

/** The administrator's kubeconfig as JSON, certificates in it. */
async function asJson(): Promise<string> {
  const file = join(temporaryFolder(), 'admin');
  writeFileSync(file, await kubectl('config', 'view', '--raw', '--flatten', '-o', 'json'), { mode: 0o600 });
  return file;
}

onCluster('--as looks as somebody else, who may not, and says which Role would let them', async () => {
  const somebody = `system:serviceaccount:${space}:default`;
  const said = await kubectlWhyoom(KUBECONFIG, 'grows', '-n', space, '--for', '0', '--as', somebody);
  expect(said).toMatch(/UNDECIDED/);
  expect(said.replace(/\s+/g, ' ')).toContain(`No right to get pods in ${space}`);
  expect(said.replace(/\s+/g, ' ')).toContain(`whyoom preflight grows -n ${space} --as ${somebody} -o yaml`);
});

onCluster('in a cluster it takes the service account of its own pod', async () => {
  await kubectl('create', 'serviceaccount', 'whyoom', '-n', space);
  const account = `system:serviceaccount:${space}:whyoom`;
  const role = await kubectlWhyoom(KUBECONFIG, 'preflight', 'grows', '-n', space, '--as', account, '-o', 'yaml');
  await apply(role, space);
  await apply(JSON.stringify(jobOf()), space);
  const ended = async () => {
    const { status } = (await get('job', 'whyoom', '-n', space)) as { status: { succeeded?: number; failed?: number } };
    return (status.succeeded ?? status.failed) !== undefined;
  };
  await waitUntil('end of the Job', ended, 60_000, 500);
  const said = await kubectl('logs', 'job/whyoom', '-n', space);
  expect(said).toContain(`${space}/grows`);
  expect(said).toMatch(/OOM RISK +OOM killed/);
});

/** whyoom as it was built in this checkout, in the image of Node that the cluster was given. */
const jobOf = () => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'whyoom' },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        serviceAccountName: 'whyoom',
        restartPolicy: 'Never',
        containers: [
          {
            name: 'whyoom',
            image: `node:${process.versions.node.split('.')[0]}-slim`,
            command: ['node', '/checkout/bin/whyoom.js', 'grows', '--for', '0'],
            volumeMounts: [{ name: 'checkout', mountPath: '/checkout', readOnly: true }],
          },
        ],
        volumes: [{ name: 'checkout', hostPath: { path: ROOT } }],
      },
    },
  },
});
