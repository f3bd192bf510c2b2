import { expect, test } from 'vitest';
import type { Processes } from '../../src/core/artifacts.ts';
import type { Inside, PodPort } from '../../src/core/pod-port.ts';
import { type Problem, ProblemError } from '../../src/core/problem.ts';
import { type ChosenPod, enterPod } from '../../src/steps/kube/enter-pod.ts';
import { container, KUBE_START, type PlayedCluster, playKube, pod } from './kube-port.ts';

const PYTHON: Processes['tree'][number] = {
  pid: 1,
  parentPid: 0,
  command: 'python app.py',
  executable: '/usr/local/bin/python3.12',
  startedAtUnixSeconds: KUBE_START - 90,
  rssBytes: 2 ** 25,
  threads: 1,
  python: { implementation: 'cpython', version: '3.12.1' },
};
const ONE_PYTHON: Processes = { rootPid: 1, tree: [PYTHON], chosenPid: 1 };
const notAsked = async () => expect.fail('not asked');

/** A pod in which these processes are, and what was done there in turn. */
function played(tree: Processes, cluster: PlayedCluster = {}, refused?: ProblemError) {
  const did: string[] = [];
  const inside: Inside = {
    processes: {
      tree: async () => tree,
      memoryLimit: notAsked,
      sample: notAsked,
      openHeap: notAsked,
      readFile: notAsked,
      sleep: async () => {},
      nowUnixSeconds: () => KUBE_START,
    },
    askHeap: notAsked,
    rootPid: 1,
    about: { way: 'exec', python: '3.12.1' },
    close: async () => void did.push('leave'),
  };
  const pods: PodPort = {
    enter: async ({ pod: name, container: which, way }) => {
      did.push(`enter ${name} ${which} by ${way}`);
      if (refused) throw refused;
      return inside;
    },
    planned: ({ way }) => ({ way, changes: [], commands: [] }),
  };
  const { context } = playKube({ ...cluster, options: { ways: ['exec'], ...cluster.options } });
  const tell = ({ target, why }: ChosenPod) => void did.push(`tell ${target.name} ${target.container}: ${why}`);
  const close = async () => {
    await context.entered.inside?.close();
    did.push('close');
  };
  const entering = enterPod({ ...context, pods, confirm: async () => true, close }, 'deploy/orca', tell);
  return { did, entering };
}

const problemIn = (entering: Promise<unknown>): Promise<Problem> =>
  entering.then(
    () => expect.fail('it was entered'),
    (thrown) => (thrown instanceof ProblemError ? thrown.problem : expect.fail(String(thrown.stack))),
  );

test('it is told which pod and container it is, and why, before anything is done in it; what is entered stays open', async () => {
  const older = pod({ name: 'orca-old', startedAtUnixSeconds: KUBE_START - 500 });
  const { did, entering } = played(ONE_PYTHON, { podsAt: () => [pod(), older] });
  const entered = await entering;
  expect(did).toEqual([
    'tell app-95/orca-old orca: the oldest of 2 pods; its only container',
    'enter orca-old orca by exec',
  ]);
  expect(entered).toMatchObject({
    rootPid: 1,
    tree: ONE_PYTHON,
    target: { kind: 'pod', name: 'app-95/orca-old', container: 'orca', workload: 'deployment.apps/orca' },
  });
  await entered.close();
  expect(did.slice(2)).toEqual(['leave', 'close']);
});

test('where there is one pod with one container there was no choice', async () => {
  const containers = [container(), container({ name: 'first', kind: 'init' }), container({ kind: 'ephemeral' })];
  const { did, entering } = played(ONE_PYTHON, { podsAt: () => [pod({ containers })] });
  await entering;
  expect(did[0]).toBe('tell app-95/orca-645f4b4d65-hhxmt orca: undefined');
});

test('-c names the container, and one that no pod has is refused with those that there are', async () => {
  const podsAt = () => [pod({ containers: [container(), container({ name: 'proxy' })] })];
  const named = played(ONE_PYTHON, { podsAt, options: { container: 'proxy' } });
  await named.entering;
  expect(named.did[0]).toMatch(/ proxy: the only pod; container as asked for$/);
  const other = played(ONE_PYTHON, { podsAt, options: { container: 'db' } });
  expect(await problemIn(other.entering)).toMatchObject({ code: 'absent', hint: 'Containers: orca, proxy' });
  expect(other.did).toEqual(['close']);
});

test('without the right to exec nothing is done, and the Role is named', async () => {
  const { did, entering } = played(ONE_PYTHON, { refused: ['get pods/exec in app-95'] });
  expect(await problemIn(entering)).toEqual({
    code: 'denied',
    message: 'No right to get pods/exec in app-95.',
    hint: 'The Role that allows it: whyoom preflight deploy/orca -o yaml',
  });
  expect(did).toEqual(['close']);
});

test.each([
  ['create', 'pods/exec', ['exec'], 'deploy/orca'],
  ['patch', 'pods/ephemeralcontainers', ['ephemeral'], 'deploy/orca --allow exec,ephemeral'],
] as const)(
  'where the API server itself refuses to %s %s, the Role is named too',
  async (verb, resource, ways, hint) => {
    const message = `pods "orca" is forbidden: User "ada" cannot ${verb} resource "${resource}" in API group ""`;
    const refused = new ProblemError('denied', message, 'Ask for it: kubectl auth can-i');
    const { entering } = played(ONE_PYTHON, { options: { ways } }, refused);
    expect(await problemIn(entering)).toEqual({
      code: 'denied',
      message,
      hint: `The Role that allows it: whyoom preflight ${hint} -o yaml`,
    });
  },
);

test('a policy that refuses is no right that a Role could give: its hint stays', async () => {
  const refused = new ProblemError('denied', 'pods "orca" violates PodSecurity "baseline"', 'Look from the node.');
  expect(await problemIn(played(ONE_PYTHON, {}, refused).entering)).toMatchObject({ hint: 'Look from the node.' });
});

test('where nothing of Python runs it is left again, and no tool of this machine is named', async () => {
  const { python: _, ...program } = { ...PYTHON, command: 'sleep 1000' };
  const { did, entering } = played({ rootPid: 1, tree: [program] });
  const { message, hint } = await problemIn(entering);
  expect(message).toBe('No Python process at or under 1 (it runs "sleep 1000").');
  expect(hint).toBe('Another container of the pod is named with -c.');
  expect(did.slice(-2)).toEqual(['leave', 'close']);
});

test('a Python that cannot be read is named with a command for its pod', async () => {
  const python = { implementation: 'cpython', version: '3.7.1', unsupported: 'CPython 3.7 is too old' } as const;
  const { entering } = played({ rootPid: 1, tree: [{ ...PYTHON, python }] });
  expect((await problemIn(entering)).hint).toMatch(/whyoom deploy\/orca --max-pause 0$/);
});
