import type { KubePort } from '../../core/kube-port.ts';
import type { Entering, Inside, PodPort } from '../../core/pod-port.ts';
import { ProblemError } from '../../core/problem.ts';
import type { Hello } from '../../pod-reader/hello.ts';
import { bytesText } from '../../util/bytes.ts';
import { inRounds } from '../process/proc-rounds.ts';
import { askFiles } from './container-files.ts';
import { addBeside, endingWith } from './ephemeral.ts';
import type { Exec } from './exec.ts';
import { firstProcess } from './first-process.ts';
import { createPodProcesses } from './process-port.ts';
import type { ReaderSession } from './reader-session.ts';
import { startReader } from './start-reader.ts';

/**
 * The reader and what starting it takes are charged to the pod, and when a limit is met the kernel ends the biggest process: the
 * target. Measured: with 2.9 and 5.1 MB it was killed, with 7.2 not.
 */
export const LEAST_HEADROOM_BYTES = 16 * 1024 * 1024;

export interface PodPortNeeds {
  readonly kube: Pick<KubePort, 'exec' | 'pod' | 'addEphemeralContainer'>;
  /** The reader's script: `src/pod-reader/reader.py`. */
  readonly script: () => string;
  /** The helper program that reads heaps. */
  readonly workerUrl: URL;
}

/** The way into the containers of a cluster. Asks nothing yet. */
export const createPodPort = ({ kube, ...needs }: PodPortNeeds): PodPort => ({
  async enter(asked) {
    refuseWithoutHeadroom(asked);
    const { pod, until, way } = asked;
    const container = way === 'ephemeral' ? await addBeside(kube, asked) : asked.container;
    return await enterBy((command) => kube.exec({ pod, container, command, until }), asked, needs);
  },
});

/** Starts the reader by any way of running a command where the processes are. */
export async function enterBy(
  exec: Exec,
  { way, container }: Pick<Entering, 'way' | 'container'>,
  { workerUrl, script }: Omit<PodPortNeeds, 'kube'>,
): Promise<Inside> {
  const session = await startReader(exec, { script: script(), args: [String(LEAST_HEADROOM_BYTES)] });
  try {
    const { hello } = session;
    if (hello.left) throw leftAtOnce(hello, container);
    const inside: Inside = {
      processes: createPodProcesses({ session, workerUrl, way }),
      rootPid: way === 'ephemeral' ? 1 : await firstOf(session),
      about: {
        way,
        python: hello.python,
        ...(hello.headroom ? { headroomBytes: Math.max(0, hello.headroom.bytes) } : {}),
      },
      close: session.close,
    };
    return way === 'ephemeral' ? endingWith(inside, exec, { session, waitingPid: await firstOf(session) }) : inside;
  } catch (thrown) {
    await session.close();
    throw thrown;
  }
}

const firstOf = ({ ask, hello }: ReaderSession): Promise<number> =>
  inRounds(
    (questions) => askFiles(ask, questions),
    (files) => firstProcess(hello.pid, files),
  );

function refuseWithoutHeadroom({ headroomBytes, container }: Entering): void {
  if (headroomBytes === undefined || headroomBytes >= LEAST_HEADROOM_BYTES) return;
  throw new ProblemError(
    'refused',
    `The container "${container}" has ${bytesText(Math.max(0, headroomBytes))} left below its limit; to look into it takes ${bytesText(LEAST_HEADROOM_BYTES)}. Nothing was started in it: that could get it killed.`,
    LATER,
  );
}

const leftAtOnce = ({ headroom }: Hello, container: string) =>
  new ProblemError(
    'refused',
    `The container "${container}" has ${bytesText(Math.max(0, headroom?.bytes ?? 0))} left below its limit of ${bytesText(headroom?.limitBytes ?? 0)}; to look into it takes ${bytesText(LEAST_HEADROOM_BYTES)}. The reader saw that first, and left.`,
    LATER,
  );

const LATER = 'Look again early in its next life, or give it a higher limit for the time of the look.';
