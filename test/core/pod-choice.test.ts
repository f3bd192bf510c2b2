import { expect, test } from 'vitest';
import type { ContainerInfo, PodInfo } from '../../src/core/kube-artifacts.ts';
import { chosenOf } from '../../src/core/pod-choice.ts';
import { container as plainContainer, pod as plainPod } from '../steps/kube-port.ts';

const container = (name: string, changes: Partial<ContainerInfo> = {}): ContainerInfo =>
  plainContainer({ name, state: { is: 'running', startedAtUnixSeconds: 1000 }, ...changes });
const pod = (name: string, containers: ContainerInfo[], changes: Partial<PodInfo> = {}): PodInfo => ({
  ...plainPod({ name, containers, createdAtUnixSeconds: 1000 }),
  startedAtUnixSeconds: undefined,
  ...changes,
});
const killed = (at: number) =>
  ({ is: 'terminated', reason: 'OOMKilled', exitCode: 137, finishedAtUnixSeconds: at }) as const;

test('the pod that was OOM killed last is chosen, before one that restarted more often', () => {
  const pods = [
    pod('a', [container('web', { restarts: 9 })]),
    pod('b', [container('web', { restarts: 1, lastState: killed(2000) })]),
    pod('c', [container('web', { restarts: 2, lastState: killed(1500) })]),
  ];
  expect(chosenOf(pods, undefined)).toMatchObject({ pod: 'b', container: 'web' });
  expect(chosenOf(pods, undefined)?.why).toMatch(/OOM killed last; its only container$/);
});

test('of pods that do the same the oldest is chosen: it has grown for the longest time', () => {
  const pods = [pod('young', [container('web')], { createdAtUnixSeconds: 5000 }), pod('old', [container('web')])];
  expect(chosenOf(pods, undefined)?.pod).toBe('old');
});

test('a running pod is chosen before one that never started', () => {
  const pods = [pod('a', [container('web', { state: { is: 'waiting' } })]), pod('b', [container('web')])];
  expect(chosenOf(pods, undefined)?.pod).toBe('b');
});

test('the container is the one asked for, else the one that the pod names, else its first main one', () => {
  const containers = [container('setup', { kind: 'init' }), container('proxy'), container('web')];
  expect(chosenOf([pod('a', containers)], 'web')?.container).toBe('web');
  expect(chosenOf([pod('a', containers, { defaultContainer: 'web' })], undefined)?.container).toBe('web');
  expect(chosenOf([pod('a', containers)], undefined)?.container).toBe('proxy');
  expect(chosenOf([pod('a', containers, { defaultContainer: 'gone' })], undefined)?.container).toBe('proxy');
});

test('a container that no pod has is said, with those that there are', () => {
  expect(() => chosenOf([pod('a', [container('web')])], 'wbe')).toThrow('No pod has a container "wbe".');
});

test('where there are no pods there is nothing to choose', () => {
  expect(chosenOf([], undefined)).toBeUndefined();
  expect(chosenOf([], 'web')).toBeUndefined();
  expect(chosenOf([pod('a', [])], undefined)).toBeUndefined();
});
