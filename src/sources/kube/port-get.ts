import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Duplex, Readable, Writable } from 'node:stream';
import type { ByteStream } from '../../core/byte-stream.ts';
import type { PortAnswer, PortRequest } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import type { Api } from './api.ts';
import { openForward } from './forward.ts';

/**
 * As `curl http://localhost:PORT/PATH` behind `kubectl port-forward`: to the program the request comes from its own machine,
 * as its debug pages want it.
 */
export async function getFromPort(api: Api, request: PortRequest): Promise<PortAnswer> {
  const time = AbortSignal.timeout(request.timeoutMs);
  const until = AbortSignal.any([request.until, time]);
  const what = `GET ${request.path} on port ${request.port} of pod/${request.pod}`;
  const late = () => new ProblemError('timeout', `${what}: no whole answer within ${request.timeoutMs / 1000} s`);
  try {
    const stream = await openForward(api, { ...request, until });
    try {
      return await answerOver(stream, request, until);
    } catch (thrown) {
      // What the connection says of its end comes before what HTTP makes of it.
      const end = await Promise.race([stream.ended, undefined]);
      throw end?.problem ?? notHttp(what, thrown);
    } finally {
      stream.close();
    }
  } catch (thrown) {
    throw time.aborted && !request.until.aborted ? late() : thrown;
  }
}

async function answerOver(stream: ByteStream, request: PortRequest, until: AbortSignal): Promise<PortAnswer> {
  const response = await headOver(stream, request, until);
  const { bytes, isCut } = await firstOf(response, request.mostBytes);
  const { statusCode = 0, headers } = response;
  return {
    status: statusCode,
    contentType: headers['content-type'],
    location: headers.location,
    body: bytes,
    isCut,
  };
}

function headOver(stream: ByteStream, { port, path }: PortRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      createConnection: () => duplexOf(stream),
      // Django refuses other names than this where nothing is configured (ALLOWED_HOSTS).
      host: 'localhost',
      port,
      path,
      headers: { 'user-agent': 'whyoom', accept: '*/*', connection: 'close' },
      signal,
    });
    request.on('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

function duplexOf(stream: ByteStream): Duplex {
  const writable = new Writable({
    write: (chunk, _, done) => void stream.write(chunk).then(() => done(), done),
  });
  return Duplex.from({ readable: Readable.from(stream.received), writable });
}

async function firstOf(response: IncomingMessage, mostBytes: number): Promise<{ bytes: Buffer; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > mostBytes) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, mostBytes), isCut: size > mostBytes };
}

const notHttp = (what: string, thrown: unknown) =>
  new ProblemError(
    'unsupported',
    `${what}: no answer in HTTP (${visible(clipped(thrown instanceof Error ? thrown.message : String(thrown), 200))})`,
  );
