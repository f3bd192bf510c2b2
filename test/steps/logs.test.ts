import { expect, test } from 'vitest';
import { investigate } from '../../src/core/investigate.ts';
import type { ContainerInfo, PodInfo, Terminated } from '../../src/core/kube-artifacts.ts';
import type { KubePort, LogRequest } from '../../src/core/kube-port.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { defineKubeStep } from '../../src/core/step.ts';
import { logs } from '../../src/steps/kube/logs.ts';
import { podsLater } from '../../src/steps/kube/pods-later.ts';
import { wantedLogs } from '../../src/steps/kube/wanted-logs.ts';
import { container, KUBE_START, type PlayedCluster, playKube, pod, podsOf } from './kube-port.ts';

const KILL: Terminated = { is: 'terminated', reason: 'OOMKilled', exitCode: 137, finishedAtUnixSeconds: KUBE_START };
const DONE: Terminated = { is: 'terminated', reason: 'Completed', exitCode: 0 };
const restarted = container({ restarts: 1, lastState: KILL });

/** What each log would say, and which were asked for. */
function logPort(answer: (request: LogRequest) => string) {
  const asked: LogRequest[] = [];
  const log: KubePort['log'] = async (request) => {
    asked.push(request);
    const text = answer(request);
    return { text, lines: text.split('\n').length, cutBytes: 0, redacted: 0 };
  };
  return { asked, port: { log } };
}

async function gathered(pods: PodInfo[], played: PlayedCluster) {
  const cluster = playKube({ watchMs: 0, ...played });
  const first = defineKubeStep({ makes: 'pods', title: 'pods', needs: [], rung: 'api', run: async () => podsOf(pods) });
  cluster.context.watch.end('time-up');
  const { outcomes, steps } = await investigate([first, podsLater, logs], cluster.context);
  const outcome = outcomes.logs!;
  return { outcome, note: steps[2]!.note, got: outcome.ok ? outcome.value.logs : [] };
}

const wantedOf = (containers: ContainerInfo[], others: PodInfo[] = []) => {
  const pods = [pod({ containers }), ...others];
  return wantedLogs(pods, podsOf(pods).chosen, 1000).map(
    (wanted) =>
      `${wanted.pod === pods[0]!.name ? '' : `${wanted.pod}/`}${wanted.container}${wanted.previous ? ' -p' : ''}`,
  );
};

test.each<[string, ContainerInfo[], string[]]>([
  ['runs', [container()], ['orca']],
  ['was restarted: both lives', [restarted], ['orca', 'orca -p']],
  ['was restarted, and nothing is known of its last life', [container({ restarts: 2 })], ['orca', 'orca -p']],
  ['waits to be started again: the last life, once', [{ ...restarted, state: { is: 'waiting' } }], ['orca -p']],
  ['never started', [container({ state: { is: 'waiting', reason: 'ImagePullBackOff' } })], []],
  ['ended', [container({ state: DONE })], ['orca']],
  [
    'has others beside it',
    [
      container(),
      container({ name: 'setup', kind: 'init', state: DONE }),
      container({ name: 'migrate', kind: 'init', state: { ...DONE, exitCode: 1 } }),
      container({ name: 'proxy', kind: 'sidecar' }),
      container({ name: 'debug', kind: 'ephemeral' }),
      container({ name: 'metrics' }),
    ],
    ['orca', 'metrics', 'proxy', 'migrate'],
  ],
])('of a container that %s', (_, containers, wanted) => {
  expect(wantedOf(containers)).toEqual(wanted);
});

test('of other pods only the last words of killed containers are read, of a few pods and not all of each', async () => {
  const others = Array.from({ length: 8 }, (_, at) => pod({ name: `other-${at}`, containers: [restarted] }));
  const killedNow = pod({ name: 'gone', containers: [container({ state: KILL })] });
  const healthy = pod({ name: 'healthy' });
  expect(wantedOf([container()], [healthy, killedNow, ...others])).toEqual([
    'orca',
    'gone/orca',
    'other-0/orca -p',
    'other-1/orca -p',
    'other-2/orca -p',
    'other-3/orca -p',
  ]);
  const { asked, port } = logPort(() => '');
  await gathered([pod(), killedNow], { port });
  expect(asked.map(({ keepBytes }) => keepBytes)).toEqual([2 ** 24, 2 ** 20]);
});

test('the flags of the command line are passed on', async () => {
  const { asked, port } = logPort(() => 'x');
  await gathered([pod()], { port, options: { logBytes: 500, sinceSeconds: 60, tailLines: 7 } });
  expect(asked).toMatchObject([{ keepBytes: 500, sinceSeconds: 60, tailLines: 7, previous: false }]);
});

test('what was cut is said', async () => {
  const port: Partial<KubePort> = { log: async () => ({ text: 'b\n', lines: 1, cutBytes: 3 * 2 ** 20, redacted: 2 }) };
  const { got, note } = await gathered([pod()], { port });
  expect(got).toMatchObject([{ cutBytes: 3 * 2 ** 20, redacted: 2 }]);
  expect(note).toBe('1 log, 1 line, 3 MiB of older ones left out');
});

test('a previous log that is gone is an answer, not a failure', async () => {
  const { port } = logPort(({ previous }) => {
    if (previous) throw new ProblemError('absent', 'previous terminated container "orca" not found');
    return 'started';
  });
  const { got } = await gathered([pod({ containers: [restarted] })], { port });
  expect(got).toMatchObject([
    { previous: false, text: 'started' },
    { previous: true, text: '', problem: 'previous terminated container "orca" not found' },
  ]);
});

test('a pod that was deleted meanwhile leaves what was read, and why there is no more', async () => {
  const { port } = logPort(() => {
    throw new ProblemError('absent', 'There is no pod orca-645f4b4d65-hhxmt.');
  });
  const { got } = await gathered([pod()], { port });
  expect(got).toMatchObject([{ text: '', problem: 'There is no pod orca-645f4b4d65-hhxmt.' }]);
});

test('where no log may be read, that is the problem of the step', async () => {
  const { port } = logPort(() => {
    throw new ProblemError('denied', 'pods/log is forbidden', 'ask for it');
  });
  const { outcome } = await gathered([pod({ containers: [restarted] })], { port });
  expect(outcome).toMatchObject({ ok: false, problem: { code: 'denied', hint: 'ask for it' } });
});

test('without the right no log is asked for', async () => {
  const { asked, port } = logPort(() => 'x');
  const { outcome } = await gathered([pod()], { port, refused: ['get pods/log in app-95'] });
  expect(outcome).toMatchObject({ ok: false, problem: { code: 'denied' } });
  expect(asked).toEqual([]);
});

test('a container that is killed while it is watched is read again: its last words and the new life', async () => {
  let life = 1;
  const { asked, port } = logPort(({ previous }) => `life ${previous ? life - 1 : life}`);
  const podsAt = () => {
    life = 2;
    return [pod({ containers: [restarted] })];
  };
  const { got } = await gathered([pod()], { port, podsAt, watchMs: 20_000 });
  expect(asked).toHaveLength(3);
  expect(got).toMatchObject([
    { previous: false, text: 'life 2' },
    { previous: true, text: 'life 1' },
  ]);
});

test('a pod that is gone after the watch keeps the log that was read before', async () => {
  const { asked, port } = logPort(() => 'first words');
  const { got } = await gathered([pod()], { port, podsAt: () => [], watchMs: 20_000 });
  expect(asked).toHaveLength(1);
  expect(got).toMatchObject([{ text: 'first words' }]);
});

test('no pod, no log', async () => {
  expect((await gathered([], { port: {} })).outcome).toMatchObject({ ok: true, value: { logs: [] } });
});

test('a log without an end is kept as far as it came in the time of a request', async () => {
  const endless: KubePort['log'] = ({ until }) =>
    new Promise((resolve) => {
      const end = () => resolve({ text: 'so far', lines: 1, cutBytes: 0, redacted: 0, problem: 'cut' });
      if (until.aborted) end();
      else until.addEventListener('abort', end);
    });
  const { got } = await gathered([pod()], { port: { log: endless }, options: { requestTimeoutMs: 50 } });
  expect(got).toMatchObject([{ text: 'so far', problem: 'cut' }]);
});
