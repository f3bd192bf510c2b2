import { expect, test } from 'vitest';
import type { PodInfo } from '../../src/core/kube-artifacts.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { ruleText } from '../../src/core/rights.ts';
import type { KubeContext } from '../../src/core/step.ts';
import { kubeSteps } from '../../src/steps/index.ts';
import { pods } from '../../src/steps/kube/pods.ts';
import { preflightOf } from '../../src/steps/kube/preflight.ts';
import { container, playKube, pod } from './kube-port.ts';

const read = (context: KubeContext) => pods.run(context, {}, undefined);
const pending = pod({ phase: 'Pending', containers: [container({ ready: false, state: { is: 'waiting' } })] });
const done = pod({ phase: 'Succeeded', containers: [container({ state: { is: 'terminated', exitCode: 0 } })] });

test.each<[string, PodInfo[], boolean]>([
  ['a pod that runs', [pod()], false],
  ['one that runs beside one that is pending', [pending, pod()], false],
  ['a pod that never ran', [pending], true],
  ['a pod that has ended for good', [done], true],
  ['no pod', [], true],
])('for %s the watch goes on only where there is something to watch', async (_, found, isOver) => {
  const { context } = playKube({ podsAt: () => found });
  await read(context);
  expect(context.watch.over.aborted).toBe(isOver);
});

test('one pod that is named may be got or listed; a workload takes the list', () => {
  const { context } = playKube();
  const named: KubeContext = { ...context, asked: { by: 'name', type: 'po', name: 'orca-1' } };
  const texts = (rules: Parameters<typeof ruleText>[0][] | undefined) => rules?.map(ruleText);
  expect(pods.rights?.(named, {}).map(ruleText)).toEqual(['get pods in app-95']);
  expect(pods.alternatives?.(named, {}).map((rules) => texts([...rules]))).toEqual([['list pods in app-95']]);
  expect(pods.rights?.(context, {}).map(ruleText)).toEqual(['list pods in app-95']);
});

test('a preflight of whoever may do nothing asks for all that the same one would use who may read the pods', async () => {
  const all = await preflightOf(kubeSteps([]), playKube().context, 'deploy/orca', []);
  const asked = all.rows.map(({ rule }) => ruleText(rule));
  // What would do as well is refused too.
  const others = ['list events.events.k8s.io', 'list services', 'get pods.metrics.k8s.io'];
  const refused = [...asked, ...others.map((rule) => `${rule} in app-95`)];
  const { context } = playKube({ refused, port: { pods: async () => Promise.reject(new Error('forbidden')) } });
  const none = await preflightOf(kubeSteps([]), context, 'deploy/orca', []);
  expect(none.rows.map(({ rule }) => ruleText(rule))).toEqual(asked);
  expect(none.rows.map(({ allowed }) => allowed)).toEqual(none.rows.map(() => 'no'));
});

test('a preflight at which the API says nothing at all ends with why', async () => {
  const gone = async () => Promise.reject(new ProblemError('timeout', 'The API server does not answer'));
  const silent = playKube({ port: { mayI: gone, whoAmI: gone, pods: gone } });
  await expect(preflightOf(kubeSteps([]), silent.context, 'deploy/orca', [])).rejects.toThrow('does not answer');
  const nameless = playKube({ port: { whoAmI: gone } });
  expect((await preflightOf(kubeSteps([]), nameless.context, 'deploy/orca', [])).user).toBeUndefined();
});

test('exec is asked for only where it is allowed, by both verbs that versions use', async () => {
  const rules = async (rungs: string[]) =>
    (await preflightOf(kubeSteps([]), playKube().context, 'deploy/orca', rungs)).rows.map(({ rule }) => ruleText(rule));
  const without = await rules([]);
  expect(without.filter((rule) => rule.includes('exec'))).toEqual([]);
  expect((await rules(['exec'])).slice(without.length)).toEqual([
    'get pods/exec in app-95',
    'create pods/exec in app-95',
    'get pods/portforward in app-95',
    'create pods/portforward in app-95',
  ]);
});
