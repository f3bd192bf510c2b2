import { defineDetector } from '../core/detector.ts';
import type { Finding } from '../core/report.ts';
import { plural } from '../facts/amounts.ts';
import type { ContainerFacts } from '../facts/pod/container-facts.ts';
import { afterText } from '../facts/pod/container-lives.ts';
import { nodeShortage } from '../facts/pod/eviction.ts';
import { byRule } from '../facts/pod/finding-parts.ts';
import { logCommand, statusCommand } from '../facts/pod/kubectl.ts';
import { POD_NEEDS, POD_USES } from '../facts/pod/pod-artifacts.ts';
import { type PodFacts, podFacts } from '../facts/pod/pod-facts.ts';
import { whenText } from '../facts/pod/times.ts';
import { type Ending, lastEnding } from '../facts/pod/why-ended.ts';

/** Its last life ended, and not by an OOM kill: exit code 137 alone is none. */
export const killedNotOom = defineDetector({
  id: 'killed-not-oom',
  title: 'Killed or restarted, but not for memory',
  needs: POD_NEEDS,
  uses: POD_USES,
  detect(got) {
    const facts = podFacts(got);
    const of = facts.chosen;
    const ending = of && lastEnding(facts, of);
    if (!of || !ending || isDone(of, ending) || nodeShortage(facts, of)?.kind === 'evicted') return [];
    return [finding(facts, of, ending)];
  },
});

/** A Job, or a pod that runs once, has done what it had to. */
const isDone = ({ pod, container }: ContainerFacts, { because }: Ending): boolean =>
  because === 'completed' && (pod.phase === 'Succeeded' || container.restarts === 0);

function finding(facts: PodFacts, of: ContainerFacts, ending: Ending): Omit<Finding, 'cause'> {
  const { life, because, did, evidence } = ending;
  const { pod, container } = of;
  const when = life.endedAt === undefined ? '' : ` at ${whenText(life.endedAt, facts.now)}`;
  const counted = container.restarts > 1 ? `; ${plural(container.restarts, 'restart')}` : '';
  const code = life.exitCode === undefined ? '' : `, exit code ${life.exitCode}`;
  return {
    confidence: byRule(because === 'signal' ? 'medium' : 'high'),
    summary: `Not an OOM kill: it ${did}${when}${afterText(life)}${counted}.`,
    places: [],
    evidence: [
      ...evidence,
      {
        says: `The ${life.seen === 'state' ? 'state' : 'last state'} of "${container.name}" is ${life.reason ?? 'terminated'}${code}.`,
        from: 'pods',
        reproduce: statusCommand(facts.where, pod.name, container),
      },
    ],
    fix: fixFor(because, logCommand(facts.where, pod.name, container.name, life.seen === 'lastState')),
  };
}

function fixFor(because: Ending['because'], log: string): Finding['fix'] {
  switch (because) {
    case 'probe':
      return {
        summary: 'find out why it does not answer its probe in time; give the probe more time where it is only slow.',
        advice: [
          'A program that swaps, collects garbage or waits for a lock answers late: compare with its memory and CPU at that time.',
          'Raise `timeoutSeconds` and `failureThreshold`, and add a startupProbe for a slow start.',
        ],
      };
    case 'preemption':
      return { summary: 'give it a PriorityClass of its own, or the cluster more room.', advice: [] };
    case 'deletion':
      return {
        summary: 'let the program end on SIGTERM, or give it a longer `terminationGracePeriodSeconds`.',
        advice: [
          'PID 1 gets no default action for SIGTERM: a Python program that is PID 1 needs a handler, or `tini` before it.',
        ],
      };
    case 'memory-error':
      return {
        summary:
          'see which allocation was refused: an address-space limit (`ulimit -v`, RLIMIT_AS) or one absurdly large request.',
        advice: [`The traceback names the line: ${log}`],
      };
    case 'exception':
      return {
        summary: 'mend the exception; memory has nothing to do with it.',
        advice: [`The whole traceback: ${log}`],
      };
    case 'start':
      return { summary: 'correct the command or the image.', advice: [`What it said: ${log}`] };
    case 'completed':
      return { summary: 'a program that ends is started again: run it as a Job, or keep it running.', advice: [] };
    case 'signal':
      return {
        summary: 'find out who sent the signal: events are kept for about an hour.',
        advice: [
          `Its last words: ${log}`,
          'containerd calls a life OOMKilled in which the kernel killed any process for lack of memory: who sent this signal was somebody else, or the node as a whole ran out.',
        ],
      };
    case 'exit':
      return { summary: 'see what it said before it ended.', advice: [log] };
  }
}
