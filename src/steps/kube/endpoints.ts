import type { Got } from '../../core/artifacts.ts';
import type { Endpoints, FoundEndpoint } from '../../core/endpoints-artifact.ts';
import type { ContainerInfo, Pods } from '../../core/kube-artifacts.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import { defineKubeStep, type KubeContext } from '../../core/step.ts';
import { bytesText } from '../../util/bytes.ts';
import { shellWord } from '../../util/shell-word.ts';
import { type Asked, CHEAP_PATHS, COSTLY_PATHS, foundIn } from './endpoint-paths.ts';
import { headroom } from './inside.ts';

const MOST_PORTS = 10;
const MOST_BODY_BYTES = 2 ** 20;
/** With a CPU limit that the program uses up, a page takes its time. */
const ANSWER_MS = 10_000;
/** A page that walks all of a heap before it answers. */
const COSTLY_ANSWER_MS = 20_000;
/** A page that is asked for takes some memory to make; a container that is this close to its limit is left alone. */
const LEAST_ROOM_BYTES = 24 * 2 ** 20;
/**
 * `tracemalloc.take_snapshot()` copies every trace (30 MB for 80,000 of them, measured with 3.12), and the more memory is in use the more
 * of them there are: so much at least, and a share of the limit.
 */
const COSTLY_ROOM_BYTES = 32 * 2 ** 20;
const COSTLY_ROOM_SHARE = 0.25;

/** Asks the container's ports for what programs tell of their own memory, from outside, so that no curl need be there. */
export const endpoints = defineKubeStep({
  makes: 'endpoints',
  title: 'Asking debug endpoints',
  needs: ['pods'],
  // After all that watches: what a page takes stays with the program, and would be taken for its growth.
  uses: ['inside', 'memory-limit', 'memory-series', 'heap-growth', 'pod-metrics', 'node-stats'],
  rung: 'exec',
  rights: ({ kube: { namespace } }) => [{ verb: 'get', group: '', resource: 'pods/portforward', namespace }],
  async run(context, { pods, ...seen }): Promise<Endpoints> {
    const { pod, container } = chosenIn(pods);
    const { ports, portsFrom } = await portsOf(context, container, declaredBeside(pods, container));
    const room = await roomIn(context, pods, container, seen);
    throwIfFull(room, pods, pod, ports);
    const cheap = await onPorts(ports, (port) => askPort(context, { pod, port }, CHEAP_PATHS, ANSWER_MS));
    const answering = cheap.filter(({ silent }) => silent === undefined).map(({ port }) => port);
    const why = whyNotCostly(room);
    const costly =
      why === undefined
        ? await onPorts(answering, (port) => askPort(context, { pod, port }, COSTLY_PATHS, COSTLY_ANSWER_MS))
        : [];
    return {
      pod,
      container: container.name,
      ports,
      portsFrom,
      found: [...cheap, ...costly].flatMap(({ found }) => found),
      skipped: answering.flatMap((port) =>
        why === undefined ? [] : COSTLY_PATHS.map((path) => ({ port, path, why })),
      ),
      silent: [...cheap, ...costly].flatMap(({ port, silent, late }) =>
        [...(silent === undefined ? [] : [silent]), ...late].map((message) => ({ port, message })),
      ),
    };
  },
  summary: ({ ports, found, skipped, silent }) => {
    if (ports.length === 0) return 'the container declares no port';
    const what = found.map(({ path, port, is }) =>
      is === 'toolbar' ? `debug toolbar on ${port}` : `${path} on ${port}`,
    );
    const left = skipped.length > 0 ? `, ${skipped.length} not asked for lack of room` : '';
    const without = silent.length > 0 ? `, ${silent.length} without an answer` : '';
    return `${what.length > 0 ? what.join(', ') : 'none found'}${left}${without}`;
  },
});

function chosenIn({ pods, chosen }: Pods): { pod: string; container: ContainerInfo } {
  const container = pods
    .find(({ name }) => name === chosen?.pod)
    ?.containers.find(({ name }) => name === chosen?.container);
  if (!chosen || !container) throw new ProblemError('absent', 'There is no container whose ports could be asked.');
  if (container.state.is !== 'running')
    throw new ProblemError(
      'absent',
      `The container "${container.name}" does not run now, so its ports answer nothing.`,
    );
  return { pod: chosen.pod, container };
}

/** What listens, where somebody inside can tell; else what the spec declares, which need not be all. */
async function portsOf({ entered }: KubeContext, { ports = [] }: ContainerInfo, others: ReadonlySet<number>) {
  const listening = await entered.inside?.listeningPorts?.().catch(() => undefined);
  const portsFrom = listening ? ('listening' as const) : ('spec' as const);
  const own = listening?.filter((port) => ports.includes(port) || !others.has(port)) ?? ports;
  const all = [...new Set([...ports.filter((port) => own.includes(port)), ...own])].filter(isPort);
  return { ports: all.slice(0, MOST_PORTS), portsFrom };
}

const isPort = (port: number) => Number.isInteger(port) && port > 0 && port < 65_536;

/** The containers of a pod share its network: what another one declares is that one's. */
const declaredBeside = ({ pods, chosen }: Pods, container: ContainerInfo): ReadonlySet<number> =>
  new Set(
    pods
      .find(({ name }) => name === chosen?.pod)
      ?.containers.filter(({ name }) => name !== container.name)
      .flatMap(({ ports = [] }) => ports),
  );

interface Room {
  readonly limitBytes: number | undefined;
  /** Undefined: no limit, or nobody knows. */
  readonly freeBytes: number | undefined;
}

/** By the metrics API, and by what was last seen inside: the smaller. */
async function roomIn(context: KubeContext, pods: Pods, container: ContainerInfo, seen: Seen): Promise<Room> {
  const limitBytes = container.inForce?.limitBytes ?? container.spec.limitBytes;
  const known = [await headroom(context, pods, container), lastRoom(seen)].filter((bytes) => bytes !== undefined);
  return { limitBytes, freeBytes: known.length > 0 ? Math.min(...known) : undefined };
}

type Seen = Pick<Got<never, 'inside' | 'memory-limit' | 'memory-series'>, 'inside' | 'memory-limit' | 'memory-series'>;

function lastRoom({ inside, 'memory-limit': limit, 'memory-series': series }: Seen): number | undefined {
  const last = series?.samples.at(-1);
  return limit?.limit && last ? limit.limit.bytes - last[1] : inside?.headroomBytes;
}

function throwIfFull({ freeBytes }: Room, where: Pods, pod: string, ports: readonly number[]): void {
  if (freeBytes === undefined || freeBytes >= LEAST_ROOM_BYTES || ports.length === 0) return;
  throw new ProblemError(
    'refused',
    `Only ${bytesText(Math.max(0, freeBytes))} are left below the limit: its ports were not asked, since each answer takes memory.`,
    `To ask all the same: ${forwardCommand(where, pod, ports[0]!)} & sleep 2; curl -s localhost:${ports[0]}/metrics`,
  );
}

function forwardCommand({ context, workload }: Pods, pod: string, port: number): string {
  const at = context === undefined ? [] : ['--context', context];
  const words = ['kubectl', 'port-forward', `pod/${pod}`, String(port), '-n', workload.namespace, ...at];
  return words.map(shellWord).join(' ');
}

/** Why a page that may take a snapshot of the heap is not asked for; undefined: it may be. */
function whyNotCostly({ limitBytes, freeBytes }: Room): string | undefined {
  if (limitBytes === undefined) return undefined;
  if (freeBytes === undefined)
    return 'how much memory is left below the limit is not known, and the page may take much';
  if (freeBytes >= Math.max(COSTLY_ROOM_BYTES, limitBytes * COSTLY_ROOM_SHARE)) return undefined;
  return `only ${bytesText(Math.max(0, freeBytes))} are left below the limit, and the page may take more`;
}

interface Answers {
  readonly port: number;
  readonly found: FoundEndpoint[];
  /** Why the port gave no HTTP at all. */
  readonly silent?: string;
  /** What did not answer in time, or not to the end. */
  readonly late: string[];
}

/** One after the other: together they would take memory together. */
async function onPorts(ports: readonly number[], ask: (port: number) => Promise<Answers>): Promise<Answers[]> {
  const answers: Answers[] = [];
  for (const port of ports) answers.push(await ask(port));
  return answers;
}

async function askPort(
  context: KubeContext,
  { pod, port }: { pod: string; port: number },
  paths: readonly string[],
  timeoutMs: number,
): Promise<Answers> {
  const found: FoundEndpoint[] = [];
  const late: string[] = [];
  for (const path of paths) {
    if (context.interrupted.aborted) break;
    try {
      found.push(...foundIn(port, path, await ask(context, pod, port, path, timeoutMs)));
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.code === 'denied') throw thrown;
      // A port that speaks no HTTP will not do so at the next path.
      if (path === CHEAP_PATHS[0]) return { port, found, late, silent: problem.message };
      late.push(problem.message);
    }
  }
  return { port, found, late };
}

/** Follows the one redirect that mounted applications give: to the same path with a slash. */
async function ask(
  { kube, interrupted }: KubeContext,
  pod: string,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<Asked> {
  const request = { pod, port, mostBytes: MOST_BODY_BYTES, timeoutMs, until: interrupted };
  const first = await kube.getFromPort({ ...request, path });
  const isSlash = first.status >= 300 && first.status < 400 && pathIn(first.location) === `${path}/`;
  return isSlash ? kube.getFromPort({ ...request, path: `${path}/` }) : first;
}

const pathIn = (location: string | undefined) => location && URL.parse(location, 'http://localhost')?.pathname;
