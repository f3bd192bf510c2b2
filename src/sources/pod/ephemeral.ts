import { randomBytes } from 'node:crypto';
import type { KubePort } from '../../core/kube-port.ts';
import type { Entering, Inside } from '../../core/pod-port.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import type { Exec } from './exec.ts';
import type { ReaderSession } from './reader-session.ts';

/** It ends by itself after that, should nobody be left to end it. */
const LIFE_SECONDS = 900;

/** What the container runs while the reader is at work in it: as little as there is, for it counts against the pod. */
export const WAITING: readonly (readonly [string, ...string[]])[] = [
  ['sleep', String(LIFE_SECONDS)],
  ['python3', '-I', '-S', '-c', `import time; time.sleep(${LIFE_SECONDS})`],
];

type Kube = Pick<KubePort, 'pod' | 'addEphemeralContainer'>;

/**
 * Puts a container beside the target that may trace it: of the target's image, which the node has, as root with SYS_PTRACE. It
 * stays listed until the pod ends, and what runs in it is ended after the look. Returns its name. Throws a ProblemError.
 */
export async function addBeside(kube: Kube, { pod, container, until, note }: Entering): Promise<string> {
  const image = (await kube.pod(pod)).containers.find(({ name }) => name === container)?.image;
  if (image === undefined) throw new ProblemError('absent', `The pod ${pod} has no container "${container}".`);
  for (const [at, command] of WAITING.entries()) {
    const name = `whyoom-${randomBytes(3).toString('hex')}`;
    note(`Adding the ephemeral container ${name} to ${pod}: it stays listed until the pod ends …`);
    try {
      await kube.addEphemeralContainer({ pod, name, target: container, image, command, until });
      return name;
    } catch (thrown) {
      const { code, message } = problemOf(thrown);
      const lacksProgram = code === 'broken' && /not found|no such file/i.test(message);
      if (!lacksProgram || at === WAITING.length - 1) throw thrown;
    }
  }
  throw new ProblemError('broken', 'No ephemeral container was added.');
}

/** The same way in, but its end ends what the container runs. */
export function endingWith(
  inside: Inside,
  exec: Exec,
  { session, waitingPid }: { session: ReaderSession; waitingPid: number },
): Inside {
  // Where the pod shares its processes, 1 is the pod's own.
  if (waitingPid === 1) return inside;
  return {
    ...inside,
    close: async () => {
      await inside.close();
      await ran(exec, [session.program, ...endingArguments(String(waitingPid))]);
    },
  };
}

const END = 'import os, sys; os.kill(int(sys.argv[1]), 15)';
/** Of a Python that ends what the container waits with. */
export const endingArguments = (pid: string): readonly string[] => ['-I', '-S', '-c', END, pid];

/** Of its own, for after Ctrl-C the look has none left. */
const END_MS = 10_000;

/** Its end; that it cannot be had is no harm. */
async function ran(exec: Exec, command: readonly string[]): Promise<void> {
  const stream = await exec(command, AbortSignal.timeout(END_MS)).catch(() => undefined);
  stream?.end();
  await stream?.ended;
}
