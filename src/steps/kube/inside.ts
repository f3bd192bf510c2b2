import type { ContainerInfo, InsideArtifact, PodInfo, Pods } from '../../core/kube-artifacts.ts';
import type { Entering, Inside, Way } from '../../core/pod-port.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import { defineKubeStep, type KubeContext } from '../../core/step.ts';
import { bytesText } from '../../util/bytes.ts';

/** Goes into the container that is diagnosed, by the cheapest way that leads there. */
export const inside = defineKubeStep({
  makes: 'inside',
  title: 'Going into the pod',
  needs: ['pods'],
  rung: 'exec',
  rights: ({ kube: { namespace } }) => [{ verb: 'get', group: '', resource: 'pods/exec', namespace }],
  async run(context, { pods }): Promise<InsideArtifact> {
    // To get there may take as long as the watch: that is for what comes then.
    context.watch.hold();
    try {
      const { pod, container } = await running(context, pods);
      return await enter(
        context,
        { pod: pod.name, container: container.name },
        await headroom(context, pods, container),
      );
    } finally {
      context.watch.start();
    }
  },
  summary: ({ way, python, headroomBytes }) => {
    const room = headroomBytes === undefined ? '' : `, ${bytesText(headroomBytes)} left below the limit`;
    return `${way === 'exec' ? '' : 'from an ephemeral container, '}Python ${python}${room}`;
  },
});

interface Chosen {
  readonly pod: PodInfo;
  readonly container: ContainerInfo;
}

/** How often a container that waits is asked for: its next life may be short, and the first seconds are worth most. */
const AGAIN_MS = 500;

/** The container that is diagnosed, once it runs. */
async function running({ kube, kubeOptions, note, interrupted }: KubeContext, first: Pods): Promise<Chosen> {
  const { waitStartMs = 0 } = kubeOptions;
  const until = kube.nowUnixSeconds() + waitStartMs / 1000;
  let chosen = chosenIn(first.pods, first.chosen);
  if (waitStartMs > 0 && !isRunning(chosen)) note(`Waiting for "${chosen.container.name}" to start …`);
  while (!isRunning(chosen) && kube.nowUnixSeconds() < until && !interrupted.aborted) {
    await kube.sleep(AGAIN_MS, interrupted);
    chosen = chosenIn((await kube.pods(first.workload)).pods, first.chosen);
  }
  if (isRunning(chosen)) return chosen;
  const { pod, container } = chosen;
  throw new ProblemError(
    'absent',
    `The container "${container.name}" of ${pod.name} does not run now, so its processes could not be looked at.`,
    waitStartMs > 0 ? 'It did not start in time: wait longer.' : 'Look when it starts again: --wait-start 6m',
  );
}

function chosenIn(pods: readonly PodInfo[], chosen: Pods['chosen']): Chosen {
  const pod = pods.find(({ name }) => name === chosen?.pod);
  const container = pod?.containers.find(({ name }) => name === chosen?.container);
  if (pod && container) return { pod, container };
  throw new ProblemError('absent', chosen ? `The pod ${chosen.pod} is gone.` : 'There is no container to go into.');
}

const isRunning = ({ container }: Chosen): boolean => container.state.is === 'running';

async function enter(
  context: KubeContext,
  which: Pick<Entering, 'pod' | 'container'>,
  headroomBytes: number | undefined,
): Promise<InsideArtifact> {
  const refused: { way: Way; message: string }[] = [];
  const { ways } = context.kubeOptions;
  // Whatever goes wrong from here on: what was entered is known to whoever ends the look.
  const { entered } = context;
  for (const way of ways) {
    const isLast = way === ways.at(-1);
    const next = await tryEnter(context, { ...which, way, headroomBytes });
    if ('about' in next) {
      await entered.inside?.close();
      entered.inside = next;
      const why = isLast ? undefined : await whyAnotherWay(next);
      if (why === undefined) break;
      // It stays until another way leads further: memory, limit and source are had by it.
      refused.push({ way, message: why.message });
    } else {
      // What keeps one way from leading there for good keeps the others as well.
      if (entered.inside === undefined && (isLast || !MAY_DIFFER.includes(next.problem.code))) throw next;
      refused.push({ way, message: next.problem.message });
    }
  }
  if (entered.inside === undefined)
    throw new ProblemError('refused', 'No way into the pod was allowed.', 'Allow one: --allow exec');
  const { about, rootPid } = entered.inside;
  return { ...which, ...about, rootPid, refused: refused.filter(({ way }) => way !== about.way) };
}

/** What keeps this way from the heap, where that is known before anything is asked of it. */
async function whyAnotherWay(inside: Inside): Promise<ProblemError | undefined> {
  const { chosenPid } = await inside.processes.tree(inside.rootPid);
  return chosenPid === undefined ? undefined : await inside.whyAnotherWay?.(chosenPid);
}

/** That it stays listed is more than anybody who only wants to look expects. */
async function confirmed({ confirm, forbidden, kube }: KubeContext, pod: string): Promise<void> {
  const right = { verb: 'patch', group: '', resource: 'pods/ephemeralcontainers', namespace: kube.namespace };
  const lacking = await forbidden?.([right]);
  if (lacking) throw lacking;
  const answer = await confirm?.(`Add an ephemeral container to ${pod}? It stays listed until the pod ends.`);
  if (answer === true) return;
  throw new ProblemError(
    'refused',
    answer === false
      ? 'No container was added to the pod, as you said.'
      : 'No container was added to the pod: nobody could be asked.',
    answer === false ? undefined : 'To say so ahead: --allow exec,ephemeral --yes',
  );
}

/** A right that one way lacks, or a program, another may not need. */
const MAY_DIFFER: readonly string[] = ['denied', 'absent', 'unsupported'];

async function tryEnter(
  context: KubeContext,
  asked: Omit<Entering, 'until' | 'note'> & { way: Way },
): Promise<Inside | ProblemError> {
  const { pods, interrupted, note } = context;
  if (pods === undefined) throw new ProblemError('refused', 'Nothing in the pod was looked at.');
  try {
    if (asked.way === 'ephemeral') await confirmed(context, asked.pod);
    return await pods.enter({ ...asked, until: interrupted, note });
  } catch (thrown) {
    const { code, message, hint } = problemOf(thrown);
    return new ProblemError(code, message, hint);
  }
}

/** What the API's newest number leaves of the container's limit: undefined where there is no limit, or no number yet. */
export async function headroom(
  { kube }: KubeContext,
  { workload, chosen }: Pods,
  { name, inForce, spec }: ContainerInfo,
): Promise<number | undefined> {
  const limitBytes = inForce?.limitBytes ?? spec.limitBytes;
  if (limitBytes === undefined) return undefined;
  const answer = await kube.metrics(workload, [chosen!.pod]).catch(() => undefined);
  const newest = answer?.samples
    .filter((sample) => sample.pod === chosen!.pod && sample.container === name)
    .sort((a, b) => b.atUnixSeconds - a.atUnixSeconds)[0];
  return newest && limitBytes - newest.bytes;
}
