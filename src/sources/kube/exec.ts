import type { ByteStream, StreamEnd } from '../../core/byte-stream.ts';
import type { ExecRequest } from '../../core/kube-port.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { type Api, pathOf } from './api.ts';
import { type ExecPlace, endIn, problemOfWords } from './exec-status.ts';
import type { Socket } from './socket.ts';
import type { SilenceTimes } from './socket-silence.ts';
import { type Framing, streamOver } from './socket-stream.ts';

/**
 * `v5` is `v4` with a frame that closes a channel (KEP-4006; API servers since 1.30). Channels: 0 stdin, 1 stdout, 2 stderr,
 * 3 how it ended.
 */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const CLOSE = 255;

const MOST_STDERR_BYTES = 8 * 1024;
const MOST_STATUS_BYTES = 64 * 1024;

/** Asks with a GET, so that `get pods/exec` is the right for it; from Kubernetes 1.35 on `create` as well. */
export async function openExec(api: Api, request: ExecRequest, silence?: SilenceTimes): Promise<ByteStream> {
  const { pod, container, command, until } = request;
  const place = { pod, container, namespace: api.namespace, program: programIn(command) };
  const path = pathOf('api', 'v1', 'namespaces', api.namespace, 'pods', pod, 'exec');
  const query = { container, stdin: true, stdout: true, stderr: true, tty: false, command };
  const socket = await api.socket(path, query, PROTOCOLS, until).catch((thrown) => {
    throw refusal(thrown, place);
  });
  return streamOver(socket, execFraming(place, socket.protocol === PROTOCOLS[0]), until, silence);
}

const programIn = ([program = '']: readonly string[]) => visible(clipped(program, 200));

/** What the API server refuses before the upgrade: a container that the pod does not have is a 400 to it. */
function refusal(thrown: unknown, place: ExecPlace): unknown {
  const { code, message, hint } = problemOf(thrown);
  if (code === 'unsupported' || code === 'broken') {
    const known = problemOfWords(message, place);
    if (known.problem.code !== 'broken') return known;
  }
  if (code !== 'denied' || hint) return thrown;
  return new ProblemError(code, message, `Ask for it: kubectl auth can-i get pods/exec -n ${place.namespace}`);
}

function execFraming(place: ExecPlace, canHalfClose: boolean): Framing {
  const what = `exec in ${place.container} of pod/${place.pod}`;
  let stderr = Buffer.alloc(0);
  let words = Buffer.alloc(0);
  let said: StreamEnd | undefined;
  const failed = (problem: ProblemError): StreamEnd => ({ problem, stderr: stderr.toString('utf8') });
  const conclude = () => {
    const end = endIn(words.toString('utf8'), place);
    if (end === undefined) return;
    said = typeof end === 'number' ? { exitCode: end, stderr: stderr.toString('utf8') } : failed(end);
  };
  return {
    what,
    channel: STDIN,
    take: (frame) => {
      const payload = frame.subarray(1);
      switch (frame[0]) {
        case STDOUT:
          return payload;
        case STDERR:
          stderr = Buffer.concat([stderr, payload]).subarray(-MOST_STDERR_BYTES);
          return undefined;
        case STATUS:
          words = Buffer.concat([words, payload]).subarray(0, MOST_STATUS_BYTES);
          if (words.length > 0) conclude();
          return undefined;
        case CLOSE:
        case undefined:
          return undefined;
        default:
          throw new Error(`a frame for channel ${frame[0]}`);
      }
    },
    end: (socket: Socket) => {
      if (!canHalfClose) throw withoutHalfClose(what);
      socket.send(Buffer.of(CLOSE, STDIN), { binary: true }, () => {});
    },
    said: () => said,
    closedHere: () => failed(new ProblemError('broken', `${what}: closed from here before it ended`)),
    failed,
  };
}

const withoutHalfClose = (what: string) =>
  new ProblemError(
    'unsupported',
    `${what}: it was cut, for before Kubernetes 1.30 there is no way to say that its input has ended`,
  );
