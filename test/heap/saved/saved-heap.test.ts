import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { HeapError } from '../../../src/heap/heap-error.ts';
import { pathsTo } from '../../../src/heap/query/paths.ts';
import { decodeHeap } from '../../../src/heap/saved/decode.ts';
import { encodeHeap } from '../../../src/heap/saved/encode.ts';
import { CHUNK_HEAD_BYTES, HEAD_BYTES, MAGIC, MOST_ROOT_ROWS, SECTIONS } from '../../../src/heap/saved/layout.ts';
import { type MadeHeap, madeHeaps, recordOf, toldBy } from './made-record.ts';

const ENOUGH = 1 << 30;
const SUMMARY = { tool: '0.1.0', target: 'python app.py' };

const encoded = (made: MadeHeap) => Buffer.concat([...encodeHeap(recordOf(made), SUMMARY)]);
const open = (bytes: Uint8Array, availableBytes = ENOUGH) =>
  decodeHeap({ size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) }, availableBytes);

const EXAMPLE: MadeHeap = {
  objects: [
    { type: 1, size: 64, address: 0x7f0000000010, above: 0, targets: [1, 2], steps: [1, 2, 0, 0, 0, 0] },
    { type: 2, size: 48, address: 0x7f0000000100, above: 0, targets: [0], steps: [0, 0, 0, 0, 0, 0] },
    { type: 2, size: 48, address: 0x7f0000000200, above: 0, targets: [], steps: [0, 0, 0, 0, 0, 0] },
  ],
  typeNames: ['<frame>', 'dict', 'app.models.User'],
  roots: [{ id: 0, kind: 'modules' }],
};

test('what is saved is what is opened', () => {
  fc.assert(
    fc.property(madeHeaps, (made) => {
      const { record, summary } = open(encoded(made));
      expect(toldBy(record)).toEqual(toldBy(recordOf(made)));
      expect(summary).toEqual(SUMMARY);
    }),
  );
});

test('numbers of many chunks come back', () => {
  const count = 400_000;
  const wide = Array.from({ length: count }, (_, id) => ({
    ...EXAMPLE.objects[0]!,
    address: 0x7f0000000000 + ((id * 2_654_435_761) % 2 ** 32) * 8,
    size: (id * 7919) % 100_003,
    above: count,
    targets: [(id * 31) % count],
  }));
  const made = { ...EXAMPLE, objects: wide };
  const bytes = encoded(made);
  expect(bytes.length / count).toBeLessThan(20);
  const { record } = open(bytes);
  const from = recordOf(made);
  for (let id = 0; id < count; id += 997) {
    expect([record.addressOf(id), record.sizeOf(id), record.edges[id]]).toEqual([
      from.addressOf(id),
      from.sizeOf(id),
      from.edges[id],
    ]);
  }
});

test('the paths in an opened heap are those of the heap that was saved', () => {
  fc.assert(
    fc.property(madeHeaps, (made) => {
      const { record } = open(encoded(made));
      const asked = ['dict', 'User', ...made.objects.slice(0, 5).map(({ address }) => `0x${address.toString(16)}`)];
      for (const wanted of asked) expect(answer(record, wanted)).toEqual(answer(recordOf(made), wanted));
    }),
  );
});

/** The paths, or why there are none. Any other error than the reader's own fails the test. */
function answer(record: ReturnType<typeof recordOf>, wanted: string): unknown {
  try {
    return pathsTo(record, wanted, 10);
  } catch (thrown) {
    if (thrown instanceof HeapError) return thrown.message;
    throw thrown;
  }
}

test('no byte of the file can change, be missing or be added unnoticed', () => {
  const bytes = encoded(EXAMPLE);
  for (let at = 0; at < bytes.length; at += 1) {
    for (const bit of [1, 16, 128]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= bit;
      expect(() => open(changed), `byte ${at}`).toThrow(HeapError);
    }
    expect(() => open(bytes.subarray(0, at)), `cut at ${at}`).toThrow(HeapError);
  }
  expect(() => open(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(/something follows its end/);
});

/** The file with the content of one section replaced, checksums and all: what only a forger would write. */
function forged(bytes: Buffer, section: number, change: (content: Buffer) => Buffer): Buffer {
  const pieces = [bytes.subarray(0, HEAD_BYTES)];
  for (let at = HEAD_BYTES; at < bytes.length; ) {
    const head = Buffer.from(bytes.subarray(at, at + CHUNK_HEAD_BYTES));
    const length = head.readUInt32LE(8);
    let stored: Buffer = bytes.subarray(at + CHUNK_HEAD_BYTES, at + CHUNK_HEAD_BYTES + length);
    at += CHUNK_HEAD_BYTES + length;
    if (head.readUInt32LE(0) === section) {
      const content = change(zstdDecompressSync(stored));
      stored = zstdCompressSync(content);
      head.writeUInt32LE(content.length, 4);
      head.writeUInt32LE(stored.length, 8);
      head.writeUInt32LE(crc32(stored, crc32(head.subarray(0, 12))), 12);
    }
    pieces.push(head, stored);
  }
  return Buffer.concat(pieces);
}

test('a forged file is refused, or answers like any other', () => {
  fc.assert(
    fc.property(
      madeHeaps,
      fc.constantFrom(...Object.values(SECTIONS)),
      fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      (made, section, changes, cut) => {
        const bytes = forged(encoded(made), section, (content) => {
          for (const { at, value } of changes) if (content.length > 0) content[at % content.length] = value;
          return content.subarray(0, content.length - (cut % (content.length + 1)));
        });
        try {
          const { record } = open(bytes);
          for (const wanted of ['dict', 'User', '0x7f0000000010']) answer(record, wanted);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(HeapError);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('a file that says that it holds more than it does takes no memory for it', () => {
  const many = forged(encoded(EXAMPLE), SECTIONS.counts, () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 3, 1]));
  expect(() => open(many)).toThrow(/it holds less than it says/);
});

test('a heap that is too large for this machine is refused', () => {
  expect(() => open(encoded(EXAMPLE), 100)).toThrow(/no memory here to open that many/);
});

test('millions of roots of one kind come back, in the order in which they were', () => {
  const count = 3_000_000;
  const roots = Array.from({ length: count }, (_, at) => ({
    id: (at * 2) % 3,
    kind: 'unreached',
    step: { kind: 'root', name: '<nobody: list>' },
  }));
  const bytes = Buffer.concat([...encodeHeap({ ...recordOf(EXAMPLE), roots }, SUMMARY)]);
  const { record } = open(bytes);
  expect(record.roots.length).toBe(count);
  for (let at = 0; at < count; at += 99_991) expect(record.roots[at]).toEqual(roots[at]);
});

test('roots with more steps than are told apart are opened with what fits', () => {
  const roots = Array.from({ length: MOST_ROOT_ROWS + 10 }, (_, at) => ({
    id: 0,
    kind: 'modules',
    step: { kind: 'module', name: `app.part${at}` },
  }));
  const { record } = open(Buffer.concat([...encodeHeap({ ...recordOf(EXAMPLE), roots }, SUMMARY)]));
  expect(record.roots.slice(0, MOST_ROOT_ROWS)).toEqual(roots.slice(0, MOST_ROOT_ROWS));
  expect(record.roots.at(-1)).toEqual({ id: 0, kind: 'modules', step: undefined });
});

test('what could not be opened is not saved', () => {
  const typeNames = ['<frame>', 'x'.repeat(33 << 20), 'app.models.User'];
  const save = () => [...encodeHeap({ ...recordOf(EXAMPLE), typeNames }, SUMMARY)];
  expect(save).toThrow(HeapError);
  expect(save).toThrow(/cannot be saved: its typeNames are too long/);
});

test.each(['typeNames', 'rootTable', 'stepTable'] as const)(
  'a bomb of lists in %s is refused before it is parsed',
  (section) => {
    const file = forged(encoded(EXAMPLE), SECTIONS[section], () => Buffer.from('['.repeat(600_000)));
    const parse = vi.spyOn(JSON, 'parse');
    try {
      expect(() => open(file)).toThrow(new RegExp(`its ${section} make no sense`));
      expect(parse.mock.calls.filter(([text]) => text.length > 100_000)).toEqual([]);
    } finally {
      parse.mockRestore();
    }
  },
);

test('brackets in names are no lists', () => {
  const typeNames = ['<frame>', '[[{"\\\\"}]]', 'app.models.User'];
  const { record } = open(Buffer.concat([...encodeHeap({ ...recordOf(EXAMPLE), typeNames }, SUMMARY)]));
  expect(record.typeNames).toEqual(typeNames);
});

test('names that take more memory than there is are refused', () => {
  const names = forged(encoded(EXAMPLE), SECTIONS.typeNames, () => Buffer.from(`[${'"",'.repeat(300_000)}""]`));
  expect(() => open(names, 5 << 20)).toThrow(/no memory here to open that many/);
});

test('dominators in a circle are refused', () => {
  const circle = forged(encoded(EXAMPLE), SECTIONS.dominators, () => Buffer.from([3, 2, 0]));
  expect(() => open(circle)).toThrow(/in a circle/);
});

test('a newer format is told from a damaged file, and from no heap at all', () => {
  const newer = encoded(EXAMPLE);
  newer[MAGIC.length] = 2;
  expect(() => open(newer)).toThrow(/has the format 2; this whyoom reads up to 1/);
  expect(() => open(Buffer.from('PK\x03\x04 something else'))).toThrow(/This is no saved heap/);
  expect(() => open(Buffer.alloc(0))).toThrow(/This is no saved heap/);
});
