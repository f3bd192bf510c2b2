import type { ByteStream, StreamEnd } from '../../core/byte-stream.ts';
import { ProblemError } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { createByteQueue } from './byte-queue.ts';
import type { Socket } from './socket.ts';
import { type SilenceTimes, watchSilence } from './socket-silence.ts';

/** What a subprotocol makes of the frames of one connection. */
export interface Framing {
  /** `exec in pod/orca-1`: for messages. */
  readonly what: string;
  /** The byte that goes before what is written. */
  readonly channel: number;
  /** The bytes for whoever reads; undefined: nothing for them. Throws a ProblemError for a frame that makes no sense. */
  take(frame: Buffer): Uint8Array | undefined;
  /** Tells the far side that no more will be written. Throws a ProblemError where there is no way to. */
  end(socket: Socket): void;
  /** How it ended, once the far side has said so; `closeCode` once it has closed the connection (RFC 6455, 7.4). */
  said(closeCode?: number): StreamEnd | undefined;
  /** How it ended when it was closed here. */
  closedHere(): StreamEnd;
  /** With the stderr that came. */
  failed(problem: ProblemError): StreamEnd;
}

/** Beyond this whoever writes waits until some of it has left. */
const MOST_UNSENT_BYTES = 512 * 1024;
const FRAME_BYTES = 256 * 1024;
/** For a far side that has said how it ended, and does not close; or does not answer a close. */
const CLOSE_MS = 2000;

/** Bytes both ways over an open socket, held back on either side while the other is slow. */
export function streamOver(
  socket: Socket,
  framing: Framing,
  until: AbortSignal,
  silenceTimes?: SilenceTimes,
): ByteStream {
  const queue = createByteQueue(socket);
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
  let isOver = false;
  const finish = (how: StreamEnd) => {
    if (isOver) return;
    isOver = true;
    silence.stop();
    until.removeEventListener('abort', interrupt);
    queue.end();
    resolve(how);
    hangUp(socket);
  };
  const fail = (thrown: unknown) => finish(framing.failed(asProblem(thrown, framing.what)));
  const silence = watchSilence(socket, framing.what, fail, silenceTimes);
  const interrupt = () => fail(new ProblemError('timeout', `${framing.what}: interrupted`));
  socket.on('message', (data, isBinary) => {
    if (isOver) return;
    try {
      const bytes = framing.take(frameOf(data, isBinary));
      if (bytes && bytes.length > 0) queue.add(bytes);
      if (framing.said()) setTimeout(() => finish(framing.said()!), CLOSE_MS).unref();
    } catch (thrown) {
      fail(thrown);
    }
  });
  socket.on('error', fail);
  socket.on('close', (code, reason) =>
    finish(framing.said(code) ?? framing.failed(cutOff(framing.what, code, reason))),
  );
  until.addEventListener('abort', interrupt, { once: true });
  if (until.aborted) interrupt();
  else socket.resume();
  return {
    write: (bytes) => write(socket, framing, bytes, ended),
    end: () => {
      try {
        if (!isOver) framing.end(socket);
      } catch (thrown) {
        fail(thrown);
      }
    },
    received: queue.received,
    ended,
    close: () => finish(framing.said() ?? framing.closedHere()),
  };
}

/** In frames that leave room for others between them. */
async function write(socket: Socket, { what, channel }: Framing, bytes: Uint8Array, ended: Promise<StreamEnd>) {
  for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
    const frame = Buffer.concat([Buffer.of(channel), bytes.subarray(at, at + FRAME_BYTES)]);
    const sent = socket.readyState === socket.OPEN && (await left(socket, frame, ended));
    if (!sent) throw whyUnread(await ended, what);
  }
}

/** False where it never will. */
function left(socket: Socket, frame: Buffer, ended: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    socket.send(frame, { binary: true }, (failure) => resolve(!failure));
    if (socket.bufferedAmount < MOST_UNSENT_BYTES) resolve(socket.readyState === socket.OPEN);
    else ended.then(() => resolve(false));
  });
}

const whyUnread = (end: StreamEnd, what: string) =>
  end.problem ?? new ProblemError('absent', `${what}: it has ended with exit code ${end.exitCode}, and reads no more`);

/** A close that nobody answers is followed by an end without one. */
function hangUp(socket: Socket): void {
  socket.resume();
  socket.close();
  const cut = setTimeout(() => socket.terminate(), CLOSE_MS);
  cut.unref();
  socket.once('close', () => clearTimeout(cut));
}

function frameOf(data: unknown, isBinary: boolean): Buffer {
  if (isBinary && Buffer.isBuffer(data)) return data;
  throw new Error('a frame of text, where all are binary');
}

const asProblem = (thrown: unknown, what: string): ProblemError =>
  thrown instanceof ProblemError
    ? thrown
    : new ProblemError(
        'broken',
        `${what}: the connection makes no sense: ${visible(clipped(thrown instanceof Error ? thrown.message : String(thrown), 300))}`,
        'Is something between here and the API server?',
      );

function cutOff(what: string, code: number, reason: Buffer): ProblemError {
  const words = reason.length > 0 ? `, "${visible(clipped(reason.toString('utf8'), 300))}"` : '';
  return new ProblemError(
    'broken',
    `${what}: the connection was cut (${code}${words})`,
    'Has the pod gone, or the API server been replaced? Try again.',
  );
}
