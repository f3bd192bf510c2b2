import { type HeapGraph, LEAF } from '../graph/heap-graph.ts';
import { Uint32List } from '../graph/uint32-list.ts';
import { WordSet } from '../graph/word-set.ts';

/** What a group of containers keeps, alone or together with the other groups. */
export interface Held {
  /** Own bytes of the containers. */
  readonly ownBytes: number;
  /** Everything that only the groups keep and this one reaches, the containers themselves among it. */
  readonly bytes: number;
  /** By type index. */
  readonly byType: ReadonlyMap<number, { count: number; bytes: number }>;
}

/** How `holdings` gets from a graph to the objects. */
export interface ObjectReader {
  /** The place of each node. */
  readonly words: Uint32Array;
  /** Places are below this. */
  readonly places: number;
  typeIndexAt(word: number): number;
  /** `type` is its index, where it is known. */
  sizeAt(word: number, type?: number): number;
}

/** What each of many groups holds, of which few are told in full. */
export interface Holdings {
  /** Bytes that a group holds, by its index. */
  bytesOf(index: number): number;
  /** All that is known of one group, by its index. Reads its objects: only while that can be done. */
  of(index: number): Held;
}

/**
 * What each group holds. An object counts where it would be gone if all groups were gone: what two lists share
 * is dominated by neither, but held by both. Told in full only of those that are asked for: the bytes take no look at
 * the objects.
 */
export function holdings(graph: HeapGraph, groups: readonly (readonly number[])[], objects: ObjectReader): Holdings {
  const idsOf = heldIds(graph, groups);
  return {
    bytesOf: (index) => weightOf(graph, idsOf(groups[index]!)),
    of: (index) => addUp(graph, groups[index]!, idsOf(groups[index]!), objects),
  };
}

/** Only the bytes that each group holds, as `holdings` counts them. */
export function bytesHeldBy(graph: HeapGraph, groups: readonly (readonly number[])[]): Float64Array {
  const idsOf = heldIds(graph, groups);
  return Float64Array.from(groups, (group) => weightOf(graph, idsOf(group)));
}

/** Everything that the roots still reach when the groups' containers are taken out. */
function reachedWithout(graph: HeapGraph, groups: readonly (readonly number[])[]): WordSet {
  const { edges, firstEdge } = graph;
  const barred = new WordSet(graph.count);
  for (const group of groups) for (const id of group) barred.add(id);
  const reached = new WordSet(graph.count);
  const stack = new Uint32List(1 << 12);
  stack.push(graph.count);
  while (stack.length > 0) {
    const id = stack.pop();
    for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) {
      const target = edges[at]!;
      if (target >= LEAF || barred.has(target) || reached.has(target)) continue;
      reached.add(target);
      stack.push(target);
    }
  }
  return reached;
}

/** Tells of one of the groups its containers, and what they reach that is not reached without all groups. */
function heldIds(graph: HeapGraph, groups: readonly (readonly number[])[]): (group: readonly number[]) => Uint32Array {
  const { edges, firstEdge } = graph;
  const elsewhere = reachedWithout(graph, groups);
  const seen = new WordSet(graph.count);
  return (group) => {
    const held = new Uint32List(1 << 10);
    const find = (id: number) => {
      if (elsewhere.has(id) || seen.has(id)) return;
      seen.add(id);
      held.push(id);
    };
    for (const id of group) find(id);
    for (let next = 0; next < held.length; next += 1) {
      const id = held.at(next);
      for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) if (edges[at]! < LEAF) find(edges[at]!);
    }
    // Not a new set for each group: there may be hundreds, of little each.
    for (const id of held.view()) seen.delete(id);
    return held.view();
  };
}

function addUp(graph: HeapGraph, group: readonly number[], held: Uint32Array, objects: ObjectReader): Held {
  const counts: number[] = [];
  const sums: number[] = [];
  eachPlace(graph, held, objects, (word) => {
    const type = objects.typeIndexAt(word);
    counts[type] = (counts[type] ?? 0) + 1;
    sums[type] = (sums[type] ?? 0) + objects.sizeAt(word, type);
  });
  const bytes = weightOf(graph, held);
  // In a damaged heap objects may claim more than there is; then their weights were cut.
  const byType = new Map(
    counts.flatMap((count, type) => [[type, { count, bytes: Math.min(bytes, sums[type]!) }] as const]),
  );
  const ownBytes = group.reduce((sum, id) => sum + Math.min(graph.weight[id]!, objects.sizeAt(objects.words[id]!)), 0);
  return { ownBytes, bytes, byType };
}

/** Sorting one place takes as long as looking through so many in a set (measured: 80 ns, and 2.7 ns for 32). */
const SORTED_AS_SCANNED = 1000;

/**
 * Visits nodes and their leaves in the order of places: in that of ids there would be a cache miss for each object. No two
 * are at one place.
 */
function eachPlace(
  { edges, firstEdge }: HeapGraph,
  held: Uint32Array,
  { words, places }: ObjectReader,
  visit: (word: number) => void,
): void {
  let most = held.length;
  for (const id of held) most += firstEdge[id + 1]! - firstEdge[id]!;
  const isFew = most < places / SORTED_AS_SCANNED;
  const few = new Uint32List(isFew ? most + 1 : 1);
  const many = new WordSet(isFew ? 0 : places);
  let [lowest, highest] = [places, 0];
  const find = (word: number) => {
    if (isFew) return few.push(word);
    many.add(word);
    if (word < lowest) lowest = word;
    if (word > highest) highest = word;
  };
  for (const id of held) {
    find(words[id]!);
    for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) if (edges[at]! >= LEAF) find(edges[at]! - LEAF);
  }
  few.view().sort().forEach(visit);
  many.each(visit, lowest, highest);
  many.release();
}

function weightOf(graph: HeapGraph, ids: Iterable<number>): number {
  let bytes = 0;
  for (const id of ids) bytes += graph.weight[id]!;
  return bytes;
}
