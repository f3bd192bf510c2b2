import type { Pods } from '../../core/kube-artifacts.ts';
import type { Plan } from '../../core/plan.ts';
import { chosenOf } from '../../core/pod-choice.ts';
import { problemOf } from '../../core/problem.ts';
import type { AnyStep, KubeContext } from '../../core/step.ts';
import { CHEAP_PATHS, COSTLY_PATHS } from './endpoint-paths.ts';
import { preflightOf } from './preflight.ts';

/** What these steps would do; of all that, only the workload and its pods are read. */
export async function planned(
  steps: readonly AnyStep<KubeContext>[],
  context: KubeContext,
  { target, rungs, stops }: Pick<Plan, 'target' | 'stops'> & { readonly rungs: readonly string[] },
): Promise<Plan> {
  const { rows } = await preflightOf(steps, context, target, rungs);
  return {
    target,
    asks: rows,
    inPod: await inPod(context),
    ...(context.kubeOptions.mayProbe ? { probes: { paths: CHEAP_PATHS, withRoom: COSTLY_PATHS } } : {}),
    stops,
    maxPauseMs: context.options.maxPauseMs,
  };
}

async function inPod(context: KubeContext): Promise<Plan['inPod']> {
  const { ways } = context.kubeOptions;
  const { pods } = context;
  if (ways.length === 0 || pods === undefined) return { nothing: 'that was not allowed' };
  const chosen = await chosenPod(context);
  if ('nothing' in chosen) return chosen;
  const { pod, container } = chosen;
  return { pod, container, ways: ways.map((way) => pods.planned({ way, container })) };
}

async function chosenPod({
  kube,
  asked,
  kubeOptions,
}: KubeContext): Promise<NonNullable<Pods['chosen']> | { nothing: string }> {
  try {
    const { pods } = await kube.pods(await kube.workload(asked));
    return chosenOf(pods, kubeOptions.container) ?? { nothing: 'there is none' };
  } catch (thrown) {
    return { nothing: problemOf(thrown).message };
  }
}
