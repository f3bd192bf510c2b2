import { SIGKILL_EXIT_CODE } from '../../core/kube-artifacts.ts';
import type { Evidence } from '../../core/report.ts';
import { clusterText } from './cluster-text.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { Life } from './container-lives.ts';
import { describeCommand, eventsCommand, logCommand } from './kubectl.ts';
import { type LastException, lastException } from './last-exception.ts';
import type { PodFacts } from './pod-facts.ts';

/** Why a life ended that the status does not call an OOM kill. */
export interface Ending {
  readonly life: Life;
  readonly because:
    | 'probe'
    | 'preemption'
    | 'deletion'
    | 'exception'
    | 'memory-error'
    | 'signal'
    | 'start'
    | 'exit'
    | 'completed';
  /** Part of a sentence, after `it `: `was killed by its failing liveness probe`. */
  readonly did: string;
  readonly evidence: readonly Evidence[];
}

type Event = PodFacts['events'][number];

/** The end that was seen last and was no OOM kill; undefined where there is none. */
export function lastEnding(facts: PodFacts, of: ContainerFacts): Ending | undefined {
  const life = of.lives.filter(({ how }) => how !== 'running').at(-1);
  if (life === undefined || life.how === 'oom-kill') return undefined;
  return byProbe(facts, of, life) ?? byDisruption(facts, of, life) ?? byException(facts, of, life) ?? byExitCode(life);
}

const PROBE = /^(Liveness|Startup) probe (?:failed|errored)|failed (liveness|startup) probe/i;

function byProbe(facts: PodFacts, of: ContainerFacts, life: Life): Ending | undefined {
  if (life.exitCode === 0 && life.reason !== 'Error' && !of.container.hasLivenessProbe) return undefined;
  // Events are read at first: of a life that ended later, those of the lives before it have to do.
  const earlier = (life.endedAt ?? 0) > facts.where.atUnixSeconds ? UNREAD_SECONDS : 0;
  const told = facts.events.filter((event) => concerns(event, of, life, earlier) && PROBE.test(event.message));
  const killing =
    told.find(({ reason }) => reason === 'Killing') ?? told.find(({ message }) => /will be restarted/.test(message));
  const failing = told.filter(({ reason }) => reason === 'Unhealthy').at(-1);
  if (killing === undefined) return undefined;
  const which = (PROBE.exec(killing.message)?.slice(1).find(Boolean) ?? 'liveness').toLowerCase();
  return {
    life,
    because: 'probe',
    did: `was killed because its ${which} probe failed`,
    evidence: [killing, ...(failing ? [failing] : [])].map((event) => eventEvidence(facts, of, event)),
  };
}

/** How long before the start of a life an event may lie that tells of one before it. */
const UNREAD_SECONDS = 600;

function concerns(
  { about, lastAtUnixSeconds, firstAtUnixSeconds }: Event,
  of: ContainerFacts,
  life: Life,
  earlier: number,
): boolean {
  if (about.container !== undefined && about.container !== of.container.name) return false;
  const [from, to] = [(life.startedAt ?? 0) - 2, (life.endedAt ?? Number.POSITIVE_INFINITY) + 5];
  const first = firstAtUnixSeconds ?? lastAtUnixSeconds;
  return lastAtUnixSeconds >= from - earlier && first <= to;
}

function byDisruption(facts: PodFacts, of: ContainerFacts, life: Life): Ending | undefined {
  const { pod } = of;
  const target = pod.conditions.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  const preempted = [target?.reason, pod.reason].find((reason) => reason !== undefined && /^Preempt/.test(reason));
  if (preempted !== undefined) {
    const says = clusterText(target?.message ?? pod.message) ?? preempted;
    return {
      life,
      because: 'preemption',
      did: 'was killed to make room for a pod of higher priority',
      evidence: [podEvidence(facts, of, `${says}.`)],
    };
  }
  if (pod.deletingAtUnixSeconds === undefined) return undefined;
  const did =
    life.exitCode === SIGKILL_EXIT_CODE
      ? 'was killed because the pod is being deleted and it did not end within the grace period'
      : 'was ended because the pod is being deleted';
  return { life, because: 'deletion', did, evidence: [podEvidence(facts, of, 'The pod has a deletion time.')] };
}

function byException(facts: PodFacts, of: ContainerFacts, life: Life): Ending | undefined {
  if (life.exitCode === 0 || (life.exitCode ?? 1) > 128) return undefined;
  const { pod, container } = of;
  const raised = lastException(facts.got.logs, pod.name, container.name, life);
  if (raised === undefined) return undefined;
  const isMemory = raised.type === 'MemoryError';
  const did = isMemory
    ? 'ended because an allocation was refused (MemoryError)'
    : `ended by an exception (${told(raised)})`;
  const says = `Its log ends with ${told(raised)}.`;
  const reproduce = logCommand(facts.where, pod.name, container.name, raised.previous);
  return { life, because: isMemory ? 'memory-error' : 'exception', did, evidence: [{ says, from: 'logs', reproduce }] };
}

const told = ({ type, message }: LastException): string => {
  const said = clusterText(message, 120);
  return said === undefined ? type : `${type}: ${said}`;
};

/** Signals by their numbers on Linux: 128 and the signal is what a shell, and containerd, make of it. */
const SIGNALS: Record<number, string> = { 6: 'SIGABRT', 7: 'SIGBUS', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };

function byExitCode(life: Life): Ending {
  const { exitCode = 0, reason } = life;
  const signal = SIGNALS[life.signal ?? exitCode - 128];
  if (reason === 'StartError' || reason === 'ContainerCannotRun' || exitCode === 126 || exitCode === 127)
    return { life, because: 'start', did: `could not be started${because(life)}`, evidence: [] };
  if (signal === 'SIGKILL')
    return {
      life,
      because: 'signal',
      did: 'was killed (SIGKILL, exit code 137), and not by the kernel for lack of memory as far as the kubelet saw',
      evidence: [],
    };
  if (signal !== undefined)
    return { life, because: 'signal', did: `ended by ${signal} (exit code ${exitCode})`, evidence: [] };
  if (exitCode === 0) return { life, because: 'completed', did: 'ended by itself with exit code 0', evidence: [] };
  return { life, because: 'exit', did: `ended by itself with exit code ${exitCode}${because(life)}`, evidence: [] };
}

const because = ({ message }: Life): string => {
  const said = clusterText(message, 120);
  return said === undefined ? '' : ` (${said})`;
};

const eventEvidence = (facts: PodFacts, of: ContainerFacts, { message, count }: Event): Evidence => ({
  says: `${clusterText(message) ?? 'An event'}${count > 1 ? ` (${count} times)` : ''}.`,
  from: 'events',
  reproduce: eventsCommand(facts.where, of.pod.name),
});

const podEvidence = (facts: PodFacts, of: ContainerFacts, says: string): Evidence => ({
  says,
  from: 'pods',
  reproduce: describeCommand(facts.where, of.pod.name),
});
