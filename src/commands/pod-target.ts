import { type ChosenPod, type EnteredPod, enterWorkload, planToEnter } from '../app.ts';
import type { KubeTarget } from '../core/kube-port.ts';
import type { Plan } from '../core/plan.ts';
import { problemOf } from '../core/problem.ts';
import { tellPlan } from './dry-run.ts';
import type { ClusterOptions, PodOptions } from './kube-options.ts';
import type { LookOptions } from './look.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { lookingAt } from './workload.ts';

export interface PodLookOptions extends PodOptions {
  readonly maxPause: number;
  readonly output: string;
}

/** How a command looks at the processes of a pod. */
export interface PodLook {
  /** How long they are watched for which of them grows. */
  readonly watchMs: number;
  readonly stops: Plan['stops'];
}

/** Goes into the pod, does the work there, and leaves; with `--dry-run` it only tells what that would do. */
export async function inPodOf(
  target: KubeTarget,
  options: PodLookOptions,
  { watchMs, stops }: PodLook,
  terminal: Terminal,
  work: (pod: EnteredPod) => Promise<number>,
): Promise<number> {
  const looking = lookingAt(target, diagnosisOf(options, watchMs), terminal);
  if (options.dryRun) return await tellPlan(options.output, () => planToEnter(looking, options.allow, stops), terminal);
  const pod = await enterWorkload(looking, (chosen) => tellChoice(chosen, terminal));
  try {
    return await work(pod);
  } finally {
    await pod.close().catch((thrown) => terminal.progress(problemOf(thrown).message));
  }
}

/** Throws where `--dry-run` was asked of what is not in a cluster: it would be looked at all the same. */
export function noDryRun({ dryRun }: Pick<PodOptions, 'dryRun'>): void {
  if (dryRun) throw new UsageError('--dry-run is for a target in Kubernetes.', 'For example: deploy/orca --dry-run');
}

/** A diagnosis that leaves out all that leads no way to the processes. */
const diagnosisOf = (options: PodLookOptions, watchMs: number): LookOptions & ClusterOptions => ({
  ...options,
  for: watchMs,
  logBytes: 0,
  probe: false,
});

/** As kubectl does where it had a choice (`Defaulted container …`): on stderr, whoever reads it. */
function tellChoice({ target: { name, container }, why }: ChosenPod, terminal: Terminal): void {
  const where = `Looking into ${name}, container "${container}"`;
  if (why === undefined) terminal.progress(`${where} …`);
  else terminal.say(`${where} (${why}).`);
}
