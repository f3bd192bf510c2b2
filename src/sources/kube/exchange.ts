import { type Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** One HTTP request. */
export interface Order {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly agent: Agent;
  readonly body?: string | undefined;
  /** Ends it, whatever it waits for. */
  readonly signal: AbortSignal;
}

/** The answer's head; the body has to be read, or the connection stays taken. Throws what Node throws. */
export function send({ method, url, headers, agent, body, signal }: Order): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, { method, headers, agent, signal });
    request.on('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

/** The whole body. Throws where it breaks off, or is larger than `mostBytes`. */
export async function bodyOf(response: IncomingMessage, signal: AbortSignal, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await eachChunk(response, signal, (chunk) => {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`the answer is larger than ${mostBytes / 2 ** 20} MiB`);
    chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

/** Hands over the body as it comes. Throws where it breaks off; what `take` throws ends it. */
export async function eachChunk(
  response: IncomingMessage,
  signal: AbortSignal,
  take: (chunk: Buffer) => void,
): Promise<void> {
  const stop = () => response.destroy(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of response) take(chunk);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
