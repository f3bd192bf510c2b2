import { HeapError } from '../heap/heap-error.ts';

/**
 * The framing between whyoom and the reader in a pod (docs/pod-reader.md): both ways, frames of a kind (one byte), a length
 * (32 bits, little endian) and so many bytes. A request is one frame; its answer is one or more, of which the last says so. The first
 * thing that comes is the hello, without a request. All is first in, first out: an answer belongs to the oldest request that waits.
 */
export const PROTOCOL_VERSION = 1;

export const HEADER_BYTES = 5;
/** No answer's frame is longer: what claims to be does not speak this protocol. */
export const MOST_FRAME_BYTES = 1 << 20;
/** The reader takes no longer request: it has little memory. */
export const MOST_REQUEST_BYTES = 1 << 20;

/** Of a reader's answer. Pages, states and items are one frame of several; each of the others is the last. */
export const FRAME = {
  hello: 0x48,
  /** Bytes of the item that is being answered. */
  data: 0x44,
  /** The end of an item: an errno, 0 where all went well. */
  item: 0x49,
  pages: 0x50,
  maps: 0x4d,
  end: 0x45,
  error: 0x58,
} as const;

export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Whether an answer is complete with this frame. */
export const isLast = ({ kind }: Frame): boolean => kind === FRAME.end || kind === FRAME.error || kind === FRAME.hello;

/** Of a request: what it asks for. */
export const OP = {
  items: 1,
  pages: 2,
  pools: 3,
  copy: 4,
  changes: 5,
  stopped: 6,
  read: 7,
  gather: 8,
  forget: 9,
} as const;

/** Which way frames go: what the reader sends, or what it is sent. */
export type Direction = 'answers' | 'requests';

const KINDS: Record<Direction, ReadonlySet<number>> = {
  answers: new Set(Object.values(FRAME)),
  requests: new Set(Object.values(OP)),
};

/** A frame as bytes. Throws HeapError `refused` for a payload that nobody would take. */
export function encodeFrame({ kind, payload }: Frame): Uint8Array {
  if (payload.length > MOST_REQUEST_BYTES) {
    throw new HeapError('refused', `A message of ${payload.length} bytes is longer than the reader in the pod takes.`);
  }
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, payload.length, true);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Kind and length of the frame that begins here. Throws HeapError `broken` for what no reader sends. */
export function frameHeader(bytes: Uint8Array, direction: Direction = 'answers'): { kind: number; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const kind = view.getUint8(0);
  const length = view.getUint32(1, true);
  if (!KINDS[direction].has(kind)) throw broken(`a frame of the unknown kind ${kind}`);
  if (length > MOST_FRAME_BYTES) throw broken(`a frame of ${length} bytes`);
  return { kind, length };
}

/** What came from the pod is no answer of the reader. */
export const broken = (what: string): HeapError =>
  new HeapError(
    'broken',
    `What came from the pod is not what whyoom's reader sends: ${what}.`,
    'Something else may write to the output of what runs in the container; try again.',
  );

/** Makes frames of bytes that come in pieces of any size. */
export class FrameSplitter {
  private pieces: Uint8Array[] = [];
  private bytes = 0;
  private readonly direction: Direction;

  constructor(direction: Direction = 'answers') {
    this.direction = direction;
  }

  /** The frames that are complete with these bytes; they share no memory with them. Throws HeapError `broken`. */
  push(piece: Uint8Array): Frame[] {
    this.pieces.push(piece.slice());
    this.bytes += piece.length;
    const frames: Frame[] = [];
    for (let frame = this.next(); frame !== undefined; frame = this.next()) frames.push(frame);
    return frames;
  }

  /** Bytes of a frame that has not come whole. */
  get waitingBytes(): number {
    return this.bytes;
  }

  private next(): Frame | undefined {
    if (this.bytes < HEADER_BYTES) return undefined;
    if (this.pieces[0]!.length < HEADER_BYTES) this.join();
    const { kind, length } = frameHeader(this.pieces[0]!, this.direction);
    const whole = HEADER_BYTES + length;
    if (this.bytes < whole) return undefined;
    if (this.pieces[0]!.length < whole) this.join();
    const first = this.pieces[0]!;
    const rest = first.subarray(whole);
    if (rest.length > 0) this.pieces[0] = rest;
    else this.pieces.shift();
    this.bytes -= whole;
    return { kind, payload: first.subarray(HEADER_BYTES, whole) };
  }

  private join(): void {
    this.pieces = [Buffer.concat(this.pieces)];
  }
}
