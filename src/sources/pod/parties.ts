import { Readable, Writable } from 'node:stream';
import { ProblemError } from '../../core/problem.ts';
import { type Frame, HEADER_BYTES } from '../../pod-reader/protocol.ts';
import type { ReaderLink } from '../process/heap-process.ts';
import { type FramePiece, PieceSplitter, REQUESTS } from './frames.ts';
import type { ReaderRouter, Waiter } from './router.ts';

/** No answer that is wanted whole is larger: the largest file of a container that is read has 16 MiB. */
const MOST_ANSWER_BYTES = 128 * 1024 * 1024;
/** The reader takes less. */
const MOST_REQUEST_BYTES = 2 * 1024 * 1024;

/** Asks, and gives the frames of the answer. Rejects with a ProblemError. */
export const askWhole = (router: ReaderRouter, request: Uint8Array): Promise<Frame[]> =>
  new Promise((resolve, reject) => router.send(request, wholeAnswer(resolve, reject)));

/** What the reader says first of all, without being asked. */
export const hearHello = (router: ReaderRouter): Promise<Frame[]> =>
  new Promise((resolve, reject) => router.greet(wholeAnswer(resolve, reject)));

function wholeAnswer(done: (frames: Frame[]) => void, fail: Waiter['fail']): Waiter {
  const frames: Frame[] = [];
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  return {
    take(piece) {
      bytes += piece.bytes.length;
      if (bytes > MOST_ANSWER_BYTES) throw tooMuch();
      pieces.push(piece.bytes);
      if (!piece.endsFrame) return;
      const whole = Buffer.concat(pieces);
      frames.push({ kind: whole[0]!, payload: whole.subarray(HEADER_BYTES) });
      pieces = [];
      if (piece.endsAll) done(frames);
    },
    fail,
  };
}

/**
 * A way to the reader for somebody who speaks its protocol by himself: whole requests go on as they come, the answers back.
 * Once whoever reads has gone, what is still answered to it is dropped, so that the others get theirs.
 */
export function openParty(router: ReaderRouter): ReaderLink {
  const fromReader = new Readable({ read: () => awaken(), highWaterMark: 256 * 1024 });
  const whenRoom: (() => void)[] = [];
  const awaken = () => {
    for (const resume of whenRoom.splice(0)) resume();
  };
  fromReader.once('close', awaken);
  // Whoever listens is told by `error` too; that nobody does must not end the program.
  fromReader.on('error', () => {});
  const waiter: Waiter = {
    take(piece) {
      if (fromReader.destroyed || fromReader.push(piece.bytes)) return undefined;
      return new Promise<void>((resolve) => whenRoom.push(resolve));
    },
    fail: (why) => {
      fromReader.destroy(why);
    },
  };
  const splitter = new PieceSplitter(REQUESTS);
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  const forward = (piece: FramePiece) => {
    bytes += piece.bytes.length;
    if (bytes > MOST_REQUEST_BYTES) throw tooMuch();
    pieces.push(piece.bytes);
    if (!piece.endsAll) return;
    router.send(Buffer.concat(pieces), waiter);
    pieces = [];
    bytes = 0;
  };
  const toReader = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      try {
        for (const piece of splitter.pieces(chunk)) forward(piece);
        done();
      } catch (thrown) {
        fromReader.destroy(thrown as Error);
        done();
      }
    },
  });
  void router.over.then((why) => fromReader.destroy(why));
  return { toReader, fromReader };
}

const tooMuch = () => new ProblemError('broken', 'What the reader in the container is asked or answers has no end.');
