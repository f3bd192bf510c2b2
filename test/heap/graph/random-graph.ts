import fc from 'fast-check';
import { type HeapGraph, LEAF } from '../../../src/heap/graph/heap-graph.ts';
import { depthFirst, type OwnGraph, renumber } from '../../../src/heap/graph/preorder.ts';
import type { ObjectReader } from '../../../src/heap/holders/held.ts';

/**
 * A graph from lists of targets; the last list is the virtual root's. `leaves` are the sizes of each node's leaves:
 * the place of a leaf stands for its size here.
 */
export function graphOf(
  targets: readonly (readonly number[])[],
  sizes?: readonly number[],
  leaves: readonly (readonly number[])[] = [],
): OwnGraph {
  const count = targets.length - 1;
  const rows = targets.map((list, node) => [...list, ...(leaves[node] ?? []).map((bytes) => LEAF + bytes)]);
  const firstEdge = new Uint32Array(targets.length + 1);
  rows.forEach((list, node) => {
    firstEdge[node + 1] = firstEdge[node]! + list.length;
  });
  const leafBytes = (id: number) => (leaves[id] ?? []).reduce((sum, bytes) => sum + bytes, 0);
  return {
    count,
    type: Uint32Array.from({ length: count }, (_, id) => id % 3),
    weight: Uint32Array.from({ length: count }, (_, id) => (sizes?.[id] ?? 1) + leafBytes(id)),
    depth: new Uint16Array(count),
    firstEdge,
    edges: Uint32Array.from(rows.flat()),
  };
}

/** As `dominate` wants it. */
export const inPreorder = (graph: OwnGraph): HeapGraph => renumber(graph, depthFirst(graph));

/** Places of the nodes of `graphOf`: above those of any leaf. */
const NODES = 1 << 10;

/** What lies at the places of a graph's objects. */
export const objectsOf = (graph: HeapGraph): ObjectReader => ({
  words: Uint32Array.from({ length: graph.count }, (_, id) => NODES + id),
  places: NODES + graph.count,
  typeIndexAt: (word) => (word < NODES ? word % 3 : graph.type[word - NODES]!),
  sizeAt: (word) => (word < NODES ? word : graph.weight[word - NODES]! - leafBytesOf(graph, word - NODES)),
});

const leafBytesOf = (graph: HeapGraph, id: number) =>
  graph.edges
    .subarray(graph.firstEdge[id], graph.firstEdge[id + 1])
    .reduce((sum, edge) => sum + (edge >= LEAF ? edge - LEAF : 0), 0);

/** Ids that the virtual root reaches when some are taken out. */
export function reachable(graph: HeapGraph, without: ReadonlySet<number>, from: readonly number[] = [graph.count]) {
  const seen = new Set(from.filter((id) => !without.has(id)));
  for (const id of seen) {
    for (const target of graph.edges.subarray(graph.firstEdge[id], graph.firstEdge[id + 1])) {
      if (target < LEAF && !without.has(target)) seen.add(target);
    }
  }
  return seen;
}

/** A leaf has one referrer, so no two are at one place: the sizes are all different. */
const leafSizes = (count: number) =>
  fc
    .tuple(fc.uniqueArray(fc.nat({ max: 1000 }), { maxLength: 2 * count }), fc.array(fc.nat({ max: count - 1 })))
    .map(([sizes, owners]) =>
      Array.from({ length: count }, (_, id) => sizes.filter((_size, at) => (owners[at] ?? 0) === id)),
    );

/**
 * Any small graph whose objects are all reached, as a walk finds them: with cycles, several roots, objects that refer to
 * themselves, the same edge twice, and leaves.
 */
export const anyGraph: fc.Arbitrary<HeapGraph> = fc
  .integer({ min: 1, max: 14 })
  .chain((count) => {
    const id = fc.nat({ max: count - 1 });
    return fc.tuple(
      fc.array(fc.array(id, { maxLength: 4 }), { minLength: count, maxLength: count }),
      fc.array(id, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat({ max: 1000 }), { minLength: count, maxLength: count }),
      leafSizes(count),
    );
  })
  .map(([targets, roots, sizes, leaves]) => {
    const graph = graphOf([...targets, roots], sizes);
    const reached = reachable(graph, new Set());
    const missed = targets.flatMap((_, id) => (reached.has(id) ? [] : [id]));
    return inPreorder(graphOf([...targets, [...roots, ...missed]], sizes, leaves));
  });
