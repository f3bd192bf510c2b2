import type { HeapPathStep } from '../answer.ts';
import { HeapError } from '../heap-error.ts';
import type { HeapRecord, RecordRoot } from '../query/record.ts';
import { type ByteSource, Chunks, damaged } from './chunks.ts';
import { type Section, TEXT_LIMITS, type TextSection } from './layout.ts';
import { retainedBytes } from './retained.ts';
import { TargetCode } from './target-code.ts';
import { NumberReader, unfolded } from './varint.ts';

export interface SavedHeap {
  /** As it was given when the heap was saved; to be checked by the caller. */
  readonly summary: unknown;
  readonly record: HeapRecord;
}

/** Of this process, beside the file: typed arrays, and what a search for paths takes. */
const BYTES_AN_OBJECT = 60;
const BYTES_AN_EDGE = 8;
const BYTES_A_ROOT = 60;
/** Of each byte of JSON at most, where lists in it are few: a short string takes forty, beside the text itself. */
const BYTES_A_TEXT_BYTE = 10;

/**
 * Opens a saved heap. It may come from anywhere: whatever is wrong with it is a HeapError. No memory is taken for what
 * the file only says that it holds: each number takes a byte of content at least, and `availableBytes` is the limit.
 */
export function decodeHeap(source: ByteSource, availableBytes: number): SavedHeap {
  const chunks = new Chunks(source);
  const [count, edgeCount, rootCount] = readCounts(chunks, availableBytes);
  const typeNames = strings(chunks.json('typeNames'), 'typeNames');
  const types = column(chunks, 'types', new Uint32Array(count), below(typeNames.length, 'types'));
  const sizes = column(chunks, 'sizes', new Float64Array(count), (value) => value);
  const addresses = column(chunks, 'addresses', new Float64Array(count), addressFrom());
  const dominators = column(chunks, 'dominators', new Uint32Array(count), dominatorFrom(count));
  const firstEdge = readFirstEdges(chunks, count, edgeCount);
  const edges = column(chunks, 'targets', new Uint32Array(edgeCount), targetFrom(firstEdge, count));
  const table = stepRows(chunks.json('stepTable'));
  const steps = column(chunks, 'steps', new Uint32Array(edgeCount), below(table.length + 1, 'steps'));
  const retained = retainedBytes(sizes, dominators);
  if (retained === undefined) throw damaged('its dominators lead in a circle');
  return {
    summary: chunks.json('summary'),
    record: {
      count,
      typeNames,
      firstEdge,
      edges,
      roots: readRoots(chunks, rootCount, count),
      typeOf: (id) => types[id]!,
      sizeOf: (id) => sizes[id]!,
      addressOf: (id) => addresses[id]!,
      retainedOf: (id) => retained[id]!,
      dominatorOf: (id) => dominators[id]!,
      idAt: (address) => addresses.indexOf(address),
      stepOf: (_, edge) => table[steps[edge]! - 1],
    },
  };
}

function readCounts(chunks: Chunks, availableBytes: number): [objects: number, edges: number, roots: number] {
  const counts = new Float64Array(3);
  column(chunks, 'counts', counts, (value) => value);
  const [objects, edges, roots] = [counts[0]!, counts[1]!, counts[2]!];
  const [objectBytes, edgeBytes, rootBytes] = (['types', 'targets', 'roots'] as const).map((section) =>
    chunks.contentBytes(section),
  );
  if (objects > objectBytes! || edges > edgeBytes! || 2 * roots > rootBytes!)
    throw damaged('it holds less than it says');
  const texts = Object.keys(TEXT_LIMITS).reduce((sum, each) => sum + chunks.contentBytes(each as TextSection), 0);
  const taken = objects * BYTES_AN_OBJECT + edges * BYTES_AN_EDGE + roots * BYTES_A_ROOT + texts * BYTES_A_TEXT_BYTE;
  if (taken <= availableBytes) return [objects, edges, roots];
  throw new HeapError(
    'refused',
    `The saved heap has ${Math.round(objects / 1e6)} million objects and ${texts >> 20} MiB of names; there is no memory here to open that many.`,
    'Open it on a machine that has more free.',
  );
}

/** Fills `into` with the numbers of a section, each as `decode` gives it. Throws where there are more or fewer. */
function column<T extends Uint32Array | Float64Array>(
  chunks: Chunks,
  section: Section,
  into: T,
  decode: (value: number, at: number) => number,
): T {
  let at = 0;
  for (const content of chunks.contents(section)) {
    const reader = new NumberReader(content);
    for (; !reader.isAtEnd; at += 1) {
      const value = reader.next();
      if (value < 0 || at >= into.length) throw damaged(`its ${section} make no sense`);
      into[at] = decode(value, at);
    }
  }
  if (at !== into.length) throw damaged(`some of its ${section} are missing`);
  return into;
}

function checked(value: number, limit: number, section: Section): number {
  if (value >= 0 && value < limit) return value;
  throw damaged(`its ${section} make no sense`);
}

const below = (limit: number, section: Section) => (value: number) => checked(value, limit, section);

function addressFrom(): (value: number) => number {
  let place = 0;
  return (value) => {
    place = checked(place + unfolded(value), 2 ** 50, 'addresses');
    return place * 8;
  };
}

function dominatorFrom(count: number): (value: number) => number {
  let before = 0;
  return (value) => {
    if (value === 0) return count;
    before = checked(before + unfolded(value - 1), count, 'dominators');
    return before;
  };
}

function readFirstEdges(chunks: Chunks, count: number, edgeCount: number): Uint32Array {
  const first = new Uint32Array(count + 1);
  let next = 0;
  column(chunks, 'degrees', first.subarray(0, count), (value) => {
    const here = next;
    next = checked(next + value, edgeCount + 1, 'degrees');
    return here;
  });
  if (next !== edgeCount) throw damaged('its degrees do not add up');
  first[count] = edgeCount;
  return first;
}

function targetFrom(firstEdge: Uint32Array, count: number): (value: number, at: number) => number {
  const code = new TargetCode();
  let from = 0;
  return (value, at) => {
    while (firstEdge[from + 1]! <= at) from += 1;
    return checked(code.decode(from, value), count, 'targets');
  };
}

function strings(value: unknown, section: Section): string[] {
  return rows(value, section).map((each) => {
    if (typeof each === 'string') return each;
    throw damaged(`its ${section} make no sense`);
  });
}

function rows(value: unknown, section: Section): unknown[] {
  if (Array.isArray(value)) return value;
  throw damaged(`its ${section} make no sense`);
}

const stepRows = (value: unknown): HeapPathStep[] => rows(value, 'stepTable').map((row) => stepOf(row, 'stepTable'));

function stepOf(row: unknown, section: Section): HeapPathStep {
  const [kind, name, file, line] = rows(row, section);
  if (typeof kind !== 'string' || typeof name !== 'string') throw damaged(`its ${section} make no sense`);
  return {
    kind,
    name,
    ...(typeof file === 'string' ? { file } : {}),
    ...(typeof line === 'number' ? { line } : {}),
  };
}

function readRoots(chunks: Chunks, rootCount: number, count: number): RecordRoot[] {
  const table = rows(chunks.json('rootTable'), 'rootTable').map((row) => {
    const [kind, step] = rows(row, 'rootTable');
    if (typeof kind !== 'string') throw damaged('its rootTable makes no sense');
    return { kind, step: step === null ? undefined : stepOf(step, 'rootTable') };
  });
  let before = 0;
  const numbers = column(chunks, 'roots', new Uint32Array(2 * rootCount), (value, at) => {
    if (at % 2 === 1) return checked(value, table.length, 'roots');
    before = checked(before + unfolded(value), count, 'roots');
    return before;
  });
  return Array.from({ length: rootCount }, (_, at) => {
    const { kind, step } = table[numbers[2 * at + 1]!]!;
    return { id: numbers[2 * at]!, kind, step };
  });
}
