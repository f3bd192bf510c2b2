import { describe, expect, test } from 'vitest';
import { askProcess, judged, processPort } from '../src/app.ts';
import { investigate } from '../src/core/investigate.ts';
import type { PodInfo } from '../src/core/kube-artifacts.ts';
import type { Entering, PodPort } from '../src/core/pod-port.ts';
import { ProblemError } from '../src/core/problem.ts';
import type { Report } from '../src/core/report.ts';
import { createWatch } from '../src/core/watch.ts';
import { kubeSteps } from '../src/steps/index.ts';
import { enteringSteps } from '../src/steps/kube/enter-pod.ts';
import { healthyPrograms, interpreters, leakingPrograms, type Program, startProgram } from './python/programs.ts';
import { expectValidReport } from './report-valid.ts';
import { container, KUBE_START, type PlayedCluster, playKube, pod } from './steps/kube-port.ts';

/** Pods are played, and the process in the container is one of this machine: how one gets there is tested on the cluster. */
const here = (rootPid: number): PodPort => ({
  enter: async ({ way }) => ({
    processes: processPort(),
    askHeap: askProcess,
    rootPid,
    about: { way, python: '3.12.1', headroomBytes: 50 * 2 ** 20 },
    close: async () => undefined,
  }),
  planned: ({ way }) => ({ way, changes: [], commands: [] }),
});

const ANSWERS = { yes: true, no: false, nobody: undefined } as const;
type Answer = keyof typeof ANSWERS;

async function reportWith(
  pods: PodPort,
  played: PlayedCluster = {},
  watchMs = 300,
  answer: Answer = 'yes',
): Promise<Report> {
  const { context } = playKube({ options: { ways: ['exec', 'ephemeral'] }, ...played });
  const options = { watchMs, maxPauseMs: 1000 };
  const { sleep, nowUnixSeconds } = processPort();
  const gathered = await investigate(kubeSteps(['exec', 'ephemeral']), {
    ...context,
    pods,
    confirm: async () => ANSWERS[answer],
    watch: createWatch(options.watchMs, context.interrupted),
    kube: { ...context.kube, nowUnixSeconds, sleep },
    options,
    close: async () => context.entered.heap.session?.close(),
  });
  const collectedAt = new Date(KUBE_START * 1000).toISOString();
  const target = { kind: 'pod', name: 'app-95/orca-645f4b4d65-hhxmt', container: 'orca' } as const;
  const report = judged({ version: 1, tool: '0', collectedAt, target, options, ...gathered });
  expectValidReport(report);
  return report;
}

async function whileRuns<T>(program: Program, look: (pid: number) => Promise<T>): Promise<T> {
  const running = await startProgram(interpreters().at(-1)!, program);
  try {
    await running.ready;
    return await look(running.pid);
  } finally {
    await running.stop();
  }
}

describe.concurrent('with a process in the container', () => {
  test('what was seen in the pod names the holder, and the API says what comes of it', async () => {
    const program = leakingPrograms().find(({ name }) => name === 'module_list')!;
    const killed = container({
      restarts: 4,
      lastState: {
        is: 'terminated',
        reason: 'OOMKilled',
        exitCode: 137,
        startedAtUnixSeconds: KUBE_START - 130,
        finishedAtUnixSeconds: KUBE_START - 95,
      },
    });
    const podsAt = () => [pod({ containers: [killed] })];
    const report = await whileRuns(program, (pid) => reportWith(here(pid), { podsAt }, 12_000));
    expect(report.verdict, report.headline).toBe('leak');
    expect(report.headline).toMatch(
      /only grows: .* Next kill in .* It was OOM killed at .* after a life of 35 s; 4 restarts/,
    );
    const [finding] = report.findings;
    expect(finding?.holder?.name).toBe(program.expect.holders[0]!.name);
    expect(finding?.places[0]?.line).toBe(program.expect.holders[0]!.feed.lines[0]);
    const commands = finding!.evidence.map(({ reproduce }) => reproduce);
    expect(commands).toContain('whyoom pod/orca-645f4b4d65-hhxmt -n app-95 -c orca --context test -o json');
    expect(
      commands.some((command) => /^kubectl exec orca-\S+ -c orca -n app-95 --context test -- sh -c '/.test(command!)),
    ).toBe(true);
    expect(commands.every((command) => !command?.includes('--pid'))).toBe(true);
    expect(report.kills).toHaveLength(1);
    expect(report.usage).toMatchObject({ measure: 'rss', source: 'process' });
    expect(report.processes).toMatchObject([{ read: true }]);
    expect(report.breakdown).not.toBeUndefined();
  }, 60_000);

  test('a program that keeps nothing is not called a leak', async () => {
    const program = healthyPrograms().find(({ name }) => name === 'bounded_deque') ?? healthyPrograms()[0]!;
    const report = await whileRuns(program, (pid) => reportWith(here(pid), {}, 12_000));
    expect(['healthy', 'undecided'], report.headline).toContain(report.verdict);
    expect(report.findings.filter(({ holder }) => holder?.growth)).toEqual([]);
  }, 60_000);
});

describe('where one way leads to the processes, and not to their heap', () => {
  /** By exec the process may be seen and not traced; each way says when it is left. */
  const ways = (beside: 'leads there' | 'refused', left: string[] = []): PodPort => ({
    enter: async ({ way }) => {
      if (way === 'ephemeral' && beside === 'refused') throw new ProblemError('denied', 'PodSecurity says no.');
      const { tree, ...others } = processPort();
      return {
        processes: { ...others, tree: async (pid) => ({ ...(await tree(pid)), chosenPid: pid }) },
        rootPid: process.pid,
        about: { way, python: '3.12.1' },
        ...(way === 'exec'
          ? { whyAnotherWay: async () => new ProblemError('denied', 'Another user.', '--allow ephemeral') }
          : {}),
        askHeap: (pid, options) => askProcess(pid, options),
        close: async () => void left.push(way),
      };
    },
    planned: ({ way }) => ({ way, changes: [], commands: [] }),
  });
  const enteredBy = async (pods: PodPort, answer: Answer = 'yes') => {
    const { context } = playKube({ options: { ways: ['exec', 'ephemeral'] } });
    const { outcomes } = await investigate([...enteringSteps], {
      ...context,
      pods,
      confirm: async () => ANSWERS[answer],
    });
    return outcomes.inside;
  };

  test('the next way is gone, and the first one is left', async () => {
    const left: string[] = [];
    expect(await enteredBy(ways('leads there', left))).toMatchObject({
      value: { way: 'ephemeral', refused: [{ way: 'exec', message: 'Another user.' }] },
    });
    expect(left[0]).toBe('exec');
  });

  test('whoever ends the look leaves a container whose processes could not be told', async () => {
    const left: string[] = [];
    const pods = ways('leads there', left);
    const enter: PodPort['enter'] = async (asked) => {
      const inside = await pods.enter(asked);
      const tree = async () => Promise.reject(new ProblemError('timeout', 'No answer.'));
      return { ...inside, processes: { ...inside.processes, tree } };
    };
    const { context } = playKube({ options: { ways: ['exec', 'ephemeral'] } });
    const { outcomes } = await investigate([...enteringSteps], {
      ...context,
      pods: { ...pods, enter },
      close: async () => context.entered.inside?.close(),
    });
    expect(outcomes.inside).toMatchObject({ ok: false, problem: { code: 'timeout' } });
    expect(left).toEqual(['exec']);
  });

  test('the first one stays where the next leads nowhere, or nobody wants it', async () => {
    expect(await enteredBy(ways('refused'))).toMatchObject({
      value: { way: 'exec', refused: [{ way: 'ephemeral', message: 'PodSecurity says no.' }] },
    });
    expect(await enteredBy(ways('leads there'), 'no')).toMatchObject({
      value: { way: 'exec', refused: [{ way: 'ephemeral', message: expect.stringContaining('as you said') }] },
    });
  });
});

describe('where nobody gets into the container', () => {
  const refusing = (code: 'denied' | 'refused', tried: Entering[] = []): PodPort => ({
    enter: async (asked) => {
      tried.push(asked);
      throw new ProblemError(code, `No ${asked.way}.`, 'A hint.');
    },
    planned: ({ way }) => ({ way, changes: [], commands: [] }),
  });

  const unknownOf = ({ unknown }: Report) => unknown.find(({ needed }) => needed === 'inside');

  test('the report says why, which causes could not be looked for, and what the API knows', async () => {
    const report = await reportWith(refusing('denied'));
    expect(unknownOf(report)).toMatchObject({ problem: { code: 'denied', message: 'No ephemeral.', hint: 'A hint.' } });
    expect(unknownOf(report)!.by).toContain('unbounded-collection');
    expect(report.limit).toEqual({ bytes: 128 * 2 ** 20, scope: 'container' });
    expect(report.unknown.map(({ needed }) => needed)).not.toContain('heap');
  });

  test('the next way is tried after a refusal of the first', async () => {
    const tried: Entering[] = [];
    await reportWith(refusing('denied', tried));
    expect(tried.map(({ way }) => way)).toEqual(['exec', 'ephemeral']);
  });

  test.each([
    ['no', 'No container was added to the pod, as you said.'],
    ['nobody', 'No container was added to the pod: nobody could be asked.'],
  ] as const)('a pod is not changed where the answer is: %s', async (answer, message) => {
    const tried: Entering[] = [];
    const report = await reportWith(refusing('denied', tried), {}, 300, answer);
    expect(tried.map(({ way }) => way)).toEqual(['exec']);
    expect(unknownOf(report)?.problem).toMatchObject({ code: 'refused', message });
  });

  test('no other way is tried where there is too little room', async () => {
    const tried: Entering[] = [];
    const metrics = async () => ({
      samples: [{ pod: 'orca-645f4b4d65-hhxmt', container: 'orca', atUnixSeconds: KUBE_START, bytes: 120 * 2 ** 20 }],
    });
    const report = await reportWith(refusing('refused', tried), { port: { metrics } });
    expect(tried).toMatchObject([{ way: 'exec', headroomBytes: 8 * 2 ** 20 }]);
    expect(unknownOf(report)?.problem.code).toBe('refused');
  });

  test('a container that does not run is not entered', async () => {
    const tried: Entering[] = [];
    const waiting = container({ state: { is: 'waiting', reason: 'CrashLoopBackOff' } });
    const podsAt = (): PodInfo[] => [pod({ containers: [waiting] })];
    const report = await reportWith(refusing('denied', tried), { podsAt });
    expect(tried).toEqual([]);
    expect(unknownOf(report)?.problem.message).toMatch(/does not run now/);
  });

  test('with --wait-start it is entered as soon as it runs', async () => {
    const tried: Entering[] = [];
    const podsAt = (seconds: number): PodInfo[] => [
      pod({ containers: [container(seconds < 5 ? { state: { is: 'waiting', reason: 'CrashLoopBackOff' } } : {})] }),
    ];
    const { context, seconds } = playKube({ podsAt, options: { ways: ['exec'], waitStartMs: 60_000 } });
    await investigate(kubeSteps(['exec']), { ...context, pods: refusing('denied', tried) });
    expect(tried).toHaveLength(1);
    expect(seconds()).toBeGreaterThanOrEqual(5);
  });

  test('without the right to exec nothing is tried, and the Role is named', async () => {
    const tried: Entering[] = [];
    const report = await reportWith(refusing('denied', tried), { refused: ['get pods/exec in app-95'] });
    expect(tried).toEqual([]);
    expect(unknownOf(report)?.problem).toMatchObject({
      code: 'denied',
      message: 'No right to get pods/exec in app-95.',
      hint: 'The Role that allows it: whyoom preflight deploy/orca -o yaml',
    });
  });
});
