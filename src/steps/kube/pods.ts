import type { AccessRule, PodInfo, Pods } from '../../core/kube-artifacts.ts';
import { chosenOf } from '../../core/pod-choice.ts';
import type { Problem } from '../../core/problem.ts';
import { defineKubeStep, type KubeContext } from '../../core/step.ts';

/** The workload that was named, the pods that are its own, and which of them is diagnosed. */
export const pods = defineKubeStep({
  makes: 'pods',
  title: 'Reading the pods',
  needs: [],
  rung: 'api',
  rights: podsRights,
  alternatives: (context) => (isOnePod(context) ? [[listPods(context)]] : []),
  async run(context): Promise<Pods> {
    const { kube, asked, kubeOptions, watch } = context;
    const workload = await kube.workload(asked);
    const { pods: found, unread, clock } = await kube.pods(workload);
    const chosen = chosenOf(found, kubeOptions.container);
    const missing = workload.readBy === undefined ? undefined : await whyNotRead(context);
    if (!found.some(mayChange) && kubeOptions.waitStartMs === undefined) watch.end('decided');
    return {
      ...(kube.context === undefined ? {} : { context: kube.context }),
      workload,
      pods: found,
      ...(unread > 0 ? { unread } : {}),
      ...(chosen ? { chosen } : {}),
      ...(missing ? { workloadMissing: missing } : {}),
      atUnixSeconds: clock.atUnixSeconds,
      clockAheadSeconds: clock.aheadSeconds,
    };
  },
  summary: ({ pods: found, unread }) =>
    `${found.length} ${found.length === 1 ? 'pod' : 'pods'}${unread ? `, ${unread} more not read` : ''}`,
});

/** Whether waiting may show something: a pod that has ended for good, or never ran, has no memory to watch. */
const mayChange = ({ phase, containers }: PodInfo): boolean =>
  phase === 'Running' || containers.some(({ state, lastState }) => state.is === 'running' || lastState !== undefined);

const listPods = ({ kube: { namespace } }: KubeContext): AccessRule => ({
  verb: 'list',
  group: '',
  resource: 'pods',
  namespace,
});

/** The pods are there without it: that the workload could not be read is said all the same. */
async function whyNotRead({ kube, asked, forbidden }: KubeContext): Promise<Problem | undefined> {
  const rule = await kube.targetRule(asked);
  return rule && (await forbidden?.([rule]))?.problem;
}

const isOnePod = ({ asked }: KubeContext): boolean => asked.by === 'name' && /^(po|pods?)$/i.test(asked.type);

/** To read the pods that were asked for: one that was named may be got without a list of the others. */
function podsRights(context: KubeContext): AccessRule[] {
  const list = listPods(context);
  return [isOnePod(context) ? { ...list, verb: 'get' } : list];
}
