import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { kubectlAs } from './cluster.ts';
import { isAlive, type ProcessRecord, processesIn, recordOf } from './processes.ts';
import { whyNoCluster } from './why-no-cluster.ts';

/** Not the cluster of the other tests: this one is killed. */
const NUMBER = '9';
const onCluster = test.skipIf(whyNoCluster() !== undefined);

/** Runs `up` or `down` and returns what it printed on stdout. */
async function run(script: 'up' | 'down'): Promise<string> {
  const running = spawn(process.execPath, [join(import.meta.dirname, `${script}.ts`)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, WHYOOM_CLUSTER: NUMBER },
  });
  const printed = running.stdout.toArray();
  const [status] = await once(running, 'close');
  expect(status).toBe(0);
  return Buffer.concat(await printed).toString();
}

/** What `up` printed, taken as the shell takes it. */
async function up(): Promise<{ kubeconfig: string; first: ProcessRecord }> {
  const kubeconfig = /^export KUBECONFIG=(\S+)\n$/.exec(await run('up'))![1]!;
  const folder = dirname(dirname(kubeconfig));
  return { kubeconfig, first: JSON.parse(readFileSync(join(folder, 'machine.json'), 'utf8')) };
}

const killPart = (first: ProcessRecord, name: string) => {
  const found = processesIn(first).filter(({ command }) => command[0]!.endsWith(`/${name}`));
  expect(found).toHaveLength(1);
  process.kill(found[0]!.pid, 'SIGKILL');
  return waitForEnd(recordOf(found[0]!.pid));
};

async function waitForEnd(record: ProcessRecord | undefined): Promise<void> {
  while (record && isAlive(record)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What a cluster leaves on the machine outside its namespaces. */
function traces(): string[] {
  const groups = readdirSync('/sys/fs/cgroup').map(
    (hierarchy) => `/sys/fs/cgroup/${hierarchy}/whyoom-cluster-${NUMBER}`,
  );
  return [
    ...[...groups, `/sys/fs/cgroup/whyoom-cluster-${NUMBER}`].filter((group) => existsSync(group)),
    ...Object.keys(networkInterfaces()).filter((name) => name === `whyoom${NUMBER}`),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`/state-${NUMBER}/`)),
  ];
}

onCluster(
  'up heals what died, replaces a node that was killed, and down leaves nothing',
  async () => {
    onTestFinished(async () => void (await run('down')));
    const begun = await up();
    expect(await kubectlAs(begun.kubeconfig, ['get', 'nodes', '--no-headers'])).toMatch(/ Ready /);

    await kubectlAs(begun.kubeconfig, ['create', 'namespace', 'stays']);
    for (const part of ['kubelet', 'kube-apiserver', 'metrics-server']) await killPart(begun.first, part);
    const healed = await up();
    expect(healed.first).toEqual(begun.first);
    expect(await kubectlAs(healed.kubeconfig, ['get', 'namespace', 'stays', '--no-headers'])).toMatch(/Active/);

    process.kill(begun.first.pid, 'SIGKILL');
    await waitForEnd(begun.first);
    const replaced = await up();
    expect(replaced.first).not.toEqual(begun.first);
    expect(await kubectlAs(replaced.kubeconfig, ['get', 'nodes', '--no-headers'])).toMatch(/ Ready /);
    expect(traces()).not.toEqual([]);

    await run('down');
    expect(isAlive(replaced.first)).toBe(false);
    expect(existsSync(replaced.kubeconfig)).toBe(false);
    expect(traces()).toEqual([]);
  },
  600_000,
);
