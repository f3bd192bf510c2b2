import { constants, crc32, zstdCompressSync } from 'node:zlib';
import type { HeapPathStep } from '../answer.ts';
import type { HeapRecord } from '../query/record.ts';
import {
  CHUNK_HEAD_BYTES,
  HEAD_BYTES,
  MAGIC,
  MOST_CHUNK_BYTES,
  MOST_STEPS,
  SECTIONS,
  type Section,
  VERSION,
} from './layout.ts';
import { TargetCode } from './target-code.ts';
import { folded, LONGEST_NUMBER_BYTES, writeNumber } from './varint.ts';

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const SOME_KEY: HeapPathStep = { kind: 'key', name: '[…]' };

/**
 * A heap as the pieces of its file, made one after the other: a megabyte of them at a time is all that is held. There is
 * nothing in it of what the objects contain: only who refers to whom, sizes, types, and the names that paths are told by.
 */
export function* encodeHeap(record: HeapRecord, summary: unknown): Generator<Uint8Array> {
  const edges = record.firstEdge[record.count]!;
  yield head();
  yield* text('summary', summary);
  yield* numbers('counts', 2, (at) => (at === 0 ? record.count : edges));
  yield* text('typeNames', record.typeNames);
  yield* text(
    'roots',
    record.roots.map(({ id, kind, step }) => [id, kind, step === undefined ? null : rowOf(step)]),
  );
  yield* numbers('types', record.count, (id) => record.typeOf(id));
  yield* numbers('sizes', record.count, (id) => record.sizeOf(id));
  yield* numbers('addresses', record.count, addressCodes(record));
  yield* numbers('dominators', record.count, dominatorCodes(record));
  yield* numbers('degrees', record.count, (id) => record.firstEdge[id + 1]! - record.firstEdge[id]!);
  yield* numbers('targets', edges, targetCodes(record));
  const steps = new StepTable();
  yield* numbers('steps', edges, stepCodes(record, steps));
  yield* text('stepTable', steps.rows);
  yield chunk('end', new Uint8Array(0));
}

function head(): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.length, VERSION, true);
  return bytes;
}

function* text(section: Section, value: unknown): Generator<Uint8Array> {
  const bytes = Buffer.from(JSON.stringify(value));
  for (let at = 0; at < bytes.length; at += MOST_CHUNK_BYTES) {
    yield chunk(section, bytes.subarray(at, at + MOST_CHUNK_BYTES));
  }
}

/** A number of each object or edge. No number is split between chunks. */
function* numbers(section: Section, count: number, numberAt: (at: number) => number): Generator<Uint8Array> {
  const bytes = new Uint8Array(MOST_CHUNK_BYTES);
  let length = 0;
  for (let at = 0; at < count; at += 1) {
    length = writeNumber(numberAt(at), bytes, length);
    if (length <= MOST_CHUNK_BYTES - LONGEST_NUMBER_BYTES) continue;
    yield chunk(section, bytes.subarray(0, length));
    length = 0;
  }
  if (length > 0) yield chunk(section, bytes.subarray(0, length));
}

function chunk(section: Section, content: Uint8Array): Uint8Array {
  const stored = zstdCompressSync(content, LEVEL);
  const bytes = new Uint8Array(CHUNK_HEAD_BYTES + stored.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, SECTIONS[section], true);
  view.setUint32(4, content.length, true);
  view.setUint32(8, stored.length, true);
  bytes.set(stored, CHUNK_HEAD_BYTES);
  view.setUint32(12, crc32(stored, crc32(bytes.subarray(0, 12))), true);
  return bytes;
}

/** The way from the object before, in words of 8 bytes. */
function addressCodes(record: HeapRecord): (id: number) => number {
  let before = 0;
  return (id) => {
    const place = record.addressOf(id) / 8;
    const code = folded(place - before);
    before = place;
    return code;
  };
}

/** 0 for none, else by how much it is another than that of the object before. */
function dominatorCodes(record: HeapRecord): (id: number) => number {
  let before = 0;
  return (id) => {
    const dominator = record.dominatorOf(id);
    if (dominator === record.count) return 0;
    const code = folded(dominator - before) + 1;
    before = dominator;
    return code;
  };
}

function targetCodes({ firstEdge, edges }: HeapRecord): (edge: number) => number {
  const code = new TargetCode();
  let from = 0;
  return (edge) => {
    while (firstEdge[from + 1]! <= edge) from += 1;
    return code.encode(from, edges[edge]!);
  };
}

function stepCodes(record: HeapRecord, steps: StepTable): (edge: number) => number {
  let from = 0;
  return (edge) => {
    while (record.firstEdge[from + 1]! <= edge) from += 1;
    return steps.numberOf(record.stepOf(from, edge));
  };
}

type StepRow = [kind: string, name: string, file: string | null, line: number | null];

const rowOf = ({ kind, name, file, line }: HeapPathStep): StepRow => [kind, name, file ?? null, line ?? null];

/** Steps that are told apart, numbered from 1. */
class StepTable {
  readonly rows: StepRow[] = [];
  private readonly known = new Map<HeapPathStep, number>();
  private readonly byText = new Map<string, number>();

  numberOf(step: HeapPathStep | undefined): number {
    if (step === undefined) return 0;
    const known = this.known.get(step);
    if (known !== undefined) return known;
    const text = `${step.kind}\0${step.name}\0${step.file ?? ''}\0${step.line ?? ''}`;
    const number = this.byText.get(text) ?? this.add(step, text);
    // Most steps are one of a few constants; the rest is made anew each time.
    if (this.known.size < 16) this.known.set(step, number);
    return number;
  }

  private add(step: HeapPathStep, text: string): number {
    if (this.rows.length >= MOST_STEPS) return this.numberOf(SOME_KEY);
    const fits = this.rows.length === MOST_STEPS - 1 ? SOME_KEY : step;
    this.rows.push(rowOf(fits));
    this.byText.set(fits === step ? text : `${fits.kind}\0${fits.name}\0\0`, this.rows.length);
    return this.rows.length;
  }
}
