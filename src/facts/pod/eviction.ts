import type { Condition } from '../../core/kube-artifacts.ts';
import type { Evidence } from '../../core/report.ts';
import { clusterText } from './cluster-text.ts';
import type { ContainerFacts } from './container-facts.ts';
import { describeCommand, eventsCommand, nodeCommand } from './kubectl.ts';
import type { PodFacts } from './pod-facts.ts';

/** Signs that it was the node that ran short. */
export interface NodeShortage {
  readonly kind: /** The kubelet, or a taint, put the pod off its node. */
    | 'evicted'
    /** OOM killed without a limit of its own. */
    | 'killed-without-limit'
    /** The kernel killed for the node as a whole, when this container was killed. */
    | 'system-oom'
    /** The node says so of itself, now. */
    | 'pressure';
  /** `memory`, `ephemeral-storage`, … where it is named. */
  readonly resource: string | undefined;
  readonly evidence: readonly Evidence[];
}

/** Reasons of the condition DisruptionTarget (KEP-3329), and of the pod itself. */
const EVICTED = /^(?:Evicted|TerminationByKubelet|DeletionByTaintManager|TaintEviction)$/;
const LOW_ON = /low on resource: ([\w-]+)/;
/** Limits on files, of which the kubelet says nothing but what was exceeded (pkg/kubelet/eviction). */
const FILES = /EmptyDir volume|ephemeral|\bdisk|inodes/i;

/** Evicted for something else than memory, as far as was said. */
export const isOtherEviction = ({ kind, resource }: NodeShortage): boolean =>
  kind === 'evicted' && resource !== 'memory';

export function nodeShortage(facts: PodFacts, of: ContainerFacts): NodeShortage | undefined {
  return evicted(facts, of) ?? systemOom(facts, of) ?? withoutLimit(facts, of) ?? pressure(facts, of);
}

function evicted(facts: PodFacts, { pod }: ContainerFacts): NodeShortage | undefined {
  const target = pod.conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  const event = facts.events.findLast(({ reason }) => EVICTED.test(reason) || reason === 'TaintManagerEviction');
  const isEvicted = [pod.reason, target?.reason].some((reason) => reason !== undefined && EVICTED.test(reason));
  if (!isEvicted && event === undefined) return undefined;
  const message = clusterText(pod.message ?? target?.message ?? event?.message) ?? 'The pod was evicted';
  const reproduce = isEvicted ? describeCommand(facts.where, pod.name) : eventsCommand(facts.where, pod.name);
  return {
    kind: 'evicted',
    resource: LOW_ON.exec(message)?.[1] ?? (FILES.test(message) ? 'ephemeral-storage' : undefined),
    evidence: [{ says: `${message}.`, from: isEvicted ? 'pods' : 'events', reproduce }],
  };
}

/** The kubelet's event on the node, for kills outside of any container's own limit (pkg/kubelet/oom, `SystemOOM`). */
const SYSTEM_OOM_SECONDS = 30;

function systemOom(facts: PodFacts, { pod, kills }: ContainerFacts): NodeShortage | undefined {
  const near = (at: number) =>
    kills.some(({ endedAt }) => endedAt !== undefined && Math.abs(endedAt - at) <= SYSTEM_OOM_SECONDS);
  const event = (facts.got.events?.events ?? []).findLast(
    ({ reason, about, lastAtUnixSeconds }) =>
      reason === 'SystemOOM' && about.kind === 'Node' && about.name === pod.node && near(lastAtUnixSeconds),
  );
  if (event === undefined) return undefined;
  const says = `${clusterText(event.message) ?? 'System OOM encountered'}.`;
  return {
    kind: 'system-oom',
    resource: 'memory',
    evidence: [{ says, from: 'events', reproduce: nodeCommand(facts.where, pod.node!) }],
  };
}

function withoutLimit(facts: PodFacts, { pod, kills, limit }: ContainerFacts): NodeShortage | undefined {
  if (kills.length === 0 || (limit !== undefined && limit.scope !== 'node')) return undefined;
  const says = 'Neither the container nor its pod has a memory limit: what ran out was the memory of the node.';
  return {
    kind: 'killed-without-limit',
    resource: 'memory',
    evidence: [{ says, from: 'pods', reproduce: describeCommand(facts.where, pod.name) }],
  };
}

function pressure(facts: PodFacts, { pod }: ContainerFacts): NodeShortage | undefined {
  const node = facts.got.nodes?.nodes.find(({ name }) => name === pod.node);
  const under = node?.conditions.find(isPressure);
  if (node === undefined || under === undefined) return undefined;
  const says = `Node ${node.name}: ${clusterText(under.message) ?? 'MemoryPressure'}.`;
  return {
    kind: 'pressure',
    resource: 'memory',
    evidence: [{ says, from: 'nodes', reproduce: nodeCommand(facts.where, node.name) }],
  };
}

const isPressure = ({ type, status }: Condition): boolean => type === 'MemoryPressure' && status === 'True';
