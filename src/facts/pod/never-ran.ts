import type { ContainerInfo, PodInfo } from '../../core/kube-artifacts.ts';
import { clusterText } from './cluster-text.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { PodFacts } from './pod-facts.ts';

/** Why nothing of the pod ran that could use memory, and what to do. */
export interface NeverRan {
  readonly why: string;
  readonly next: string;
}

const NEXT: Record<string, string> = {
  ErrImagePull: 'check the name of the image and the right to pull it',
  ImagePullBackOff: 'check the name of the image and the right to pull it',
  InvalidImageName: 'correct the name of the image',
  ErrImageNeverPull: 'the image is not on the node, and the pull policy is Never',
  CreateContainerConfigError: 'create the ConfigMap or Secret that it names',
  CreateContainerError: 'see what the node says: kubectl describe',
  RunContainerError: 'see what the node says: kubectl describe',
};

/** Undefined where the container has run, or runs. */
export function neverRan(facts: PodFacts, of: ContainerFacts): NeverRan | undefined {
  if (of.lives.length > 0 || of.container.restarts > 0) return undefined;
  if (of.container.state.is === 'running' || of.container.state.is === 'terminated') return undefined;
  return unscheduled(of.pod) ?? initFailed(of.pod) ?? waiting(of.container) ?? pending(facts, of);
}

/** The scheduler says why, in the condition PodScheduled. */
function unscheduled({ conditions, containers }: PodInfo): NeverRan | undefined {
  const condition = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition === undefined) return undefined;
  const said = clusterText(condition.message) ?? condition.reason ?? 'no node was found for it';
  const asked = containers.reduce((sum, { spec }) => sum + (spec.requestBytes ?? 0), 0);
  const forMemory = /insufficient memory/i.test(said) && asked > 0;
  return {
    why: `no node takes the pod (${said})`,
    next: forMemory
      ? 'ask for less memory in resources.requests, or add a node that has it'
      : 'make a node fit it, or the pod fit a node',
  };
}

/** Containers that run before it, one after the other. */
function initFailed({ containers }: PodInfo): NeverRan | undefined {
  for (const each of containers.filter(({ kind }) => kind === 'init' || kind === 'sidecar')) {
    const { state, lastState } = each;
    const ended = state.is === 'terminated' ? state : lastState;
    if (ended !== undefined && ended.exitCode !== 0)
      return {
        why: `the init container "${each.name}" fails before it (${ended.reason ?? 'Error'}, exit code ${ended.exitCode})`,
        next: `see why: kubectl logs -c ${each.name}`,
      };
    const waits = waiting(each);
    if (waits) return { ...waits, why: `the init container "${each.name}" is not started: ${waits.why}` };
  }
  return undefined;
}

function waiting({ state }: ContainerInfo): NeverRan | undefined {
  if (state.is !== 'waiting' || state.reason === undefined || !(state.reason in NEXT)) return undefined;
  const said = clusterText(state.message);
  return { why: said === undefined ? state.reason : `${state.reason} (${said})`, next: NEXT[state.reason]! };
}

/** Being created, or stuck at it: the newest warning says at what. */
function pending({ events }: PodFacts, { pod, container: { state } }: ContainerFacts): NeverRan {
  const warning = events.findLast(({ type }) => type === 'Warning');
  const said = clusterText(warning?.message);
  const reason = (state.is === 'waiting' ? state.reason : undefined) ?? pod.phase;
  if (warning && said) return { why: `${reason}: ${warning.reason} (${said})`, next: 'mend that, then look again' };
  return { why: `it is ${reason}`, next: 'look again when it runs' };
}
