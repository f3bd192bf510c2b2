import { inflateSync } from 'node:zlib';
import { parseMaps } from '../heap/memory/maps.ts';
import type { Range } from '../heap/memory/ranges.ts';
import type { MemoryMap } from '../heap/memory/reader.ts';
import type { FilePart, RemoteMemory, RemoteProcess, StopLimits, Stopped, TakePages } from '../heap/memory/remote.ts';
import { PAGE_BYTES } from '../heap/memory/snapshot.ts';
import { decodeItems, decodePacked, decodePages, endNumbers, expectEnd } from './answers.ts';
import { ReaderCalls, type SyncLink } from './link.ts';
import { broken, FRAME, type Frame } from './protocol.ts';
import { MOST_ITEM_BYTES, MOST_ITEMS, type ReaderRequest } from './requests.ts';

/** Asked for at once, so that others who ask the same reader come in between. */
const COPY_BYTES = 1 << 20;
const READ_BYTES = 1 << 20;
/** Of the states of pages, which are packed to little. */
const STATE_BYTES = 1 << 30;
/** Of memory that is searched for pools: some hundredths of a second, and in the reader a few bytes for each page. */
const POOL_BYTES = 1 << 27;
/** 16 bytes each. */
const MOST_RANGES = 32_000;
const CHANGED_PAGES = 1024;
const GATHERED = 60_000;
const MOST_MAPS_BYTES = 16 << 20;
/** Whatever `--max-pause` allows: the reader takes no more than a minute, and who hears nothing for that long gives the link up. */
const MOST_PAUSE_MS = 45_000;

export interface RemoteOptions {
  /**
   * Whether what shrinks is packed before it is sent: worth it on any link, where the container has a processor to itself.
   * Takes 4 ms of one for a MiB.
   */
  readonly pack?: boolean;
}

export interface RemoteReading extends RemoteProcess {
  /** The reader forgets what it knows of the process, and what that takes: 5 bytes for a page that was copied. */
  forget(): void;
}

/**
 * A process in a container as the reader there sees it, asked over a link that waits; `pid` is as the container numbers it. The greeting
 * must have been read by then. All calls throw HeapError.
 */
export function readRemotely(link: SyncLink, pid: number, { pack = true }: RemoteOptions = {}): RemoteReading {
  const calls = new ReaderCalls(link);
  const memory: RemoteMemory = {
    maps: () => mapsOf(calls, pid),
    pages: (ranges) => statesOf(calls, pid, 'pages', ranges, STATE_BYTES),
    pools: (ranges) => statesOf(calls, pid, 'pools', ranges, POOL_BYTES),
    read: (address, into) => readAt(calls, pid, address, into),
    copy: (ranges, take) => copyPages(calls, pid, pack, ranges, take),
    changes: (take) => changesOf(calls, pid, pack, take),
    stopped: (limits, take) => stopAndSee(calls, pid, pack, limits, take),
    gather: (addresses, bytes) => gatherAt(calls, pid, addresses, bytes),
  };
  return {
    memory,
    readFiles: (parts) => readParts(calls, parts),
    forget: () => expectEnd(calls.ask({ op: 'forget', pid })[0]!),
  };
}

/** Parts that are asked for in one request: together no more than this. */
const TOGETHER_BYTES = 1 << 20;

function readParts(calls: ReaderCalls, parts: readonly FilePart[]): Uint8Array[] {
  const read: Uint8Array[] = [];
  for (let at = 0; at < parts.length; ) {
    const some = together(parts.slice(at, at + MOST_ITEMS));
    if (some.length === 0) read.push(readItem(calls, parts[at]!.path, parts[at]!.offset, parts[at]!.bytes).bytes);
    else {
      const items = some.map(({ path, offset, bytes }) => ({ kind: 'read', path, offset, mostBytes: bytes }) as const);
      read.push(...decodeItems(calls.ask({ op: 'items', items }), items.length).map(({ bytes }) => bytes));
    }
    at += Math.max(1, some.length);
  }
  return read;
}

function together(parts: readonly FilePart[]): readonly FilePart[] {
  let bytes = 0;
  let count = 0;
  while (count < parts.length && bytes + parts[count]!.bytes <= TOGETHER_BYTES) {
    bytes += parts[count]!.bytes;
    count += 1;
  }
  return parts.slice(0, count);
}

function readItem(calls: ReaderCalls, path: string, offset: number, bytes: number) {
  const parts: Uint8Array[] = [];
  for (let at = 0; ; ) {
    const mostBytes = Math.min(bytes - at, MOST_ITEM_BYTES);
    const frames = calls.ask({ op: 'items', items: [{ kind: 'read', path, offset: offset + at, mostBytes }] });
    const [{ errno, bytes: part }] = decodeItems(frames, 1) as [{ errno: number; bytes: Uint8Array }];
    parts.push(part);
    at += part.length;
    if (errno !== 0 || part.length < mostBytes || at >= bytes) return { errno, bytes: Buffer.concat(parts) };
  }
}

function mapsOf(calls: ReaderCalls, pid: number): MemoryMap[] {
  const { errno, bytes } = readItem(calls, `/proc/${pid}/maps`, 0, MOST_MAPS_BYTES);
  if (errno === 0) return parseMaps(bytes.toString('utf8'));
  // Its words for an error that has no words of its own.
  const payload = Buffer.concat([Buffer.from([errno & 255, errno >> 8, 0, 0]), Buffer.from(`maps of ${pid}`)]);
  expectEnd({ kind: FRAME.error, payload });
  return [];
}

/** A byte a page for each range, asked for in pieces. */
function statesOf(
  calls: ReaderCalls,
  pid: number,
  op: 'pages' | 'pools',
  ranges: readonly Range[],
  pieceBytes: number,
): Uint8Array[] {
  const parts = inPieces(ranges, pieceBytes);
  const answers = parts.map((): Frame[] => []);
  calls.askAll(
    parts.map((each): ReaderRequest => ({ op, pid, ranges: each })),
    ({ kind, payload }, at) => {
      if (kind === FRAME.error) expectEnd({ kind, payload });
      answers[at]!.push({ kind, payload: payload.slice() });
    },
  );
  const states = Buffer.concat(parts.map((each, at) => decodePacked(answers[at]!, pagesIn(each))));
  let at = 0;
  return ranges.map((range) => {
    const from = at;
    at += pagesIn([range]);
    return states.subarray(from, at);
  });
}

const pagesIn = (ranges: readonly Range[]) =>
  ranges.reduce((sum, { start, end }) => sum + Math.ceil((end - start) / PAGE_BYTES), 0);

/** Ranges in groups of so many bytes; long ones are cut. */
function inPieces(ranges: readonly Range[], mostBytes: number): Range[][] {
  const pieces: Range[][] = [];
  let room = 0;
  for (const { start, end } of ranges) {
    for (let at = start; at < end; ) {
      if (room === 0 || pieces.at(-1)!.length === MOST_RANGES) {
        pieces.push([]);
        room = mostBytes;
      }
      const to = Math.min(end, at + room);
      pieces.at(-1)!.push({ start: at, end: to });
      room -= to - at;
      at = to;
    }
  }
  return pieces;
}

function readAt(calls: ReaderCalls, pid: number, address: number, into: Uint8Array): number {
  let got = 0;
  while (got < into.length) {
    const bytes = Math.min(READ_BYTES, into.length - got);
    const from = got;
    calls.askAll([{ op: 'read', pid, address: address + got, bytes }], (frame) => {
      if (frame.kind !== FRAME.data) return expectEnd(frame);
      if (got + frame.payload.length > from + bytes) throw broken('more than was asked for');
      into.set(frame.payload, got);
      got += frame.payload.length;
    });
    if (got < from + bytes) break;
  }
  return got;
}

function copyPages(calls: ReaderCalls, pid: number, pack: boolean, ranges: readonly Range[], take: TakePages): number {
  let copied = 0;
  calls.askAll(
    inPieces(ranges, COPY_BYTES).map((each): ReaderRequest => ({ op: 'copy', pid, pack, ranges: each })),
    (frame) => {
      if (frame.kind === FRAME.pages) copied += decodePages(frame, take);
      else endNumbers(frame, 1);
    },
  );
  return copied;
}

function changesOf(calls: ReaderCalls, pid: number, pack: boolean, take: TakePages): { pages: number; ms: number } {
  let [pages, micros, cursor] = [0, 0, 0];
  do {
    const asked: ReaderRequest = { op: 'changes', pid, pack, cursor, mostPages: CHANGED_PAGES };
    calls.askAll([asked], (frame) => {
      if (frame.kind === FRAME.pages) {
        decodePages(frame, take);
        return;
      }
      const [following, changed, , took] = endNumbers(frame, 4) as [number, number, number, number];
      if (following !== 0 && following <= cursor) throw broken('a round that goes back');
      cursor = following;
      pages += changed;
      micros += took;
    });
  } while (cursor > 0);
  return { pages, ms: micros / 1000 };
}

function stopAndSee(
  calls: ReaderCalls,
  pid: number,
  pack: boolean,
  { maxPauseMs, bufferBytes }: StopLimits,
  take: TakePages,
): Stopped {
  const maps: Uint8Array[] = [];
  let mapsBytes = 0;
  let stopped: Stopped | undefined;
  // What is left of a pause may be less than a millisecond, which is sent as whole ones.
  const mostMs = Math.ceil(Math.min(MOST_PAUSE_MS, maxPauseMs));
  calls.askAll([{ op: 'stopped', pid, pack, maxPauseMs: mostMs, bufferBytes }], (frame) => {
    if (frame.kind === FRAME.pages) decodePages(frame, take);
    else if (frame.kind === FRAME.maps) {
      maps.push(unpackMaps(frame, MOST_MAPS_BYTES - mapsBytes));
      mapsBytes += maps.at(-1)!.length;
    } else stopped = stoppedOf(endNumbers(frame, 6), maps);
  });
  return stopped!;
}

function unpackMaps({ payload }: Frame, mostBytes: number): Uint8Array {
  try {
    return inflateSync(payload, { maxOutputLength: Math.max(1, mostBytes) });
  } catch {
    throw broken('maps that cannot be unpacked');
  }
}

function stoppedOf(numbers: readonly number[], maps: readonly Uint8Array[]): Stopped {
  const [atMicros, pauseMicros, changedPages, missed, unchecked, mapsBytes] = numbers;
  const text = Buffer.concat(maps);
  if (text.length !== mapsBytes) throw broken('maps that are not whole');
  return {
    atUnixSeconds: atMicros! / 1e6,
    pauseMs: pauseMicros! / 1000,
    changedPages: changedPages!,
    missedPages: missed! + unchecked!,
    maps: parseMaps(text.toString('utf8')),
  };
}

function gatherAt(calls: ReaderCalls, pid: number, addresses: Float64Array, bytes: number): Uint8Array {
  const requests: { op: 'gather'; pid: number; bytes: number; addresses: Float64Array }[] = [];
  for (let at = 0; at < addresses.length; at += GATHERED) {
    requests.push({ op: 'gather', pid, bytes, addresses: addresses.subarray(at, at + GATHERED) });
  }
  const answers = requests.map((): Frame[] => []);
  calls.askAll(requests, ({ kind, payload }, at) => answers[at]!.push({ kind, payload: payload.slice() }));
  return Buffer.concat(requests.map((each, at) => decodePacked(answers[at]!, each.addresses.length * bytes)));
}
