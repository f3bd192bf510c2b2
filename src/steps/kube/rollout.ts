import type { AccessRule, Rollout } from '../../core/kube-artifacts.ts';
import { defineKubeStep } from '../../core/step.ts';
import { rollsOut } from './owner.ts';

/** The revisions of the workload, and what each changed against the one before. */
export const rollout = defineKubeStep({
  makes: 'rollout',
  title: 'Reading the rollout history',
  needs: ['pods'],
  rung: 'api',
  rights({ kube: { namespace } }, { pods }) {
    const controller = rollsOut(pods);
    return controller ? [listOf(controller.kind, namespace)] : [];
  },
  async run({ kube }, { pods }): Promise<Rollout> {
    const controller = rollsOut(pods);
    return { revisions: controller ? await kube.revisions(controller) : [] };
  },
  summary: ({ revisions }) => (revisions.length === 1 ? '1 revision' : `${revisions.length} revisions`),
});

/** Where a kind keeps its earlier pod templates. */
function listOf(kind: string, namespace: string): AccessRule {
  const resource = kind === 'StatefulSet' || kind === 'DaemonSet' ? 'controllerrevisions' : 'replicasets';
  return { verb: 'list', group: 'apps', resource, namespace };
}
