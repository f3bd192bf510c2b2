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
  const [who, own] = await Promise.all([kube.whoAmI().catch((thrown: unknown) => ({ thrown })), targetRule(context)]);
  const pods = (await podsRead(context, steps)) ?? supposedPods(context, own[0]?.rule);
  const bySteps = (await Promise.all(steps.map((step) => wantedBy(step, context, pods)))).flat();
  const wanted = [...own, ...bySteps, ...further(kube.namespace, rungs)];
  const answers = await rights.ask(wanted.map(({ rule }) => rule));
  // Nothing was said at all: then what keeps the server from it is the answer.
  if ('thrown' in who && answers.every(({ allowed }) => allowed === 'unknown')) throw who.thrown;
  const rows = wanted.map((each, at) => ({ ...each, allowed: answers[at]!.allowed, reason: answers[at]!.reason }));
  return { target, namespace: kube.namespace, user: 'user' in who ? who.user : undefined, rows: onceEach(rows) };
}

/**
 * Asks, while the pods are still read, for the rights that the other steps will want if the pods are as they mostly are: a
 * round trip less for each of them. What it gets wrong is asked again by the step itself.
 */
export async function askAhead(steps: readonly AnyStep<KubeContext>[], context: KubeContext): Promise<void> {
  const pods = supposedPods(context, await context.kube.targetRule(context.asked));
  const early = steps.filter(needsPodsAlone);
  await context.rights.ask(early.flatMap((step) => step.rights?.(context, { pods } as never) ?? []));
}

async function targetRule({ kube, asked }: KubeContext): Promise<Wanted[]> {
  const rule = await kube.targetRule(asked);
  return rule ? [{ rung: 'api', step: 'Reading the workload', rule }] : [];
}

/** The pods as the step reads them; undefined where it may not. */
async function podsRead(context: KubeContext, steps: readonly AnyStep<KubeContext>[]): Promise<Pods | undefined> {
  const step = steps.find(({ makes }) => makes === 'pods');
  const read: Promise<Artifacts['pods']> | undefined = step?.run(context, {} as never, undefined as never);
  const pods = await read?.catch(() => undefined);
  return pods && pods.pods.length > 0 && pods.workload.readBy === undefined ? pods : undefined;
}

const KINDS: Readonly<Record<string, string>> = {
  pods: 'Pod',
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
};

/**
 * What the pods would be like, as far as rights go, where they are not there or may not be read: one of them, on some node, of a
 * workload with a selector. So that what is granted once is enough.
 */
function supposedPods({ kube, asked }: KubeContext, rule: AccessRule | undefined): Pods {
  const kind = KINDS[rule?.resource ?? ''];
  const name = asked.by === 'name' ? asked.name : asked.selector;
  const pod = {
    name,
    uid: '',
    phase: 'Unknown',
    createdAtUnixSeconds: 0,
    node: 'some',
    conditions: [],
    containers: [],
  };
  return {
    workload: {
      ...(kind === undefined ? {} : { kind }),
      reference: name,
      name,
      namespace: kube.namespace,
      ...(kind === 'Pod' ? {} : { selector: '' }),
    },
    pods: [pod],
    atUnixSeconds: kube.nowUnixSeconds(),
    clockAheadSeconds: 0,
  };
}

/** Whether its rights can be told once the pods are known, or supposed. */
const needsPodsAlone = ({ needs }: AnyStep<KubeContext>): boolean =>
  (needs as readonly Key[]).every((key) => key === 'pods');

/** Where a step can do with other rights, and has them, these. */
async function wantedBy(step: AnyStep<KubeContext>, context: KubeContext, pods: Pods): Promise<Wanted[]> {
  // What goes further is told with all that it may need, below.
  if (!needsPodsAlone(step) || step.rung !== 'api') return [];
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
 * `get` over WebSocket before (KEP-4006; kubernetes/kubernetes#133302). An ephemeral container is entered by exec as well.
 */
function further(namespace: string, rungs: readonly string[]): Wanted[] {
  const wanted = (rung: 'exec' | 'ephemeral', step: string, resource: string, verbs: readonly string[]): Wanted[] =>
    verbs.map((verb) => ({ rung, step, rule: { verb, group: '', resource, namespace } }));
  const [exec, ephemeral] = [rungs.includes('exec'), rungs.includes('ephemeral')];
  return [
    ...(exec ? wanted('exec', 'Going into the pod', 'pods/exec', ['get', 'create']) : []),
    ...(exec ? wanted('exec', 'Asking debug endpoints', 'pods/portforward', ['get', 'create']) : []),
    ...(ephemeral ? wanted('ephemeral', 'Adding a container to the pod', 'pods/ephemeralcontainers', ['patch']) : []),
    ...(ephemeral ? wanted('ephemeral', 'Going into the pod', 'pods/exec', ['get', 'create']) : []),
  ];
}

/** A right that several steps use is one row, for the first of them. */
const onceEach = (rows: readonly PreflightRow[]): PreflightRow[] =>
  [...new Map([...rows].reverse().map((row) => [JSON.stringify(row.rule), row])).values()].reverse();
