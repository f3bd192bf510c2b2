import fc from 'fast-check';
import type { HeapPathStep } from '../../../src/heap/answer.ts';
import type { HeapRecord } from '../../../src/heap/query/record.ts';

/** A heap as plain data, from which the tests make a record. */
export interface MadeHeap {
  readonly objects: {
    type: number;
    size: number;
    address: number;
    above: number;
    targets: number[];
    steps: number[];
  }[];
  readonly typeNames: string[];
  readonly roots: { id: number; kind: string }[];
}

const STEPS: (HeapPathStep | undefined)[] = [
  undefined,
  { kind: 'key', name: '[int]' },
  { kind: 'attribute', name: 'tags' },
  { kind: 'cache', name: 'cached', file: '/srv/app.py', line: 12 },
  { kind: 'module', name: 'ünïcode', file: '/srv/ünïcode.py' },
];

/** Any heap: the dominators are a tree, as they are in a real one. */
export const madeHeaps: fc.Arbitrary<MadeHeap> = fc.integer({ min: 0, max: 40 }).chain((count) => {
  const id = fc.nat(Math.max(0, count - 1));
  const object = fc.record({
    type: fc.nat(2),
    size: fc.oneof(fc.nat(200), fc.nat(2 ** 31 - 1), fc.constant(2 ** 40 + 3)),
    address: fc.oneof(fc.nat(1000), fc.nat(2 ** 31)).map((place) => 0x7f00_0000_0000 + place * 8),
    above: fc.nat(),
    targets: fc.array(id, { maxLength: count === 0 ? 0 : 6 }),
    steps: fc.array(fc.nat(STEPS.length - 1), { minLength: 6, maxLength: 6 }),
  });
  return fc.record({
    objects: fc.array(object, { minLength: count, maxLength: count }),
    typeNames: fc.constant(['<frame>', 'dict', 'app.models.User']),
    roots: fc.array(fc.record({ id, kind: fc.constantFrom('modules', 'frame', 'thread', 'c-data', 'unreached') }), {
      maxLength: count === 0 ? 0 : 4,
    }),
  });
});

export function recordOf({ objects, typeNames, roots }: MadeHeap): HeapRecord {
  const count = objects.length;
  const firstEdge = new Uint32Array(count + 1);
  objects.forEach(({ targets }, id) => {
    firstEdge[id + 1] = firstEdge[id]! + targets.length;
  });
  const edges = Uint32Array.from(objects.flatMap(({ targets }) => targets));
  const steps = objects.flatMap((object) => object.targets.map((_, at) => STEPS[object.steps[at]!]));
  // Above an object is one with a higher id or nothing: so there is no circle.
  const dominators = objects.map(({ above }, id) => id + 1 + (above % (count - id)));
  const retained = objects.map(({ size }) => size);
  for (let id = 0; id < count; id += 1) {
    if (dominators[id]! < count) retained[dominators[id]!]! += retained[id]!;
  }
  return {
    count,
    typeNames,
    firstEdge,
    edges,
    roots: roots.map((root) => ({
      ...root,
      step: root.kind === 'thread' ? { kind: 'root', name: '<thread 1>' } : undefined,
    })),
    typeOf: (id) => objects[id]!.type,
    sizeOf: (id) => objects[id]!.size,
    addressOf: (id) => objects[id]!.address,
    retainedOf: (id) => retained[id]!,
    dominatorOf: (id) => dominators[id]!,
    idAt: (address) => objects.findIndex((object) => object.address === address),
    stepOf: (_, edge) => steps[edge],
  };
}

/** All that a record tells, as plain data. */
export function toldBy(record: HeapRecord) {
  return {
    typeNames: record.typeNames,
    roots: record.roots,
    objects: Array.from({ length: record.count }, (_, id) => ({
      type: record.typeOf(id),
      size: record.sizeOf(id),
      address: record.addressOf(id),
      retained: record.retainedOf(id),
      dominator: record.dominatorOf(id),
      edges: Array.from(record.edges.subarray(record.firstEdge[id], record.firstEdge[id + 1])),
      steps: Array.from({ length: record.firstEdge[id + 1]! - record.firstEdge[id]! }, (_, at) =>
        record.stepOf(id, record.firstEdge[id]! + at),
      ),
    })),
  };
}
