import { frameHeader, HEADER_BYTES, isLast } from '../../pod-reader/protocol.ts';

/** How the reader's bytes fall into frames: all that is known of them where they are only passed on. */
export interface Framing {
  readonly headBytes: number;
  /** Of a frame with this head. Throws where the head is none. */
  readonly shapeOf: (head: Uint8Array) => FrameShape;
}

export interface FrameShape {
  readonly bodyBytes: number;
  /** Nothing more belongs to this answer, or request. */
  readonly last: boolean;
}

/** A piece of a frame, head included. */
export interface FramePiece {
  readonly bytes: Uint8Array;
  /** The frame ends with it. */
  readonly endsFrame: boolean;
  /** The whole answer, or request, ends with it. */
  readonly endsAll: boolean;
}

/** Cuts a stream of bytes at the ends of frames, as it comes, without waiting for whole frames: what is only passed on is not kept. */
export class PieceSplitter {
  readonly #framing: Framing;
  readonly #head: Uint8Array;
  #headBytes = 0;
  #left = 0;
  #last = false;

  constructor(framing: Framing) {
    this.#framing = framing;
    this.#head = new Uint8Array(framing.headBytes);
  }

  *pieces(chunk: Uint8Array): Generator<FramePiece> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const bytes = chunk.subarray(at, at + this.#left);
        at += bytes.length;
        this.#left -= bytes.length;
        yield this.#piece(bytes);
      } else {
        const part = chunk.subarray(at, at + this.#head.length - this.#headBytes);
        this.#head.set(part, this.#headBytes);
        at += part.length;
        this.#headBytes += part.length;
        if (this.#headBytes === this.#head.length) yield this.#begin();
      }
    }
  }

  #begin(): FramePiece {
    const { bodyBytes, last } = this.#framing.shapeOf(this.#head);
    this.#headBytes = 0;
    this.#left = bodyBytes;
    this.#last = last;
    return this.#piece(this.#head.slice());
  }

  #piece(bytes: Uint8Array): FramePiece {
    const endsFrame = this.#left === 0;
    return { bytes, endsFrame, endsAll: endsFrame && this.#last };
  }
}

/** Of what the reader sends. */
export const ANSWERS: Framing = {
  headBytes: HEADER_BYTES,
  shapeOf(head) {
    const { kind, length } = frameHeader(head);
    return { bodyBytes: length, last: isLast({ kind, payload: NOTHING }) };
  },
};

/** Of what is sent to it: each request is one frame. */
export const REQUESTS: Framing = {
  headBytes: HEADER_BYTES,
  shapeOf: (head) => ({ bodyBytes: new DataView(head.buffer, head.byteOffset).getUint32(1, true), last: true }),
};

const NOTHING = new Uint8Array();
