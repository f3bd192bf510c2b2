import type { Logs, PodInfo } from '../../core/kube-artifacts.ts';
import { type Problem, ProblemError, problemOf } from '../../core/problem.ts';
import { defineKubeStep, type KubeContext } from '../../core/step.ts';
import { bytesText } from '../../util/bytes.ts';
import { type WantedLog, wantedLogs } from './wanted-logs.ts';

type Log = Logs['logs'][number];
/** A log, or why it could not be read. */
type Read = { log: Log; failed?: Problem };

const MOST_LOGS = 40;
const AT_ONCE = 4;

/**
 * What the containers wrote: of the life that runs, and of the one before it, which may have been killed. They are read at
 * once, and after the watch again where a container was restarted meanwhile.
 */
export const logs = defineKubeStep({
  makes: 'logs',
  title: 'Reading the logs',
  needs: ['pods'],
  uses: ['pods-later'],
  rung: 'api',
  rights: ({ kube: { namespace } }) => [{ verb: 'get', group: '', resource: 'pods/log', namespace }],
  async prepare(context, { pods }) {
    return await readAll(context, wantedLogs(pods.pods, pods.chosen, context.kubeOptions.logBytes));
  },
  async run(context, { pods, 'pods-later': later }, first) {
    const wanted = wantedLogs(later?.pods ?? [], pods.chosen, context.kubeOptions.logBytes);
    const second = await readAll(context, wanted.filter(newSince(pods.pods, later?.pods ?? [], first.read)));
    const read = merged(first.read, second.read);
    throwIfNone(read);
    const unread = first.unread + second.unread;
    return { logs: read.map(({ log }) => log), ...(unread > 0 ? { unread } : {}) };
  },
  summary: ({ logs: made }) => {
    const lines = made.reduce((sum, log) => sum + log.lines, 0);
    const cut = made.reduce((sum, log) => sum + (log.cutBytes ?? 0), 0);
    return `${made.length} ${made.length === 1 ? 'log' : 'logs'}, ${lines} ${lines === 1 ? 'line' : 'lines'}${cut > 0 ? `, ${bytesText(cut)} of older ones left out` : ''}`;
  },
});

async function readAll(context: KubeContext, wanted: readonly WantedLog[]): Promise<{ read: Read[]; unread: number }> {
  const queue = wanted.slice(0, MOST_LOGS);
  const until = untilOf(context);
  const read: Read[] = new Array(queue.length);
  let next = 0;
  const worker = async () => {
    while (next < queue.length) {
      const at = next++;
      read[at] = await readOne(context, queue[at]!, until);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, worker));
  return { read, unread: wanted.length - queue.length };
}

/** A stream that goes on without an end must not keep the report: what came within the time of a request is kept. */
function untilOf({ interrupted, kubeOptions: { requestTimeoutMs } }: KubeContext): AbortSignal {
  if (requestTimeoutMs === undefined || requestTimeoutMs === 0) return interrupted;
  return AbortSignal.any([interrupted, AbortSignal.timeout(requestTimeoutMs)]);
}

async function readOne({ kube, kubeOptions }: KubeContext, wanted: WantedLog, until: AbortSignal): Promise<Read> {
  const { pod, container, previous } = wanted;
  const { sinceSeconds, tailLines } = kubeOptions;
  try {
    const { cutBytes, text, ...answer } = await kube.log({ ...wanted, sinceSeconds, tailLines, until });
    const cut = cutBytes > 0 ? { cutBytes } : {};
    return { log: { pod, container, previous, ...answer, ...cut, text: text.toWellFormed() } };
  } catch (thrown) {
    const failed = problemOf(thrown);
    return { log: { pod, container, previous, text: '', lines: 0, redacted: 0, problem: failed.message }, failed };
  }
}

/** What was not read yet, and what another life has written since. */
function newSince(before: readonly PodInfo[], now: readonly PodInfo[], read: readonly Read[]) {
  const known = new Set(read.map(({ log }) => nameOf(log)));
  return (wanted: WantedLog) => !known.has(nameOf(wanted)) || restartsOf(before, wanted) !== restartsOf(now, wanted);
}

const restartsOf = (pods: readonly PodInfo[], { pod, container }: WantedLog): number | undefined =>
  pods.find(({ name }) => name === pod)?.containers.find(({ name }) => name === container)?.restarts;

/** The later one of each log, but not a failure in the place of a text. */
function merged(first: readonly Read[], second: readonly Read[]): Read[] {
  const byName = new Map(first.map((read) => [nameOf(read.log), read]));
  for (const read of second) if (!read.failed || !byName.has(nameOf(read.log))) byName.set(nameOf(read.log), read);
  return [...byName.values()];
}

const nameOf = ({ pod, container, previous }: Pick<Log, 'pod' | 'container' | 'previous'>): string =>
  `${pod}/${container}/${previous}`;

/** A log that is not there is an answer, too; a right or an API that is not is the problem of the step. */
function throwIfNone(read: readonly Read[]): void {
  const problems = read.map(({ failed }) => failed);
  const worst = problems.find((problem) => problem && problem.code !== 'absent');
  if (worst && problems.every((problem) => problem)) throw new ProblemError(worst.code, worst.message, worst.hint);
}
