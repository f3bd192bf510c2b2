import { expect, test } from 'vitest';
import { KUBECONFIG, kubeconfigWith, kubectl, kubectlAs, namespace, waitUntil } from './cluster.ts';
import { containerStatus, runPython, untilRunning } from './pod.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);

onCluster('the node is Ready', async () => {
  expect(await kubectl('get', 'nodes', '--no-headers')).toMatch(/^whyoom +Ready /);
});

onCluster('a Python that outgrows its limit is OOM killed, and what it printed can still be read', async () => {
  const space = await namespace();
  const program = 'print("before")\nimport time; time.sleep(1)\nkept = []\nwhile True: kept.append(bytes(2**20))';
  await runPython(space, program, { name: 'grows', limit: '64Mi' });
  const killed = await waitUntil('OOM kill', async () => (await containerStatus(space, 'grows'))?.lastState.terminated);
  expect(killed).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  // The kubelet removes all but the last that ended: by now that may be another one than the status names.
  const logs = () => kubectl('logs', '--previous', 'grows', '-n', space).catch(() => undefined);
  expect(await waitUntil('log of the one that was killed', logs)).toBe('before\n');
  const reasons = await kubectl('get', 'events', '-n', space, '-o', 'jsonpath={.items[*].reason}');
  expect(reasons.split(' ')).toEqual(expect.arrayContaining(['Scheduled', 'Pulled', 'Created', 'Started']));
});

onCluster('a container that ends again and again is started again within seconds', async () => {
  const space = await namespace();
  await runPython(space, 'raise SystemExit(3)', { name: 'ends' });
  const often = async () => ((await containerStatus(space, 'ends'))?.restartCount ?? 0) >= 2;
  await waitUntil('two restarts', often);
  expect((await containerStatus(space, 'ends'))?.lastState.terminated?.exitCode).toBe(3);
});

onCluster('the metrics API measures a pod, and exec runs a command in it', async () => {
  const space = await namespace();
  await runPython(space, 'kept = b"x" * 2**25\nimport time; time.sleep(1000)', { name: 'sleeps', limit: '128Mi' });
  await untilRunning(space, 'sleeps');
  expect(await kubectl('exec', 'sleeps', '-n', space, '--', 'python', '-V')).toMatch(/^Python 3\.9\./);
  const top = () => kubectl('top', 'pod', 'sleeps', '-n', space, '--no-headers');
  const line = await waitUntil('metrics of the pod', () => top().catch(() => undefined), 90_000, 1000);
  const [, mebibytes] = /^sleeps +\d+m +(\d+)Mi/.exec(line)!;
  expect(Number(mebibytes)).toBeGreaterThan(32);
  expect(Number(mebibytes)).toBeLessThan(64);
});

onCluster.each(['3.12', '3.14'])('the image python:%s-slim holds that Python', async (version) => {
  const space = await namespace();
  const name = `python-${version}`;
  await runPython(space, 'import sys; print(sys.version)', {
    name,
    image: `python:${version}-slim`,
    restartPolicy: 'Never',
  });
  await waitUntil('its end', async () => (await containerStatus(space, name))?.state.terminated);
  expect(await kubectl('logs', name, '-n', space)).toMatch(new RegExp(`^${version}\\.`));
});

onCluster('PodSecurity refuses what a namespace forbids', async () => {
  const space = await namespace();
  await kubectl('label', 'namespace', space, 'pod-security.kubernetes.io/enforce=restricted');
  await expect(runPython(space, 'pass', { name: 'lax' })).rejects.toThrow(/violates PodSecurity "restricted/);
});

onCluster('a ServiceAccount may do what its Role says, and nothing else', async () => {
  const space = await namespace();
  const reader = await kubeconfigWith(space, [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }]);
  expect(await kubectlAs(reader, ['get', 'pods'])).toBe('');
  await expect(kubectlAs(reader, ['get', 'secrets'])).rejects.toThrow(/forbidden/i);
  expect(await kubectlAs(KUBECONFIG, ['auth', 'can-i', '*', '*', '--all-namespaces'])).toBe('yes\n');
});
