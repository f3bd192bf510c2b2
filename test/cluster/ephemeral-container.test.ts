import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EphemeralRequest, KubePort } from '../../src/core/kube-port.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { createKubePort } from '../../src/sources/kube/index.ts';
import { apply, get, KUBECONFIG, kubeconfigWith, kubectl, makeNamespace, removeNamespace } from './cluster.ts';
import { untilRunning } from './pod.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const FOREVER = new AbortController().signal;
const IMAGE = 'python:3.9-slim';
/** As cautious manifests have it: nothing that an ephemeral container could inherit helps it. */
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app' },
  spec: {
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'app',
        image: IMAGE,
        command: ['python', '-c', 'import time; time.sleep(1e6)'],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  },
};

let space = '';
let port: KubePort;
const portBy = (kubeconfig: string) =>
  createKubePort({
    kubeconfig,
    namespace: space,
    requestTimeoutMs: 30_000,
    env: process.env,
    interrupted: FOREVER,
  });

if (whyNoCluster() === undefined) {
  beforeAll(async () => {
    space = await makeNamespace();
    await apply(JSON.stringify(POD), space);
    await untilRunning(space, 'app');
    port = await portBy(KUBECONFIG);
  });
  afterAll(() => removeNamespace(space));
}

const asked = (name: string, more: Partial<EphemeralRequest> = {}): EphemeralRequest => ({
  pod: 'app',
  name,
  target: 'app',
  image: IMAGE,
  command: ['sleep', '600'],
  until: FOREVER,
  ...more,
});
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );

async function output(container: string, command: readonly string[]): Promise<string> {
  const stream = await port.exec({ pod: 'app', container, command, until: FOREVER });
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.received) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

onCluster('beside a container of an ordinary user it is root, may trace, and sees its processes', async () => {
  await port.addEphemeralContainer(asked('whyoom-1'));
  expect(await output('whyoom-1', ['id', '-u'])).toBe('0\n');
  expect(await output('whyoom-1', ['sh', '-c', 'tr "\\0" " " < /proc/1/cmdline'])).toMatch(/time\.sleep/);
  const effective = /CapEff:\s*(\w+)/.exec(await output('whyoom-1', ['cat', '/proc/self/status']));
  // CAP_SYS_PTRACE is number 19 (include/uapi/linux/capability.h).
  expect((BigInt(`0x${effective?.[1]}`) >> 19n) & 1n).toBe(1n);
});

onCluster('asked for a second time by the same name, it is there once', async () => {
  await port.addEphemeralContainer(asked('whyoom-2'));
  await port.addEphemeralContainer(asked('whyoom-2'));
  const pod = (await get('pod', 'app', '-n', space)) as { spec: { ephemeralContainers: { name: string }[] } };
  expect(pod.spec.ephemeralContainers.filter(({ name }) => name === 'whyoom-2')).toHaveLength(1);
});

onCluster(
  'one that cannot start says why: its command, its image, a container or a pod that is not there',
  async () => {
    expect(
      await problemIn(port.addEphemeralContainer(asked('whyoom-3', { command: ['no-such-program'] }))),
    ).toMatchObject({
      code: 'broken',
      message: expect.stringMatching(/does not start: .*no-such-program/),
      hint: expect.stringMatching(/kubectl describe pod app/),
    });
    expect(
      await problemIn(port.addEphemeralContainer(asked('whyoom-4', { image: 'localhost/no-such:1' }))),
    ).toMatchObject({
      code: 'broken',
      message: expect.stringMatching(/ErrImagePull|ImagePullBackOff/),
    });
    expect(await problemIn(port.addEphemeralContainer(asked('whyoom-5', { target: 'sidecar' })))).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/sidecar/),
    });
    expect(await problemIn(port.addEphemeralContainer(asked('whyoom-6', { pod: 'gone' })))).toMatchObject({
      code: 'absent',
      message: 'pods "gone" not found',
    });
  },
);

onCluster('without the right, and where the namespace is under PodSecurity, it is refused in their words', async () => {
  const none = await portBy(await kubeconfigWith(space, [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]));
  expect(await problemIn(none.addEphemeralContainer(asked('whyoom-7')))).toMatchObject({
    code: 'denied',
    message: expect.stringMatching(/cannot patch resource "pods\/ephemeralcontainers"/),
    hint: expect.stringMatching(/kubectl auth can-i/),
  });
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch'] },
  ];
  await (await portBy(await kubeconfigWith(space, rules))).addEphemeralContainer(asked('whyoom-8'));
  for (const level of ['baseline', 'restricted']) {
    await kubectl('label', 'namespace', space, '--overwrite', `pod-security.kubernetes.io/enforce=${level}`);
    expect(await problemIn(port.addEphemeralContainer(asked(`whyoom-${level}`)))).toMatchObject({
      code: 'denied',
      message: expect.stringMatching(`violates PodSecurity "${level}:latest".*SYS_PTRACE`),
      hint: expect.stringMatching(/allows no container with SYS_PTRACE/),
    });
  }
});
