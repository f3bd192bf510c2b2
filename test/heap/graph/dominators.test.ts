import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dominate } from '../../../src/heap/graph/dominators.ts';
import { type HeapGraph, LEAF, turnRound } from '../../../src/heap/graph/heap-graph.ts';
import { bytesHeldBy, holdings } from '../../../src/heap/holders/held.ts';
import { anyGraph, graphOf, inPreorder, objectsOf, reachable } from './random-graph.ts';

const ids = (graph: HeapGraph) => Array.from({ length: graph.count }, (_, id) => id);
const bytesOf = (graph: HeapGraph, members: Iterable<number>) =>
  [...members].reduce((sum, id) => sum + (id === graph.count ? 0 : graph.weight[id]!), 0);

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** The sizes of the leaves of nodes. */
const leavesOf = (graph: HeapGraph, members: Iterable<number>) =>
  [...members].flatMap((id) =>
    Array.from(graph.edges.subarray(graph.firstEdge[id], graph.firstEdge[id + 1]))
      .filter((edge) => edge >= LEAF)
      .map((edge) => edge - LEAF),
  );

/** What is no longer reached once the objects are taken out, themselves among it. */
function lostWithout(graph: HeapGraph, taken: readonly number[]): Set<number> {
  const left = reachable(graph, new Set(taken));
  return new Set(ids(graph).filter((id) => !left.has(id)));
}

test('an object retains what is no longer reached once it is taken out', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const { retained } = dominate(graph, turnRound(graph));
      expect(ids(graph).map((id) => retained[id])).toEqual(
        ids(graph).map((id) => bytesOf(graph, lostWithout(graph, [id]))),
      );
      expect(retained[graph.count]).toBe(bytesOf(graph, ids(graph)));
    }),
    { numRuns: 2000 },
  );
});

test('the dominator is the last object without which another is not reached', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const { dominator } = dominate(graph, turnRound(graph));
      for (const id of ids(graph)) {
        const all = ids(graph).filter((other) => other !== id && lostWithout(graph, [other]).has(id));
        // Of two that dominate the same object one dominates the other: the last is lost with all others.
        const last = all.find((one) => all.every((other) => other === one || lostWithout(graph, [other]).has(one)));
        expect(dominator[id]).toBe(last ?? graph.count);
      }
    }),
    { numRuns: 500 },
  );
});

test('edges turned round are the same edges', () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const { first, referrers } = turnRound(graph);
      const forward: string[] = [];
      const backward: string[] = [];
      for (let id = 0; id <= graph.count; id += 1) {
        for (const to of graph.edges.subarray(graph.firstEdge[id], graph.firstEdge[id + 1]))
          if (to < LEAF) forward.push(`${id} ${to}`);
        for (const from of referrers.subarray(first[id], first[id + 1])) backward.push(`${from} ${id}`);
      }
      expect(backward.sort()).toEqual(forward.sort());
    }),
  );
});

test('groups hold what is lost without all of them and reached from each, shared bytes counted for both', () => {
  const twoGroups = anyGraph.chain((graph) => {
    const group = fc.uniqueArray(fc.nat({ max: graph.count - 1 }), { minLength: 1, maxLength: 3 });
    return fc.tuple(fc.constant(graph), group, group);
  });
  fc.assert(
    fc.property(twoGroups, ([graph, ...groups]) => {
      const lost = lostWithout(graph, groups.flat());
      const elsewhere = new Set(ids(graph).filter((id) => !lost.has(id)));
      const inSmall = holdings(graph, groups, objectsOf(graph));
      const held = groups.map((_, at) => inSmall.of(at));
      // In a large copy as in a small one; and told one by one.
      const inLarge = holdings(graph, groups, { ...objectsOf(graph), places: 1 << 24 });
      expect(groups.map((_, at) => inLarge.of(at))).toEqual(held);
      expect(groups.map((_, at) => inLarge.bytesOf(at))).toEqual(held.map(({ bytes }) => bytes));
      expect([...bytesHeldBy(graph, groups)]).toEqual(held.map(({ bytes }) => bytes));
      held.forEach((held, at) => {
        const members = reachable(graph, elsewhere, groups[at]);
        expect(held.bytes).toBe(bytesOf(graph, members));
        expect(held.ownBytes).toBe(bytesOf(graph, groups[at]!) - sum(leavesOf(graph, groups[at]!)));
        const kept = [...held.byType.values()];
        expect(sum(kept.map(({ count }) => count))).toBe(members.size + leavesOf(graph, members).length);
        expect(sum(kept.map(({ bytes }) => bytes))).toBe(held.bytes);
      });
    }),
    { numRuns: 1000 },
  );
});

test('a chain of two hundred thousand objects, and back, is no deeper than memory', () => {
  const length = 200_000;
  const chain = graphOf([
    ...Array.from({ length }, (_, id) => [Math.min(id + 1, length - 1), Math.max(0, id - 1)]),
    [0],
  ]);
  const { retained, dominator } = dominate(chain, turnRound(chain));
  expect([retained[0], retained[length - 1], dominator[length - 1]]).toEqual([length, 1, length - 2]);
  expect(holdings(chain, [[0]], objectsOf(chain)).of(0).bytes).toBe(length);
});

test('a ladder whose rungs are reached from both ends is dominated by its ends alone', () => {
  const length = 50_000;
  const rungs = Array.from({ length }, (_, id) => [id + 2 < length ? id + 2 : id, (id + length - 1) % length]);
  const ladder = inPreorder(graphOf([...rungs, [0, 1]]));
  const { retained } = dominate(ladder, turnRound(ladder));
  expect(retained[length]).toBe(length);
  for (const id of [0, 1, 2, 777, length - 1]) expect(retained[id]).toBe(lostWithout(ladder, [id]).size);
});
