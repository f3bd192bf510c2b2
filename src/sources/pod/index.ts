import type { KubePort } from '../../core/kube-port.ts';
import type { Entering, Inside, PodPort } from '../../core/pod-port.ts';
import { type ReaderProgram, readerProgram } from '../../pod-reader/script.ts';
import { inRounds } from '../process/proc-rounds.ts';
import { askFiles } from './container-files.ts';
import { addBeside, endingWith } from './ephemeral.ts';
import type { Exec } from './exec.ts';
import { firstProcess } from './first-process.ts';
import { LEAST_HEADROOM_BYTES, leftAtOnce, refuseWithoutHeadroom } from './headroom.ts';
import { listeningPorts } from './listening-ports.ts';
import { planned } from './planned.ts';
import { askPodHeap, createPodProcesses, whyAnotherWay } from './process-port.ts';
import type { ReaderSession } from './reader-session.ts';
import { startReader } from './start-reader.ts';

export interface PodPortNeeds {
  readonly kube: Pick<KubePort, 'exec' | 'pod' | 'addEphemeralContainer'>;
  /** What makes a Python the reader, in place of what does by nature. */
  readonly reader?: ReaderProgram;
  /** The helper program that reads heaps. */
  readonly workerUrl: URL;
}

/** The way into the containers of a cluster. Asks nothing yet. */
export const createPodPort = ({ kube, ...needs }: PodPortNeeds): PodPort => ({
  async enter(asked) {
    refuseWithoutHeadroom(asked);
    const { pod, until, way } = asked;
    const container = way === 'ephemeral' ? await addBeside(kube, asked) : asked.container;
    return await enterBy((command, by = until) => kube.exec({ pod, container, command, until: by }), asked, needs);
  },
  planned: (asked) => planned(asked, needs.reader ?? ownReader()),
});

const ownReader = () => readerProgram({ leastHeadroomBytes: LEAST_HEADROOM_BYTES });

/** Starts the reader by any way of running a command where the processes are. */
export async function enterBy(
  exec: Exec,
  { way, container }: Pick<Entering, 'way' | 'container'>,
  { workerUrl, reader = ownReader() }: Omit<PodPortNeeds, 'kube'>,
): Promise<Inside> {
  const session = await startReader(exec, reader);
  try {
    const { hello } = session;
    if (hello.left) throw leftAtOnce(hello, container);
    const processes = { session, workerUrl, way };
    const inside: Inside = {
      processes: createPodProcesses(processes),
      askHeap: (pid, options) => askPodHeap(processes, pid, options),
      ...(way === 'exec' ? { whyAnotherWay: (pid) => whyAnotherWay(processes, pid) } : {}),
      rootPid: way === 'ephemeral' ? 1 : await firstOf(session),
      about: {
        way,
        python: hello.python,
        ...(hello.headroom ? { headroomBytes: Math.max(0, hello.headroom.bytes) } : {}),
      },
      listeningPorts: () => inRounds((questions) => askFiles(session.ask, questions), listeningPorts),
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
