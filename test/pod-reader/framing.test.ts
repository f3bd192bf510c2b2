import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeapError } from '../../src/heap/heap-error.ts';
import { PAGE_BYTES } from '../../src/heap/memory/snapshot.ts';
import {
  decodeItems,
  decodeList,
  decodePacked,
  decodePages,
  decodeStat,
  endNumbers,
} from '../../src/pod-reader/answers.ts';
import { decodeHello } from '../../src/pod-reader/hello.ts';
import {
  encodeFrame,
  FRAME,
  type Frame,
  FrameSplitter,
  HEADER_BYTES,
  isLast,
  MOST_FRAME_BYTES,
} from '../../src/pod-reader/protocol.ts';
import { encodeRequest, MOST_ITEMS } from '../../src/pod-reader/requests.ts';

const kind = fc.constantFrom(...Object.values(FRAME));
const frame = fc.record({ kind, payload: fc.uint8Array({ maxLength: 300 }) });

/** Cuts bytes at random places. */
function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((each) => each % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

/** What a decoder makes of hostile bytes: a value, or an error that a person can read. Anything else fails the test. */
function survives(decode: () => unknown): void {
  try {
    decode();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(HeapError);
    expect((thrown as HeapError).message).toMatch(/^[ -~]+$/);
  }
}

test('frames come out as they went in, wherever the stream was cut', () => {
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat()), (frames, places) => {
      const splitter = new FrameSplitter();
      const got = cut(Buffer.concat(frames.map(encodeFrame)), places).flatMap((piece) => splitter.push(piece));
      expect(got.map(({ kind, payload }) => [kind, [...payload]])).toEqual(
        frames.map(({ kind, payload }) => [kind, [...payload]]),
      );
      expect(splitter.waitingBytes).toBe(0);
    }),
  );
});

test('a stream that is no protocol is refused in words, and nothing is kept for a length that somebody claims', () => {
  const splitter = () => new FrameSplitter();
  expect(() => splitter().push(Buffer.from('bash: python: command not found\n'))).toThrow(/not what whyoom's reader/);
  const long = Buffer.alloc(HEADER_BYTES);
  long[0] = FRAME.data;
  long.writeUInt32LE(MOST_FRAME_BYTES + 1, 1);
  expect(() => splitter().push(long)).toThrow(/frame of 1048577 bytes/);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => survives(() => splitter().push(bytes))));
});

test('no payload of any frame crashes a decoder', () => {
  fc.assert(
    fc.property(frame, fc.array(frame, { maxLength: 4 }), fc.nat(100), (one, frames, count) => {
      survives(() => decodeHello(one));
      survives(() => decodeItems(frames, count));
      survives(() => decodePacked(frames, count));
      survives(() => decodePages({ ...one, kind: FRAME.pages }, () => {}));
      survives(() => endNumbers(one, count));
      survives(() => decodeStat(one.payload));
      decodeList(one.payload);
    }),
    { numRuns: 500 },
  );
});

test('only the greeting, an end and an error end an answer', () => {
  const last = Object.entries(FRAME).filter(([, kind]) => isLast({ kind, payload: new Uint8Array() }));
  expect(last.map(([name]) => name)).toEqual(['hello', 'end', 'error']);
});

test('pages are handed on by their runs, packed or not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ page: fc.integer({ min: 1, max: 2 ** 34 }), pages: fc.integer({ min: 1, max: 4 }) }), {
        minLength: 1,
        maxLength: 10,
      }),
      fc.boolean(),
      (runs, packed) => {
        const got: [number, number, number][] = [];
        const frame = pagesFrame(runs, packed);
        decodePages(frame, (address, bytes) => got.push([address, bytes.length, bytes[0]!]));
        expect(got).toEqual(runs.map(({ page, pages }, at) => [page * PAGE_BYTES, pages * PAGE_BYTES, at]));
      },
    ),
  );
});

function pagesFrame(runs: readonly { page: number; pages: number }[], packed: boolean): Frame {
  const head = Buffer.alloc(5 + 12 * runs.length);
  head[0] = Number(packed);
  head.writeUInt32LE(runs.length, 1);
  runs.forEach(({ page, pages }, at) => {
    head.writeBigUInt64LE(BigInt(page * PAGE_BYTES), 5 + 12 * at);
    head.writeUInt32LE(pages, 5 + 12 * at + 8);
  });
  const data = Buffer.concat(runs.map(({ pages }, at) => Buffer.alloc(pages * PAGE_BYTES, at)));
  return { kind: FRAME.pages, payload: Buffer.concat([head, packed ? deflateSync(data) : data]) };
}

test('data that unpacks to more than was asked for is refused before it takes memory', () => {
  const bomb = { kind: FRAME.data, payload: deflateSync(Buffer.alloc(1 << 24)) };
  expect(() => decodePacked([bomb], 4096)).toThrow(HeapError);
  const pages = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), bomb.payload]);
  expect(() => decodePages({ kind: FRAME.pages, payload: pages }, () => {})).toThrow(HeapError);
});

test('what cannot be asked is refused here, not there', () => {
  const asked = (address: number) => () => encodeRequest({ op: 'read', pid: 1, address, bytes: 8 });
  for (const address of [-1, Number.NaN, 2 ** 60, 0.5]) expect(asked(address)).toThrow(HeapError);
  expect(asked(2 ** 47)).not.toThrow();
  const addresses = new Float64Array(200_000);
  expect(() => encodeRequest({ op: 'gather', pid: 1, bytes: 8, addresses })).toThrow(/longer than the reader/);
  const items = Array.from({ length: MOST_ITEMS + 1 }, () => ({ kind: 'stat' as const, path: '/' }));
  expect(() => encodeRequest({ op: 'items', items })).toThrow(HeapError);
});

test("a reader's error is told by what it means", () => {
  const error = (errno: number, text: string) => {
    const payload = Buffer.concat([Buffer.from([errno, 0, 0, 0]), Buffer.from(text)]);
    return () => endNumbers({ kind: FRAME.error, payload }, 0);
  };
  expect(error(3, 'maps of 7')).toThrow(/has ended \(maps of 7\)/);
  expect(error(1, 'mem of 7')).toThrow(expect.objectContaining({ code: 'denied' }));
  expect(error(110, 'thread 8 in state D')).toThrow(expect.objectContaining({ code: 'timeout' }));
  expect(error(5, '\x1b[2Jhostile')).toThrow(/\?\[2Jhostile/);
});

test('a greeting of another version is told from no greeting', () => {
  const hello = (value: unknown) => () =>
    decodeHello({ kind: FRAME.hello, payload: Buffer.from(JSON.stringify(value)) });
  const good = { version: 1, python: '3.12.1', pid: 7, uid: 0, pageBytes: 4096, left: false, canStop: true };
  expect(hello(good)()).toEqual(good);
  expect(hello({ ...good, version: 2 })).toThrow(/speaks version 2/);
  expect(hello({ ...good, pid: 'x' })).toThrow(/makes no sense/);
});
