import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ByteStream } from '../../src/core/byte-stream.ts';
import type { KubePort } from '../../src/core/kube-port.ts';
import type { Entering, Inside } from '../../src/core/pod-port.ts';
import { ProblemError } from '../../src/core/problem.ts';
import type { HeapLook } from '../../src/heap/answer.ts';
import { createKubePort } from '../../src/sources/kube/index.ts';
import { createPodPort } from '../../src/sources/pod/index.ts';
import { openHeap } from '../../src/sources/process/heap-session.ts';
import { createProcessPort } from '../../src/sources/process/index.ts';
import { counted } from '../counted.ts';
import {
  apply,
  get,
  KUBECONFIG,
  kubeconfigWith,
  kubectl,
  makeNamespace,
  removeNamespace,
  waitUntil,
} from './cluster.ts';
import { containerStatus, untilRunning } from './pod.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const NODE_IMAGE = `node:${process.versions.node.split('.')[0]}-slim`;
const FOREVER = new AbortController().signal;
const CONNECTION = { kubeconfig: KUBECONFIG, requestTimeoutMs: 30_000, env: process.env, interrupted: FOREVER };
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
  readonly memory?: string;
  readonly security?: object;
  readonly spec?: object;
}
const python = (program: string) => ['python', '-c', program];
const SETUID: Target = { name: 'setuid', image: 'python:3.9-slim', command: python };
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

async function runTarget(
  { name, image, command, memory = '192Mi', security, spec }: Target,
  program = holding(markOf(name)),
) {
  const container = {
    name: 'app',
    image,
    command: command(program),
    resources: { limits: { memory } },
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
    kube = await createKubePort({ ...CONNECTION, namespace: space });
  });
  afterAll(() => removeNamespace(space));
}

const streams: ByteStream[] = [];
async function enter(pod: string, more: Partial<Entering> = {}, by = kube): Promise<Inside> {
  const port = createPodPort({
    kube: {
      ...by,
      exec: async (request) => {
        const stream = await by.exec(request);
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
const groupOf = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return undefined;
  }
};
/** Readers in the control group of the target; none where that has gone. */
const readersIn = (group: string | undefined): number[] =>
  onNode((cmdline) => cmdline.includes("whyoom's reader")).filter((reader) => groupOf(reader) === group);
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
      // Kernel memory is charged and given back, in batches a processor, while nothing runs in the container but the reader.
      expect(Math.abs(sample.bytes - nodeSample.bytes)).toBeLessThan(2 ** 21);

      const file = (
        await kubectl('exec', '-n', space, target.name, '-c', 'app', '--', 'python', '-c', JSON_FILE)
      ).trim();
      const source = Buffer.from(await processes.readFile(chosen, file)).toString();
      expect(source).toContain('def loads(');
      expect(await problemIn(processes.readFile(chosen, '/etc/passwd'))).toMatchObject({ code: 'refused' });
      expect(await problemIn(processes.readFile(chosen, '/no/such.py'))).toMatchObject({ code: 'absent' });

      const heap = await processes.openHeap(chosen, { maxPauseMs: 5000 });
      const nodeHeap = await openHeap(WORKER, nodeChosen, { maxPauseMs: 5000 });
      const [look, nodeLook] = [await heap.first(), await nodeHeap.first()];
      expect(toldOf(look)).toEqual(toldOf(nodeLook));
      expect(look.holders[0]).toMatchObject({ name: '__main__.held', items: 20_000 });
      counted('heaps', `${target.name} in a pod`);
      await Promise.all([heap.close(), nodeHeap.close()]);

      expect(readersIn(groupOf(nodeChosen))).toHaveLength(1);
      await close();
      await waitUntil('end of the reader', () => readersIn(groupOf(nodeChosen)).length === 0);
    });
  }
});

describe('where a container cannot be gone into, it is said why', () => {
  onCluster('without the right to exec', async () => {
    const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
    const kubeconfig = await kubeconfigWith(space, [rule]);
    const mayNot = await createKubePort({ ...CONNECTION, kubeconfig, namespace: space });
    expect(await problemIn(enter('python-3-9', {}, mayNot))).toMatchObject({
      code: 'denied',
      message: expect.stringContaining('cannot get resource "pods/exec"'),
    });
  });

  onCluster('without a Python in it, and nothing of it is started', async () => {
    await runTarget({ name: 'no-python', image: NODE_IMAGE, command: () => ['sleep', '1000000'] });
    expect(await problemIn(enter('no-python'))).toMatchObject({
      code: 'absent',
      message: expect.stringMatching(/^No Python was found in the container/),
    });
  });

  onCluster(
    'without room below its limit: the reader sees that first and leaves, and the target lives on',
    async () => {
      const program = 'import time; held = b"x" * 50_000_000; print("held", flush=True); time.sleep(1e6)';
      await runTarget({ name: 'full', image: 'python:3.9-slim', command: python, memory: '64Mi' }, program);
      await waitUntil('output of the program', async () =>
        (await kubectl('logs', '-n', space, 'full')).includes('held'),
      );
      expect(await problemIn(enter('full'))).toMatchObject({
        code: 'refused',
        message: expect.stringMatching(
          /"app" has [\d.]+ MiB left below its limit of 64 MiB; to look into it takes 16 MiB/,
        ),
      });
      const status = await containerStatus(space, 'full');
      expect(status).toMatchObject({ restartCount: 0, state: { running: {} } });
    },
  );
});

describe('a process that changed its user', () => {
  onCluster('is seen by exec but for its heap, and whole from beside it', async () => {
    await runTarget(SETUID, `import os; os.setuid(1000)\n${holding(markOf(SETUID.name))}`);
    const [nodePid] = await waitUntil('its program', () => {
      const pids = pidsOnNode(SETUID.name);
      return pids.length > 0 && /^Uid:\t1000/m.test(statusOf(pids[0]!)) && pids;
    });
    const byExec = await enter(SETUID.name);
    const tree = await byExec.processes.tree(byExec.rootPid);
    expect(tree).toMatchObject({ chosenPid: 1, tree: [{ executable: '', python: { implementation: 'cpython' } }] });
    const limit = await byExec.processes.memoryLimit(1);
    expect(limit.limit).toEqual({ bytes: 192 * 2 ** 20, scope: 'container' });
    expect((await byExec.processes.sample(1, limit)).rssBytes).toBeGreaterThan(2 ** 20);
    expect(await problemIn(byExec.processes.openHeap(1, { maxPauseMs: 1000 }))).toMatchObject({
      code: 'denied',
      message: expect.stringMatching(/belongs to user 1000, and the reader runs as user 0/),
      hint: expect.stringContaining('--allow ephemeral'),
    });
    await byExec.close();

    const notes: string[] = [];
    const beside = await enter(SETUID.name, { way: 'ephemeral', note: (line) => notes.push(line) });
    expect(notes).toEqual([expect.stringMatching(/ephemeral container whyoom-\w+ to setuid: it stays listed/)]);
    expect(beside).toMatchObject({ rootPid: 1, about: { way: 'ephemeral' } });
    const whole = await beside.processes.tree(1);
    expect(whole.tree.map(withoutPids)).toEqual((await local.tree(nodePid!)).tree.map(withoutPids));
    expect((await beside.processes.memoryLimit(1)).limit).toEqual(limit.limit);
    const file = Buffer.from(await beside.processes.readFile(1, '/usr/lib/python3.9/json/__init__.py'));
    expect(file.toString()).toContain('def loads(');
    await beside.close();
    const [container] = notes[0]!.match(/whyoom-\w+/)!;
    await waitUntil('end of the container beside it', async () => {
      const pod = JSON.stringify(await get('pod', SETUID.name, '-n', space));
      return new RegExp(`"name":"${container}"[^]*"terminated"`).test(pod);
    });
  });
});

describe('a link that breaks', () => {
  const CUTS: readonly [string, (group: string) => unknown, RegExp][] = [
    ['the exec is cut', () => streams.at(-1)!.close(), /closed from here/],
    ['the reader is killed', (group) => process.kill(readersIn(group)[0]!, 'SIGKILL'), /was killed \(exit code 137\)/],
    ['the pod is deleted', () => kubectl('delete', 'pod', '-n', space, 'broken', '--wait=false'), /./],
  ];
  for (const [what, cut, words] of CUTS) {
    onCluster(`when ${what}, all that waits fails with the reason, and nothing is left running`, async () => {
      await runTarget({ name: 'broken', image: 'python:3.9-slim', command: python });
      const nodePid = await waitUntil('its program', () => pidsOnNode('broken')[0]);
      const group = groupOf(nodePid)!;
      const { processes, rootPid, close } = await enter('broken');
      const limit = await processes.memoryLimit(rootPid);
      const heap = await processes.openHeap(rootPid, { maxPauseMs: 1000 });
      const looking = untilProblem(() => heap.first());
      const sampling = untilProblem(() => processes.sample(rootPid, limit));
      const trees = untilProblem(() => processes.tree(rootPid));
      await setTimeout(500);
      await cut(group);
      expect(await sampling).toMatchObject({ message: expect.stringMatching(words) });
      expect([await trees, await looking]).toEqual([await sampling, await sampling]);
      await heap.close();
      await close();
      await waitUntil('end of the reader', () => readersIn(group).length === 0);
      if (what !== 'the pod is deleted') {
        expect(statusOf(nodePid)).toMatch(/^State:\t[SR][\s\S]*^TracerPid:\t0$/m);
      }
    });
  }
});

/** Asks again and again, and gives the first problem but that of a process that has gone. */
async function untilProblem(ask: () => Promise<unknown>) {
  for (;;) {
    try {
      await ask();
    } catch (thrown) {
      if (thrown instanceof ProblemError && thrown.problem.code !== 'absent') return thrown.problem;
      if (!(thrown instanceof ProblemError)) throw thrown;
    }
  }
}

/** All that is said of objects; what is equal in size may stand in any order. */
const toldOf = ({ python: version, objects, partial, types, holders }: HeapLook) => ({
  version,
  objects,
  partial,
  types: [...types].sort((a, b) => (a.type < b.type ? -1 : 1)),
  holders: holders.map(({ name, items, retainedBytes }) => `${name} ${items} ${retainedBytes}`).sort(),
});

const JSON_FILE = 'import json; print(json.__file__)';
const withoutPids = ({ pid: _, parentPid: __, ...info }: { pid: number; parentPid: number }) => info;
