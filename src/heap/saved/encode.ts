import { constants, crc32, zstdCompressSync } from 'node:zlib';
import type { HeapPathStep } from '../answer.ts';
import { HeapError } from '../heap-error.ts';
import type { HeapRecord, RecordRoot } from '../query/record.ts';
import {
  CHUNK_HEAD_BYTES,
  containersIn,
  HEAD_BYTES,
  MAGIC,
  MOST_CHUNK_BYTES,
  MOST_ROOT_ROWS,
  MOST_STEPS,
  SECTIONS,
  type Section,
  TEXT_LIMITS,
  type TextSection,
  VERSION,
} from './layout.ts';
import { TargetCode } from './target-code.ts';
import { folded, LONGEST_NUMBER_BYTES, writeNumber } from './varint.ts';

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const SOME_KEY: HeapPathStep = { kind: 'key', name: '[…]' };

/**
 * A heap as the pieces of its file, made one after the other: beside a megabyte of them only the tables of names are held.
 * There is nothing in it of what the objects contain: only who refers to whom, sizes, types, and the names that paths are
 * told by. Throws HeapError where a table of names is longer than a reader takes.
 */
export function* encodeHeap(record: HeapRecord, summary: unknown): Generator<Uint8Array> {
  const edges = record.firstEdge[record.count]!;
  yield head();
  yield* text('summary', summary);
  yield* numbers('counts', 3, (at) => [record.count, edges, record.roots.length][at]!);
  yield* text('typeNames', record.typeNames);
  const roots = new RootTable();
  yield* numbers('roots', 2 * record.roots.length, rootCodes(record, roots));
  yield* text('rootTable', roots.rows);
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

function* text(section: TextSection, value: unknown): Generator<Uint8Array> {
  const bytes = Buffer.from(JSON.stringify(value));
  const most = TEXT_LIMITS[section];
  if (bytes.length > most.bytes || containersIn(bytes) > most.containers) {
    throw new HeapError(
      'refused',
      `The heap cannot be saved: its ${section} are too long.`,
      'Ask the process itself: whyoom heap --pid N --path-to TYPE',
    );
  }
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

/** Two numbers of each root: the difference of ids from the one before, folded, and the row in the table. */
function rootCodes({ roots }: HeapRecord, table: RootTable): (at: number) => number {
  return (at) => {
    const root = roots[at >>> 1]!;
    return at % 2 === 1 ? table.numberOf(root) : folded(root.id - (roots[(at >>> 1) - 1]?.id ?? 0));
  };
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

/** Bytes of a row as JSON, and the comma. */
const rowBytes = (row: unknown): number => Buffer.byteLength(JSON.stringify(row)) + 1;

/** Kept free for what stands for all that is not told apart. */
const SPARE_BYTES = 4096;

/** Kinds of roots with their steps, numbered from 0. Millions of roots may be of one kind: garbage, for one. */
class RootTable {
  readonly rows: [kind: string, step: StepRow | null][] = [];
  private readonly byText = new Map<string, number>();
  private leftBytes = TEXT_LIMITS.rootTable.bytes - SPARE_BYTES;

  numberOf({ kind, step }: Pick<RecordRoot, 'kind' | 'step'>): number {
    const text = `${kind}\0${step === undefined ? '' : textOf(step)}`;
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    const row: [string, StepRow | null] = [kind, step === undefined ? null : rowOf(step)];
    const bytes = rowBytes(row);
    if (step !== undefined && (this.rows.length >= MOST_ROOT_ROWS || bytes > this.leftBytes)) {
      return this.numberOf({ kind, step: undefined });
    }
    this.leftBytes -= bytes;
    this.byText.set(text, this.rows.push(row) - 1);
    return this.rows.length - 1;
  }
}

const textOf = ({ kind, name, file, line }: HeapPathStep): string => `${kind}\0${name}\0${file ?? ''}\0${line ?? ''}`;

/** Steps that are told apart, numbered from 1. */
class StepTable {
  readonly rows: StepRow[] = [];
  private readonly known = new Map<HeapPathStep, number>();
  private readonly byText = new Map<string, number>();
  private leftBytes = TEXT_LIMITS.stepTable.bytes - SPARE_BYTES;

  numberOf(step: HeapPathStep | undefined): number {
    if (step === undefined) return 0;
    const known = this.known.get(step);
    if (known !== undefined) return known;
    const number = this.byText.get(textOf(step)) ?? this.add(step);
    // Most steps are one of a few constants; the rest is made anew each time.
    if (this.known.size < 16) this.known.set(step, number);
    return number;
  }

  private add(step: HeapPathStep): number {
    const bytes = rowBytes(rowOf(step));
    const isFull = this.rows.length >= MOST_STEPS - 1 || bytes > this.leftBytes;
    if (isFull && step !== SOME_KEY) return this.numberOf(SOME_KEY);
    this.leftBytes -= bytes;
    this.byText.set(textOf(step), this.rows.push(rowOf(step)));
    return this.rows.length;
  }
}
