import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apply, KUBECONFIG, kubeconfigWith, kubectl, kubectlAs, namespace, waitUntil } from './cluster.ts';
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

onCluster('a Job finds Node in its image, this checkout on its node, and the API server', async () => {
  const space = await namespace();
  const checkout = join(import.meta.dirname, '../..');
  const program = `
    const account = '/var/run/secrets/kubernetes.io/serviceaccount/';
    process.env.NODE_EXTRA_CA_CERTS ?? process.exit(2);
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
    const authorization = 'Bearer ' + require('fs').readFileSync(account + 'token', 'utf8');
    fetch('https://' + host + ':' + port + '/version', { headers: { authorization } })
      .then((answer) => answer.json())
      .then(({ gitVersion }) => console.log(gitVersion, require('/checkout/package.json').name));`;
  const container = {
    name: 'app',
    image: `node:${process.versions.node.split('.')[0]}-slim`,
    command: ['node', '-e', program],
    env: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' }],
    volumeMounts: [{ name: 'checkout', mountPath: '/checkout', readOnly: true }],
  };
  const volumes = [{ name: 'checkout', hostPath: { path: checkout } }];
  const template = { spec: { restartPolicy: 'Never', containers: [container], volumes } };
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'asks' }, spec: { template, backoffLimit: 0 } };
  await apply(JSON.stringify(job), space);
  await kubectl('wait', '--for=condition=complete', '--timeout=60s', 'job/asks', '-n', space);
  expect(await kubectl('logs', 'job/asks', '-n', space)).toBe('v1.34.4 whyoom\n');
});
