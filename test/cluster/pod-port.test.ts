import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ByteStream } from '../../src/core/byte-stream.ts';
import type { KubePort } from '../../src/core/kube-port.ts';
import type { Entering, Inside } from '../../src/core/pod-port.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { createKubePort } from '../../src/sources/kube/index.ts';
import { createPodPort } from '../../src/sources/pod/index.ts';
import { createProcessPort } from '../../src/sources/process/index.ts';
import { counted } from '../counted.ts';
import { apply, KUBECONFIG, kubectl, makeNamespace, removeNamespace, waitUntil } from './cluster.ts';
import { untilRunning } from './pod.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const FOREVER = new AbortController().signal;
const WORKER = new URL('../../src/heap-worker.ts', import.meta.url);
const local = createProcessPort(async () => expect.fail('not asked'));

/** Holds some memory, and waits: nothing of it changes while it is looked at. */
const holding = (mark: string) => `
import json, time
mark = ${JSON.stringify(mark)}
held = [{'at': at, 'bytes': bytes(1000)} for at in range(20000)]
time.sleep(1e6)
`;
const HARDENED = {
  runAsNonRoot: true,
  runAsUser: 1000,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

interface Target {
  readonly name: string;
  readonly image: string;
  readonly command: (program: string) => readonly string[];
  readonly security?: object;
  readonly spec?: object;
}
const python = (program: string) => ['python', '-c', program];
const TARGETS: readonly Target[] = [
  { name: 'python-3-9', image: 'python:3.9-slim', command: python },
  { name: 'python-3-12', image: 'python:3.12-slim', command: python },
  { name: 'python-3-14', image: 'python:3.14-slim', command: python },
  { name: 'hardened', image: 'python:3.12-slim', command: python, security: HARDENED },
  { name: 'under-sh', image: 'python:3.9-slim', command: (program) => ['sh', '-c', 'python -c "$0"; true', program] },
  { name: 'shared', image: 'python:3.9-slim', command: python, spec: { shareProcessNamespace: true } },
];

let space = '';
let kube: KubePort;
const markOf = (name: string) => `${space}/${name}`;

async function runTarget({ name, image, command, security, spec }: Target, program = holding(markOf(name))) {
  const container = {
    name: 'app',
    image,
    command: command(program),
    resources: { limits: { memory: '192Mi' } },
    ...(security && { securityContext: security }),
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, containers: [container], ...spec },
  };
  await apply(JSON.stringify(pod), space);
  await untilRunning(space, name);
  counted('pods', `${space}/${name}`);
}

if (whyNoCluster() === undefined) {
  beforeAll(async () => {
    space = await makeNamespace();
    kube = await createKubePort({
      kubeconfig: KUBECONFIG,
      namespace: space,
      requestTimeoutMs: 30_000,
      env: process.env,
      interrupted: FOREVER,
    });
  });
  afterAll(() => removeNamespace(space));
}

const streams: ByteStream[] = [];
async function enter(pod: string, more: Partial<Entering> = {}): Promise<Inside> {
  const port = createPodPort({
    kube: {
      ...kube,
      exec: async (request) => {
        const stream = await kube.exec(request);
        streams.push(stream);
        return stream;
      },
    },
    workerUrl: WORKER,
  });
  const note = () => {};
  return await port.enter({
    pod,
    container: 'app',
    way: 'exec',
    headroomBytes: undefined,
    until: FOREVER,
    note,
    ...more,
  });
}

const cmdlineOf = (pid: string) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};
/** The processes of this machine with such a command line: the cluster's containers run on it. */
const onNode = (is: (cmdline: string) => boolean): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && is(cmdlineOf(name)))
    .map(Number);
/** Parents first. */
const pidsOnNode = (name: string) => onNode((cmdline) => cmdline.includes(`"${markOf(name)}"`));
const statusOf = (pid: number) => readFileSync(`/proc/${pid}/status`, 'utf8');
/** Readers in this test's pods: those in the control group of the target. */
const readersBeside = (pid: number): number[] => {
  const group = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  return onNode((cmdline) => cmdline.includes("whyoom's reader")).filter((reader) => {
    try {
      return readFileSync(`/proc/${reader}/cgroup`, 'utf8') === group;
    } catch {
      return false;
    }
  });
};
const problemIn = (promise: Promise<unknown>) =>
  promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)}`),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );

describe('what is seen from inside a container is what is seen from its node', () => {
  for (const target of TARGETS) {
    onCluster(`${target.name}: tree, limit, memory and files`, async () => {
      await runTarget(target);
      const nodePid = await waitUntil('program that holds its memory', () => {
        const pids = pidsOnNode(target.name);
        return pids.some((pid) => /VmRSS:\s+[34]\d{4} kB/.test(statusOf(pid))) && pids[0];
      });
      const { processes, rootPid, about, close } = await enter(target.name);
      expect(about).toMatchObject({ way: 'exec', python: expect.stringContaining(target.image.slice(7, -5)) });
      expect(about.headroomBytes).toBeGreaterThan(100 * 2 ** 20);
      expect(statusOf(nodePid)).toMatch(new RegExp(`^NSpid:.*\\t${rootPid}$`, 'm'));

      const nodeTree = await local.tree(nodePid);
      const tree = await processes.tree(rootPid);
      expect(tree.tree.map(withoutPids)).toEqual(nodeTree.tree.map(withoutPids));
      const at = nodeTree.tree.findIndex(({ pid }) => pid === nodeTree.chosenPid);
      expect(tree.chosenPid).toBe(tree.tree[at]!.pid);

      const [chosen, nodeChosen] = [tree.chosenPid!, nodeTree.chosenPid!];
      const [limit, nodeLimit] = [await processes.memoryLimit(chosen), await local.memoryLimit(nodeChosen)];
      expect(limit).toMatchObject({ measure: 'unreclaimable', limit: nodeLimit.limit });
      // What is shared with others of the same image is left out.
      expect({ ...limit.rollup, pssBytes: 0 }).toEqual({ ...nodeLimit.rollup, pssBytes: 0 });
      expect(limit.cgroup?.events).toEqual({ oomKills: 0, limitHits: 0 });
      const [sample, nodeSample] = [await processes.sample(chosen, limit), await local.sample(nodeChosen, nodeLimit)];
      expect(sample.rssBytes).toBe(nodeSample.rssBytes);
      // Kernel memory is charged and given back while nothing runs in the container but the reader.
      expect(Math.abs(sample.bytes - nodeSample.bytes)).toBeLessThan(2 ** 20);

      const file = (
        await kubectl('exec', '-n', space, target.name, '-c', 'app', '--', 'python', '-c', JSON_FILE)
      ).trim();
      const source = Buffer.from(await processes.readFile(chosen, file)).toString();
      expect(source).toContain('def loads(');
      expect(await problemIn(processes.readFile(chosen, '/etc/passwd'))).toMatchObject({ code: 'refused' });
      expect(await problemIn(processes.readFile(chosen, '/no/such.py'))).toMatchObject({ code: 'absent' });

      expect(readersBeside(nodeChosen)).toHaveLength(1);
      await close();
      await waitUntil('end of the reader', () => readersBeside(nodeChosen).length === 0);
    });
  }
});

const JSON_FILE = 'import json; print(json.__file__)';
const withoutPids = ({ pid: _, parentPid: __, ...info }: { pid: number; parentPid: number }) => info;
