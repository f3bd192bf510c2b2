import type { Artifacts, Key } from '../../core/artifacts.ts';
import type { AccessRule, Pods } from '../../core/kube-artifacts.ts';
import type { Preflight, PreflightRow } from '../../core/preflight.ts';
import type { AnyStep, KubeContext } from '../../core/step.ts';

type Wanted = Pick<PreflightRow, 'rung' | 'step' | 'rule'>;

/**
 * Every right that a look would use, and whether there is it. `rungs` adds what goes further than reading the API. The pods
 * are read, where they may be, since some rights depend on them; all else is only asked for.
 */
export async function preflightOf(
  steps: readonly AnyStep<KubeContext>[],
  context: KubeContext,
  target: string,
  rungs: readonly string[],
): Promise<Preflight> {
  const { kube, rights } = context;
  const [who, own] = await Promise.all([kube.whoAmI().catch(() => undefined), targetRule(context)]);
  const pods = await podsOf(context, steps);
  const bySteps = (await Promise.all(steps.map((step) => wantedBy(step, context, pods)))).flat();
  const wanted = [...own, ...bySteps, ...further(kube.namespace, rungs)];
  const answers = await rights.ask(wanted.map(({ rule }) => rule));
  const rows = wanted.map((each, at) => ({ ...each, allowed: answers[at]!.allowed, reason: answers[at]!.reason }));
  return { target, namespace: kube.namespace, user: who?.user, rows: onceEach(rows) };
}

async function targetRule({ kube, asked }: KubeContext): Promise<Wanted[]> {
  const rule = await kube.targetRule(asked);
  return rule ? [{ rung: 'api', step: 'Reading the workload', rule }] : [];
}

/** The pods as the step reads them; where it may not, none: what depends on them is asked for the workload's sake. */
async function podsOf(context: KubeContext, steps: readonly AnyStep<KubeContext>[]): Promise<Pods> {
  const step = steps.find(({ makes }) => makes === 'pods');
  const nobody: Pods = {
    workload: { reference: 'pods', name: 'pods', namespace: context.kube.namespace },
    pods: [],
    atUnixSeconds: context.kube.nowUnixSeconds(),
    clockAheadSeconds: 0,
  };
  const read: Promise<Artifacts['pods']> | undefined = step?.run(context, {} as never, undefined as never);
  return (await read?.catch(() => undefined)) ?? nobody;
}

/** Where a step can do with other rights, and has them, these. */
async function wantedBy(step: AnyStep<KubeContext>, context: KubeContext, pods: Pods): Promise<Wanted[]> {
  const needs = step.needs as readonly Key[];
  if (needs.some((key) => key !== 'pods')) return [];
  const got = { pods } as never;
  const usual = step.rights?.(context, got) ?? [];
  const rules = await firstAllowed([usual, ...(step.alternatives?.(context, got) ?? [])], context.rights);
  const rung = step.makes === 'node-stats' ? 'node-stats' : 'api';
  return rules.map((rule) => ({ rung, step: step.title, rule }));
}

/** The first that are all allowed; else the first of all, as what is to be granted. */
async function firstAllowed(
  choices: readonly (readonly AccessRule[])[],
  rights: KubeContext['rights'],
): Promise<readonly AccessRule[]> {
  const answers = await Promise.all(choices.map((rules) => rights.ask(rules)));
  const at = answers.findIndex((each) => each.every(({ allowed }) => allowed !== 'no'));
  return choices[Math.max(0, at)]!;
}

/**
 * What exec and port-forward ask for: `create` on the subresource over POST and, from Kubernetes 1.35 on, over WebSocket too;
 * `get` over WebSocket before (KEP-4006; kubernetes/kubernetes#133302).
 */
function further(namespace: string, rungs: readonly string[]): Wanted[] {
  if (!rungs.includes('exec')) return [];
  return ['pods/exec', 'pods/portforward'].flatMap((resource) =>
    ['get', 'create'].map((verb) => ({
      rung: 'exec' as const,
      step: resource === 'pods/exec' ? 'Reading the heap in the pod' : 'Asking debug endpoints',
      rule: { verb, group: '', resource, namespace } satisfies AccessRule,
    })),
  );
}

/** A right that several steps use is one row, for the first of them. */
const onceEach = (rows: readonly PreflightRow[]): PreflightRow[] =>
  [...new Map([...rows].reverse().map((row) => [JSON.stringify(row.rule), row])).values()].reverse();
