import fc from 'fast-check';
import type { HeapGraph } from '../../../src/heap/graph/heap-graph.ts';

/** A graph from lists of targets; the last list is the virtual root's. Found by whom is of no matter here. */
export function graphOf(targets: readonly (readonly number[])[], sizes?: readonly number[]): HeapGraph {
  const count = targets.length - 1;
  const firstEdge = new Uint32Array(targets.length + 1);
  targets.forEach((list, node) => {
    firstEdge[node + 1] = firstEdge[node]! + list.length;
  });
  return {
    count,
    type: Uint32Array.from({ length: count }, (_, id) => id % 3),
    size: Float64Array.from({ length: count }, (_, id) => sizes?.[id] ?? 1),
    firstEdge,
    edges: Uint32Array.from(targets.flat()),
    parent: new Uint32Array(count).fill(count),
  };
}

/** Ids that the virtual root reaches when some are taken out. */
export function reachable(graph: HeapGraph, without: ReadonlySet<number>, from: readonly number[] = [graph.count]) {
  const seen = new Set(from.filter((id) => !without.has(id)));
  for (const id of seen) {
    for (const target of graph.edges.subarray(graph.firstEdge[id], graph.firstEdge[id + 1])) {
      if (!without.has(target)) seen.add(target);
    }
  }
  return seen;
}

/**
 * Any small graph whose objects are all reached, as a walk finds them: with cycles, several roots, objects that refer to
 * themselves, and the same edge twice.
 */
export const anyGraph: fc.Arbitrary<HeapGraph> = fc
  .integer({ min: 1, max: 14 })
  .chain((count) => {
    const id = fc.nat({ max: count - 1 });
    return fc.tuple(
      fc.array(fc.array(id, { maxLength: 4 }), { minLength: count, maxLength: count }),
      fc.array(id, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat({ max: 1000 }), { minLength: count, maxLength: count }),
    );
  })
  .map(([targets, roots, sizes]) => {
    const graph = graphOf([...targets, roots], sizes);
    const reached = reachable(graph, new Set());
    const missed = targets.flatMap((_, id) => (reached.has(id) ? [] : [id]));
    return graphOf([...targets, [...roots, ...missed]], sizes);
  });
