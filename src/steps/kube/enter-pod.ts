import type { Processes } from '../../core/artifacts.ts';
import { investigate } from '../../core/investigate.ts';
import type { Pods } from '../../core/kube-artifacts.ts';
import type { Inside } from '../../core/pod-port.ts';
import { type Problem, ProblemError, problemOf } from '../../core/problem.ts';
import type { Report } from '../../core/report.ts';
import { roleHint } from '../../core/rights.ts';
import type { AnyStep, KubeContext } from '../../core/step.ts';
import { chosenPython, processes } from '../process/processes.ts';
import { inPod } from './in-pod.ts';
import { inside } from './inside.ts';
import { pods } from './pods.ts';
import { podTarget } from './target.ts';

/** A container that was gone into, for whoever asks its processes something. */
export interface EnteredPod extends Pick<Inside, 'processes' | 'askHeap' | 'rootPid'> {
  readonly target: Report['target'];
  /** Of several Pythons the one that grows is chosen, where it was watched for long enough to tell. */
  readonly tree: Processes;
  /** Ends the reader in the container. */
  close(): Promise<void>;
}

/** How it is said, before anything is done in there, which pod and container it is. */
export interface ChosenPod {
  readonly target: Report['target'];
  /** Why this one of several; undefined: there is one pod with one container. */
  readonly why: string | undefined;
}

/** What leads to the processes of a container, and nothing that a diagnosis takes beside it. */
export const enteringSteps: readonly AnyStep<KubeContext>[] = [pods, inside, inPod(processes)];

/** Goes into the container of a workload that tells most. Throws a ProblemError, with nothing left running in there. */
export async function enterPod(
  context: KubeContext,
  typed: string,
  tell: (chosen: ChosenPod) => void,
): Promise<EnteredPod> {
  // The engine closes when all steps have ended: here it begins then.
  const { close = async () => {}, ...open } = context;
  try {
    const { outcomes } = await investigate(
      enteringSteps.map((step) => (step === inside ? telling(tell) : step)),
      open,
    );
    const { pods: found, processes: tree } = outcomes;
    // A step that lacks another has the problem of that one.
    if (tree && !tree.ok) throw problemWithRole(tree.problem, typed, context.kubeOptions.ways.includes('ephemeral'));
    const entered = context.entered.inside;
    if (!found?.ok || !tree?.ok || entered === undefined) throw new Error('The pod was entered, but nobody is there.');
    requirePython(tree.value, typed);
    return {
      processes: entered.processes,
      askHeap: entered.askHeap,
      rootPid: entered.rootPid,
      target: podTarget(context.asked, context.kube.namespace, found),
      tree: tree.value,
      close,
    };
  } catch (thrown) {
    await close().catch((again) => context.note(problemOf(again).message));
    throw thrown;
  }
}

/** What is said of a process on this machine tells how to find another one here. */
function requirePython(tree: Processes, typed: string): void {
  try {
    chosenPython(tree);
  } catch (thrown) {
    const { code, message, hint } = problemOf(thrown);
    const next = hint?.includes('pgrep') ? 'Another container of the pod is named with -c.' : hint;
    throw new ProblemError(code, message, next?.replace(/whyoom --pid \d+/, `whyoom ${typed}`));
  }
}

const telling = (tell: (chosen: ChosenPod) => void): AnyStep<KubeContext> => ({
  ...inside,
  run: (context, { pods: found }) => {
    const target = podTarget(context.asked, context.kube.namespace, { ok: true, value: found, ms: 0 });
    tell({ target, why: whyThis(found) });
    return inside.run(context, { pods: found }, undefined);
  },
});

function whyThis({ pods: all, chosen }: Pods): string | undefined {
  const containers = all.find(({ name }) => name === chosen?.pod)?.containers ?? [];
  const running = containers.filter(({ kind }) => kind === 'main' || kind === 'sidecar');
  return all.length < 2 && running.length < 2 ? undefined : chosen?.why;
}

/** What the API server itself refuses comes without the Role that allows it. */
function problemWithRole({ code, message, hint }: Problem, typed: string, besides: boolean): ProblemError {
  const isRight =
    code === 'denied' && /pods\/(exec|ephemeralcontainers)\b/.test(message) && /cannot |No right/.test(message);
  return new ProblemError(
    code,
    message,
    isRight ? roleHint(besides ? `${typed} --allow exec,ephemeral` : typed) : hint,
  );
}
