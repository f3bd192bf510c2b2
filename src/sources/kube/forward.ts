import type { ByteStream, StreamEnd } from '../../core/byte-stream.ts';
import type { ForwardRequest } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { type Api, pathOf } from './api.ts';
import type { SilenceTimes } from './socket-silence.ts';
import { type Framing, streamOver } from './socket-stream.ts';
import { withoutTokens } from './without-tokens.ts';

/**
 * The kubelet's own WebSockets (k8s.io/kubelet v0.34, pkg/cri/streaming/portforward/websocket.go): for each port in the
 * query two channels, data and errors, of which each begins with the port's number, two bytes. API servers pass them on
 * as they are; SPDY inside a WebSocket, which newer ones speak as well, would bring nothing for one connection.
 */
const PROTOCOLS = ['v4.channel.k8s.io'];
const DATA = 0;
const ERROR = 1;
const PORT_BYTES = 2;
const NORMAL_CLOSE = 1000;
const MOST_ERROR_BYTES = 8 * 1024;

/** Asks with a GET: `get pods/portforward`; from Kubernetes 1.35 on `create` as well. */
export async function openForward(api: Api, request: ForwardRequest, silence?: SilenceTimes): Promise<ByteStream> {
  const { pod, port, until } = request;
  const path = pathOf('api', 'v1', 'namespaces', api.namespace, 'pods', pod, 'portforward');
  const socket = await api.socket(path, { ports: port }, PROTOCOLS, until);
  return streamOver(socket, forwardFraming(pod, port), until, silence);
}

function forwardFraming(pod: string, port: number): Framing {
  const what = `port ${port} of pod/${pod}`;
  const unread = [PORT_BYTES, PORT_BYTES];
  let words = Buffer.alloc(0);
  const failed = (problem: ProblemError): StreamEnd => ({ problem, stderr: '' });
  return {
    what,
    channel: DATA,
    take: (frame) => {
      const channel = frame[0] ?? DATA;
      if (channel !== DATA && channel !== ERROR) throw new Error(`a frame for channel ${channel}`);
      const head = Math.min(unread[channel]!, frame.length - 1);
      unread[channel]! -= head;
      const payload = frame.subarray(1 + head);
      if (channel === DATA) return payload;
      words = Buffer.concat([words, payload]).subarray(0, MOST_ERROR_BYTES);
      return undefined;
    },
    end: () => {
      throw new ProblemError('unsupported', `${what}: there is no way to say that the input has ended`);
    },
    said: (closeCode) => {
      if (words.length > 0) return failed(problemIn(words.toString('utf8'), what));
      return closeCode === NORMAL_CLOSE ? { exitCode: 0, stderr: '' } : undefined;
    },
    closedHere: () => ({ exitCode: 0, stderr: '' }),
    failed,
  };
}

/** containerd dials from inside the pod's network, and tells what came of it. */
function problemIn(words: string, what: string): ProblemError {
  const shown = visible(clipped(withoutTokens(words), 500));
  return /connection refused/.test(words)
    ? new ProblemError('absent', `Nothing listens on ${what}`)
    : new ProblemError('broken', `${what}: ${shown}`);
}
