import { HeapError } from '../heap/heap-error.ts';
import type { Range } from '../heap/memory/ranges.ts';
import { encodeFrame, OP } from './protocol.ts';

/** What the reader in a pod can be asked: docs/pod-reader.md says what each answers. Addresses are at page borders but for `gather` and `read`. */
export type ReaderRequest =
  | { readonly op: 'items'; readonly items: readonly Item[] }
  | { readonly op: 'pages' | 'pools'; readonly pid: number; readonly ranges: readonly Range[] }
  | { readonly op: 'copy'; readonly pid: number; readonly pack: boolean; readonly ranges: readonly Range[] }
  | {
      readonly op: 'changes';
      readonly pid: number;
      readonly pack: boolean;
      /** Where the last answer ended; 0 begins a round. */
      readonly cursor: number;
      /** After so many changed pages the answer ends, and another goes on. */
      readonly mostPages: number;
    }
  | {
      readonly op: 'stopped';
      readonly pid: number;
      readonly pack: boolean;
      readonly maxPauseMs: number;
      readonly bufferBytes: number;
    }
  | { readonly op: 'read'; readonly pid: number; readonly address: number; readonly bytes: number }
  | { readonly op: 'gather'; readonly pid: number; readonly bytes: number; readonly addresses: Float64Array }
  | { readonly op: 'forget'; readonly pid: number };

/** Files of the container are read without anything remembered. Many make one request, so that they cost one round trip. */
export type Item =
  /** At most so many bytes from the offset on; none: only whether it can be opened, as `/proc/PID/mem` by whom may trace. */
  | { readonly kind: 'read'; readonly path: string; readonly offset?: number; readonly mostBytes: number }
  | { readonly kind: 'link' | 'list' | 'stat'; readonly path: string };

/** The reader answers no more for an item; of a longer file the next piece is to be asked for. */
export const MOST_ITEM_BYTES = 16 << 20;
/** Items in a request. */
export const MOST_ITEMS = 4096;

const ITEM_KINDS = { read: 0, link: 1, list: 2, stat: 3 } as const;

/** A request as the bytes of one frame. Throws HeapError `refused` where it is longer than the reader takes. */
export function encodeRequest(request: ReaderRequest): Uint8Array {
  return encodeFrame({ kind: OP[request.op], payload: payloadOf(request) });
}

function payloadOf(request: ReaderRequest): Uint8Array {
  switch (request.op) {
    case 'items':
      if (request.items.length > MOST_ITEMS) throw cannotSay(request.items.length);
      return Buffer.concat([u32(request.items.length), ...request.items.map(itemBytes)]);
    case 'pages':
    case 'pools':
      return Buffer.concat([u32(request.pid), rangeBytes(request.ranges)]);
    case 'copy':
      return Buffer.concat([u32(request.pid), u32(Number(request.pack)), rangeBytes(request.ranges)]);
    case 'changes':
      return Buffer.concat([
        u32(request.pid),
        u32(Number(request.pack)),
        u64([request.cursor]),
        u32(request.mostPages),
      ]);
    case 'stopped':
      return Buffer.concat(
        [request.pid, Number(request.pack), request.maxPauseMs, request.bufferBytes].map((number) => u32(number)),
      );
    case 'read':
      return Buffer.concat([u32(request.pid), u64([request.address]), u32(request.bytes)]);
    case 'gather':
      return Buffer.concat([u32(request.pid), u32(request.bytes), u64(request.addresses)]);
    case 'forget':
      return u32(request.pid);
  }
}

function itemBytes(item: Item): Uint8Array {
  const path = Buffer.from(item.path, 'utf8');
  if (item.kind === 'read' && item.mostBytes > MOST_ITEM_BYTES) throw cannotSay(item.mostBytes);
  const [offset, most] = item.kind === 'read' ? [item.offset ?? 0, item.mostBytes] : [0, 0];
  return Buffer.concat([u32(ITEM_KINDS[item.kind]), u64([offset]), u32(most), u32(path.length), path]);
}

const rangeBytes = (ranges: readonly Range[]) => u64(ranges.flatMap(({ start, end }) => [start, end]));

function u32(value: number): Uint8Array {
  const whole = Math.floor(value);
  if (!(whole >= 0 && whole < 2 ** 32)) throw cannotSay(value);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, whole, true);
  return bytes;
}

function u64(values: Float64Array | readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => {
    if (!(Number.isSafeInteger(value) && value >= 0)) throw cannotSay(value);
    view.setUint32(8 * at, value % 2 ** 32, true);
    view.setUint32(8 * at + 4, Math.floor(value / 2 ** 32), true);
  });
  return bytes;
}

const cannotSay = (value: number) => new HeapError('refused', `${value} cannot be sent to the reader in the pod.`);
