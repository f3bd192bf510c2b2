import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { ProblemError } from '../../core/problem.ts';
import type { Authorized } from './access.ts';
import type { Tried } from './patience.ts';
import { refusalIn } from './refusal.ts';

/** An open WebSocket, paused until somebody listens: nothing that comes early is lost. */
export type Socket = WebSocket;

/** The API server and the kubelet send frames of 32 KiB; one that is much larger is no answer of theirs. */
const MOST_FRAME_BYTES = 4 * 2 ** 20;

/**
 * One handshake. Compression is left off: what is sent is compressed where that is worth it, and each frame would cost the
 * API server. Throws a ProblemError, `unsupported`, where something on the way knows no WebSockets.
 */
export function openSocket(
  url: URL,
  protocols: readonly string[],
  { agent, headers }: Authorized,
  signal: AbortSignal,
): Promise<Tried<Socket>> {
  const socket = new WebSocket(url.href.replace(/^http/, 'ws'), [...protocols], {
    agent,
    headers: { ...(headers as Record<string, string>), 'user-agent': 'whyoom' },
    perMessageDeflate: false,
    maxPayload: MOST_FRAME_BYTES,
    followRedirects: false,
  });
  const stop = () => socket.terminate();
  signal.addEventListener('abort', stop, { once: true });
  return new Promise<Tried<Socket>>((resolve, reject) => {
    socket.once('open', () => {
      socket.pause();
      resolve({ is: 'done', value: socket });
    });
    // Stays for good: an error that nobody listens for would end the program.
    socket.on('error', (thrown) => resolve({ is: 'lost', thrown: spoken(thrown) }));
    socket.once('unexpected-response', (_, response: IncomingMessage) => {
      if (passedOver(response)) reject(noWebSockets(url));
      else refusalIn(response, signal).then(resolve, reject);
    });
    if (signal.aborted) stop();
  }).finally(() => signal.removeEventListener('abort', stop));
}

/** Answered as if no upgrade had been asked for. */
const passedOver = ({ statusCode = 0 }: IncomingMessage) => statusCode < 400 || statusCode === 426;

const noWebSockets = ({ host }: URL) =>
  new ProblemError(
    'unsupported',
    `What is between here and the API server ${host} passes no WebSockets on`,
    'A proxy or load balancer in front of the API server has to let "Upgrade: websocket" through.',
  );

/** The server talks, but of none of the subprotocols. */
function spoken(thrown: Error): Error {
  if (!/subprotocol/.test(thrown.message)) return thrown;
  return new ProblemError('unsupported', `The API server speaks none of the protocols for this: ${thrown.message}`);
}
