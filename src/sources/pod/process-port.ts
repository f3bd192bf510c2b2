import { setTimeout as after } from 'node:timers/promises';
import type { MemoryLimit } from '../../core/artifacts.ts';
import type { Way } from '../../core/pod-port.ts';
import type { HeapOptions, HeapSession, LiveHeap, ProcessPort } from '../../core/ports.ts';
import { ProblemError } from '../../core/problem.ts';
import type { ReaderLink } from '../process/heap-process.ts';
import { askRemoteHeap, openRemoteHeap } from '../process/heap-session.ts';
import { readMemoryLimit } from '../process/memory-limit.ts';
import type { ProcFiles } from '../process/proc-files.ts';
import { inRounds, type RoundsMemory } from '../process/proc-rounds.ts';
import { processTreeByName } from '../process/process-tree.ts';
import { readSample } from '../process/sample.ts';
import { askFiles } from './container-files.ts';
import type { ReaderSession } from './reader-session.ts';
import { asProblem } from './router.ts';
import { sourceFile } from './source-file.ts';
import { traceRefusal, traceRefusalOfWay } from './trace-refusal.ts';

export interface ContainerProcesses {
  readonly session: ReaderSession;
  readonly workerUrl: URL;
  readonly way: Way;
}

/**
 * The processes of a container as its reader sees them, by the same code that reads this machine's. Every call rejects with a
 * ProblemError, and all of them once the link to the reader is broken.
 */
export function createPodProcesses(container: ContainerProcesses): ProcessPort {
  const rounds = new Map<string, RoundsMemory>();
  const read = async <T>(what: string, work: (files: ProcFiles) => T): Promise<T> => {
    const memory = rounds.get(what) ?? { first: [] };
    rounds.set(what, memory);
    return await overLink(container, work, memory);
  };
  return {
    tree: (pid) => read(`tree ${pid}`, (files) => processTreeByName(pid, files)),
    memoryLimit: (pid) => read(`limit ${pid}`, (files) => readMemoryLimit(pid, files)),
    sample: (pid, limit) => sampled(read, pid, limit),
    openHeap: (pid, options) => openHeap(container, pid, options),
    // Not remembered: thousands of files are read, each once.
    readFile: (pid, path) => overLink(container, (files) => sourceFile(pid, path, files), { first: [] }),
    sleep,
    nowUnixSeconds,
  };
}

type Read = <T>(what: string, work: (files: ProcFiles) => T) => Promise<T>;

/** The moment is that of the answer, on this machine's clock: the container's own may be another. */
async function sampled(read: Read, pid: number, limit: MemoryLimit) {
  const sample = await read(`sample ${pid}`, (files) => readSample(pid, limit, 0, files));
  return { ...sample, atUnixSeconds: nowUnixSeconds() };
}

async function overLink<T>({ session }: ContainerProcesses, work: (files: ProcFiles) => T, memory: RoundsMemory) {
  try {
    return await inRounds((questions) => askFiles(session.ask, questions), work, memory);
  } catch (thrown) {
    throw inContainerWords(asProblem(thrown));
  }
}

/** What is said of a process of this machine names its tools; in a container there may be none of them. */
function inContainerWords(thrown: ProblemError): ProblemError {
  const { code, message, hint } = thrown.problem;
  const isLocal = hint !== undefined && /pgrep|sudo|--source/.test(hint);
  return isLocal ? new ProblemError(code, `${message.replace(/\.$/, '')} (in the container).`) : thrown;
}

const openHeap = (container: ContainerProcesses, pid: number, options: HeapOptions): Promise<HeapSession> =>
  throughLink(container, pid, async (link, told) => {
    const heap = await openRemoteHeap(container.workerUrl, link, pid, options);
    return {
      first: told(heap.first),
      counts: told(heap.counts),
      grownByCounts: told(heap.grownByCounts),
      growth: told(heap.growth),
      stacks: told(heap.stacks),
      close: heap.close,
    };
  });

/** The helper that answers `whyoom heap`, with a process of the container. Rejects with a ProblemError; so do its answers. */
export const askPodHeap = (container: ContainerProcesses, pid: number, options: HeapOptions): Promise<LiveHeap> =>
  throughLink(container, pid, async (link, told) => {
    const heap = await askRemoteHeap(container.workerUrl, link, pid, options);
    return {
      overview: told(heap.overview),
      pathsTo: told(heap.pathsTo),
      save: told(heap.save),
      close: heap.close,
    };
  });

/** The same call, which rejects with the reason that is known here. */
type Told = <A extends unknown[], T>(ask: (...args: A) => Promise<T>) => (...args: A) => Promise<T>;

/** Starts a helper on a link of its own to the reader, and gives the link back when the helper has ended. */
async function throughLink<H extends { close(): Promise<void> }>(
  container: ContainerProcesses,
  pid: number,
  start: (link: ReaderLink, told: Told) => Promise<H>,
): Promise<H> {
  const { session, way } = container;
  if (!session.hello.canStop) throw cannotStop();
  const refused = await overLink(container, (files) => traceRefusal(pid, way, files), { first: [] });
  if (refused) throw refused;
  const party = session.openParty();
  try {
    const heap = await start(
      party,
      (ask) =>
        (...args) =>
          ask(...args).catch((thrown) => rethrown(thrown, container, pid)),
    );
    return {
      ...heap,
      close: async () => {
        await heap.close();
        party.fromReader.destroy();
        session.forget(pid);
      },
    };
  } catch (thrown) {
    party.fromReader.destroy();
    return await rethrown(thrown, container, pid);
  }
}

/** What keeps the reader from the heap of a process where it runs, and might not elsewhere. Nothing is tried. */
export async function whyAnotherWay(container: ContainerProcesses, pid: number): Promise<ProblemError | undefined> {
  return await overLink(container, (files) => traceRefusalOfWay(pid, container.way, files), { first: [] });
}

/** The helper sees only that the link has ended, or that the kernel said no; here it can be known why. */
async function rethrown(thrown: unknown, container: ContainerProcesses, pid: number): Promise<never> {
  const broken = await Promise.race([container.session.over, Promise.resolve(undefined)]);
  if (broken) throw broken;
  const { code, message, hint } = asProblem(thrown).problem;
  if (code !== 'denied') throw thrown;
  const known = await overLink(container, (files) => traceRefusal(pid, container.way, files), { first: [] });
  throw known ?? new ProblemError(code, message, hint ?? ANOTHER);
}

const ANOTHER =
  'Another whyoom, or a debugger, may have held it at that moment: the kernel allows one at a time. Try again.';

const cannotStop = () =>
  new ProblemError(
    'unsupported',
    "The container's Python lacks the module ctypes, so that the reader in it cannot stop a process to read its heap.",
    'A diagnosis has memory, limit and source all the same.',
  );

const nowUnixSeconds = () => Date.now() / 1000;

/** Waits, but no longer than until the signal. */
const sleep = (ms: number, until: AbortSignal): Promise<void> =>
  after(ms, undefined, { signal: until }).catch((thrown) => {
    if (!until.aborted) throw thrown;
  });
