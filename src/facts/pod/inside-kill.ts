import { timesText } from '../amounts.ts';
import { type LogError, logErrors } from '../log-errors.ts';
import { clusterText } from './cluster-text.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { PodGot } from './pod-artifacts.ts';
import type { PodFacts } from './pod-facts.ts';

export interface InsideKill {
  readonly text: string;
  /** Whether it was for lack of memory: a log says that something was killed, and not for what. */
  readonly isForMemory: boolean;
}

/**
 * What the log says of a part of the program that was killed, or got no memory: the kernel kills a worker, and the status
 * of the container knows nothing of it. Undefined where it says nothing.
 */
export function insideKill({ got }: PodFacts, { pod, container }: ContainerFacts): InsideKill | undefined {
  const counted = countedText(got, pod.name, container.name);
  if (counted !== undefined) return { text: counted, isForMemory: true };
  if (got.logs === undefined) return undefined;
  const logs = got.logs.logs.filter((log) => log.pod === pod.name && log.container === container.name);
  const groups = logErrors({ logs }).groups;
  const said = groups.find(({ kind }) => kind === 'killed') ?? groups.find(({ kind }) => kind === 'out-of-memory');
  return said && { text: textOf(said), isForMemory: said.kind === 'out-of-memory' };
}

/** The kernel counts what it kills in a container's group, which is new with each life of the container. */
function countedText({ inside, 'memory-limit': limit }: PodGot, pod: string, container: string): string | undefined {
  const kills = limit?.cgroup?.events?.oomKills ?? 0;
  if (kills === 0 || inside?.pod !== pod || inside.container !== container) return undefined;
  return `The kernel has killed for lack of memory in it ${timesText(kills)} since it started: a worker, for the container runs on.`;
}

function textOf({ kind, example, count }: LogError): string {
  const what = kind === 'killed' ? 'a part of the program was killed' : 'an allocation failed';
  const times = count > 1 ? ` (${count} such lines)` : '';
  return `Its log says that ${what}${times}: "${clusterText(example, 140) ?? ''}".`;
}
