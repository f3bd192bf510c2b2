import { inflateSync } from 'node:zlib';
import { HeapError } from '../heap/heap-error.ts';
import type { TakePages } from '../heap/memory/remote.ts';
import { PAGE_BYTES } from '../heap/memory/snapshot.ts';
import { broken, FRAME, type Frame } from './protocol.ts';

/** What became of one item of a request: its bytes, and why there are none or not all. */
export interface ItemAnswer {
  /** 0: all went well. Else as in errno(3): 2 there is no such file, 3 no such process, 13 and 1 not allowed. */
  readonly errno: number;
  readonly bytes: Uint8Array;
}

/** The items of an answer in the order of the request. Throws HeapError: the reader's own error, or `broken`. */
export function decodeItems(frames: readonly Frame[], count: number): ItemAnswer[] {
  const answers: ItemAnswer[] = [];
  let parts: Uint8Array[] = [];
  for (const frame of frames) {
    if (frame.kind === FRAME.data) parts.push(frame.payload);
    else if (frame.kind === FRAME.item) {
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      answers.push({ errno: viewOf(frame, 4).getUint32(0, true), bytes });
      parts = [];
    } else expectEnd(frame);
  }
  if (answers.length !== count) throw broken(`${answers.length} files where ${count} were asked for`);
  return answers;
}

export interface ListedName {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

const LISTED = new Map([
  ['f', 'file'],
  ['d', 'folder'],
  ['l', 'link'],
] as const);

/** The names in a folder, of a `list` item: each a letter for what it is, the name, and a NUL. */
export function decodeList(bytes: Uint8Array): ListedName[] {
  const entries = Buffer.from(bytes).toString('utf8').split('\0');
  return entries.slice(0, -1).map((entry) => ({
    name: entry.slice(1),
    kind: LISTED.get(entry[0] as 'f' | 'd' | 'l') ?? 'other',
  }));
}

/** Of a `stat` item. */
export interface FileStat {
  readonly mode: number;
  readonly uid: number;
  readonly inode: number;
  readonly bytes: number;
  readonly modifiedUnixSeconds: number;
}

/** Throws HeapError `broken`. */
export function decodeStat(bytes: Uint8Array): FileStat {
  const [mode, uid, inode, size, modified] = numbersOf(bytes, 5);
  return { mode: mode!, uid: uid!, inode: inode!, bytes: size!, modifiedUnixSeconds: modified! };
}

/** Numbers of 64 bits that an answer ends with. Throws HeapError: the reader's own error, or `broken`. */
export function endNumbers(frame: Frame, count: number): number[] {
  expectEnd(frame);
  return numbersOf(frame.payload, count);
}

/** Throws HeapError where an answer does not end well. */
export function expectEnd(frame: Frame): void {
  if (frame.kind === FRAME.error) throw readerError(frame);
  if (frame.kind !== FRAME.end) throw broken(`a frame of kind ${frame.kind} out of its place`);
}

const NO_PROCESS = new Set([2, 3]);
const NOT_ALLOWED = new Set([1, 13]);
const NO_MEMORY = 12;
const TIMED_OUT = 110;
const NOT_KNOWN = 38;
/** Of a text that comes from the pod. */
const MOST_TEXT_BYTES = 500;

/** What the reader says of a request that it could not answer: an errno and words. */
export function readerError(frame: Frame): HeapError {
  const errno = frame.payload.length < 4 ? 0 : viewOf(frame, 4).getUint32(0, true);
  const text = Buffer.from(frame.payload.subarray(4, MOST_TEXT_BYTES))
    .toString('utf8')
    .replace(/[^ -~]/g, '?');
  if (NO_PROCESS.has(errno)) return new HeapError('absent', `The process in the container has ended (${text}).`);
  if (NOT_ALLOWED.has(errno)) {
    return new HeapError('denied', `The reader in the container may not read the process (${text}).`);
  }
  if (errno === TIMED_OUT) return new HeapError('timeout', `The process could not be stopped in time: ${text}.`);
  if (errno === NO_MEMORY)
    return new HeapError(
      'refused',
      `The reader in the container keeps to little memory, and that is used up (${text}).`,
    );
  if (errno === NOT_KNOWN) return new HeapError('unsupported', `The reader in the container cannot do this: ${text}.`);
  return new HeapError('broken', `The reader in the container failed: ${text} (errno ${errno}).`);
}

/** How the payload after the header of a block is kept. */
const RAW = 0;
const ZLIB = 1;
const MOST_BLOCK_BYTES = 1 << 20;

/**
 * Hands on the pages of a frame: a byte for how they are packed, the number of runs (32 bits), each with its address (64) and
 * pages (32), then the pages. Returns the bytes. Throws HeapError `broken`.
 */
export function decodePages(frame: Frame, take: TakePages): number {
  if (frame.kind !== FRAME.pages) throw broken(`a frame of kind ${frame.kind} among pages`);
  const view = viewOf(frame, 5);
  const runs = view.getUint32(1, true);
  const dataAt = 5 + 12 * runs;
  if (frame.payload.length < dataAt) throw broken('a frame of pages that is cut off');
  const data = unpack(view.getUint8(0), frame.payload.subarray(dataAt));
  let at = 0;
  for (let run = 0; run < runs; run += 1) {
    const address = word(view, 5 + 12 * run);
    const bytes = view.getUint32(5 + 12 * run + 8, true) * PAGE_BYTES;
    if (address % PAGE_BYTES !== 0 || at + bytes > data.length) throw broken('pages that do not fit their frame');
    take(address, data.subarray(at, at + bytes));
    at += bytes;
  }
  if (at !== data.length) throw broken('pages that do not fill their frame');
  return at;
}

function unpack(packing: number, bytes: Uint8Array): Uint8Array {
  if (packing === RAW) return bytes;
  if (packing !== ZLIB) throw broken(`packing ${packing}`);
  return inflate(bytes, MOST_BLOCK_BYTES);
}

function inflate(bytes: Uint8Array, mostBytes: number): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: Math.max(1, mostBytes) });
  } catch (thrown) {
    throw broken(thrown instanceof Error ? thrown.message : 'data that cannot be unpacked');
  }
}

/** The bytes of `data` frames, each packed by zlib, which together are exactly so many. Throws HeapError. */
export function decodePacked(frames: readonly Frame[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const frame of frames) {
    if (frame.kind !== FRAME.data) {
      expectEnd(frame);
      continue;
    }
    const part = inflate(frame.payload, bytes - at);
    if (part.length > bytes - at) throw broken(`more than ${bytes} bytes`);
    whole.set(part, at);
    at += part.length;
  }
  if (at !== bytes) throw broken(`${at} bytes where ${bytes} were asked for`);
  return whole;
}

function viewOf({ payload }: Frame, leastBytes: number): DataView {
  if (payload.length < leastBytes) throw broken('a frame that is cut off');
  return new DataView(payload.buffer, payload.byteOffset, payload.length);
}

function numbersOf(bytes: Uint8Array, count: number): number[] {
  if (bytes.length !== 8 * count) throw broken(`${bytes.length} bytes where ${count} numbers are due`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, at) => word(view, 8 * at));
}

const word = (view: DataView, at: number): number => view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
