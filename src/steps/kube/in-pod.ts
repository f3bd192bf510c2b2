import type { Key } from '../../core/artifacts.ts';
import { ProblemError } from '../../core/problem.ts';
import type { AnyStep, KubeContext, ProcessContext } from '../../core/step.ts';

/** A step on a process, taken on the processes of the container that was entered. */
export const inPod = (step: AnyStep<ProcessContext>): AnyStep<KubeContext> => ({
  makes: step.makes,
  title: `${step.title} in the pod`,
  needs: ['inside', ...(step.needs as Key[])],
  ...(step.uses ? { uses: step.uses } : {}),
  rung: step.rung === 'attach' ? 'attach' : 'exec',
  ...(step.prepare ? { prepare: async (context, got) => step.prepare?.(processContext(context), got) } : {}),
  run: (context, got, prepared) => step.run(processContext(context), got, prepared),
  ...(step.summary ? { summary: step.summary } : {}),
});

function processContext({ entered, options, watch, interrupted, note, sourceFolder }: KubeContext): ProcessContext {
  const { inside, heap } = entered;
  if (inside === undefined) throw new ProblemError('broken', 'The pod was entered, but nobody is there.');
  return { options, watch, interrupted, note, sourceFolder, heap, pid: inside.rootPid, processes: inside.processes };
}
