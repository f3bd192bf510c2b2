import { readSync, writeSync } from 'node:fs';
import { HeapError } from '../heap/heap-error.ts';
import { type Frame, frameHeader, HEADER_BYTES, isLast, MOST_FRAME_BYTES } from './protocol.ts';
import { encodeRequest, type ReaderRequest } from './requests.ts';

/** Bytes both ways, each call waiting until it is done. */
export interface SyncLink {
  /** All of them. Throws where nobody takes them any longer. */
  write(bytes: Uint8Array): void;
  /** What has come, at least one byte; 0 at the end. */
  read(into: Uint8Array): number;
}

/** Wait before a descriptor is tried again that has nothing yet, in case it does not wait by itself. */
const NAP_MS = 1;

/** A link over descriptors that are open already; one that goes both ways is given twice. */
export function descriptorLink(readFrom: number, writeTo: number): SyncLink {
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length; ) at += patiently(() => writeSync(writeTo, bytes, at));
    },
    read: (into) => patiently(() => readSync(readFrom, into)),
  };
}

function patiently(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw cut();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP_MS);
    }
  }
}

const cut = () =>
  new HeapError(
    'broken',
    'The connection to the reader in the container was cut. The process there runs on, and the reader has gone.',
    'Run the same command again.',
  );

/** Requests that are under way at a time: the next has been sent before the answer to this one has come, which a slow link needs. */
const UNDER_WAY = 4;

/** Asks, and waits for answers. One that goes wrong is still read to its end, so that the next question gets its own answer. */
export class ReaderCalls {
  private readonly link: SyncLink;
  private readonly buffer = new Uint8Array(HEADER_BYTES + MOST_FRAME_BYTES);
  private filled = 0;
  private used = 0;

  constructor(link: SyncLink) {
    this.link = link;
  }

  /** The frames of one answer. */
  ask(request: ReaderRequest): Frame[] {
    const frames: Frame[] = [];
    this.askAll([request], ({ kind, payload }) => frames.push({ kind, payload: payload.slice() }));
    return frames;
  }

  /**
   * Hands on the frames of the answers, each with the number of its request; their payload is valid during the call. Throws
   * what `take` threw first, when all has been answered; and HeapError where the link is cut.
   */
  askAll(requests: readonly ReaderRequest[], take: (frame: Frame, request: number) => void): void {
    const errors: unknown[] = [];
    let sent = 0;
    for (let answered = 0; answered < requests.length; answered += 1) {
      // After an error nothing more is asked, and what was asked is answered.
      if (errors.length > 0 && answered === sent) break;
      for (; errors.length === 0 && sent < Math.min(requests.length, answered + UNDER_WAY); sent += 1) {
        this.link.write(encodeRequest(requests[sent]!));
      }
      for (let done = false; !done; ) {
        const frame = this.next();
        done = isLast(frame);
        try {
          if (errors.length === 0) take(frame, answered);
        } catch (thrown) {
          errors.push(thrown);
        }
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  /** The next frame. Its payload is valid until the one after it. */
  next(): Frame {
    this.fill(HEADER_BYTES);
    const { kind, length } = frameHeader(this.buffer.subarray(this.used));
    this.fill(HEADER_BYTES + length);
    const payload = this.buffer.subarray(this.used + HEADER_BYTES, this.used + HEADER_BYTES + length);
    this.used += HEADER_BYTES + length;
    return { kind, payload };
  }

  /** Reads until so many bytes lie from `used` on. */
  private fill(bytes: number): void {
    if (this.used + bytes > this.buffer.length) {
      this.buffer.copyWithin(0, this.used, this.filled);
      this.filled -= this.used;
      this.used = 0;
    }
    while (this.filled - this.used < bytes) {
      const got = this.link.read(this.buffer.subarray(this.filled));
      if (got === 0) throw cut();
      this.filled += got;
    }
    if (this.filled === this.used) {
      this.filled = 0;
      this.used = 0;
    }
  }
}
