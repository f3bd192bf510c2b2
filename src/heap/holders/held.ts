import { type HeapGraph, LEAF } from '../graph/heap-graph.ts';
import { Uint32List } from '../graph/uint32-list.ts';
import { WordSet } from '../graph/word-set.ts';

/** A set of ids as one bit each. */
class Marks {
  private readonly bits: Uint32Array;
  constructor(count: number) {
    this.bits = new Uint32Array(Math.ceil((count + 1) / 32));
  }
  /** Marks an id; false where it was marked already. */
  mark(id: number): boolean {
    const bit = 1 << (id & 31);
    const before = this.bits[id >>> 5]!;
    this.bits[id >>> 5] = before | bit;
    return (before & bit) === 0;
  }
  has(id: number): boolean {
    return (this.bits[id >>> 5]! & (1 << (id & 31))) !== 0;
  }
}

/** What a group of containers keeps, alone or together with the other groups. */
export interface Held {
  /** Own bytes of the containers. */
  readonly ownBytes: number;
  /** Everything that only the groups keep and this one reaches, the containers themselves among it. */
  readonly bytes: number;
  /** By type index. */
  readonly byType: ReadonlyMap<number, { count: number; bytes: number }>;
}

/** How `heldBy` gets from a graph to the objects. */
export interface ObjectReader {
  /** The place of each node. */
  readonly words: Uint32Array;
  /** Places are below this. */
  readonly places: number;
  typeIndexAt(word: number): number;
  /** `type` is its index, where it is known. */
  sizeAt(word: number, type?: number): number;
}

/**
 * What each group holds. An object counts where it would be gone if all groups were gone: what two lists share
 * is dominated by neither, but held by both.
 */
export function heldBy(graph: HeapGraph, groups: readonly (readonly number[])[], objects: ObjectReader): Held[] {
  const elsewhere = reachedWithout(graph, groups);
  return groups.map((group) => addUp(graph, group, heldIds(graph, group, elsewhere), objects));
}

/** Only the bytes that each group holds, as `heldBy` counts them. */
export function bytesHeldBy(graph: HeapGraph, groups: readonly (readonly number[])[]): Float64Array {
  const elsewhere = reachedWithout(graph, groups);
  return Float64Array.from(groups, (group) => weightOf(graph, heldIds(graph, group, elsewhere)));
}

/** Everything that the roots still reach when the groups' containers are taken out. */
function reachedWithout(graph: HeapGraph, groups: readonly (readonly number[])[]): Marks {
  const { edges, firstEdge } = graph;
  const barred = new Marks(graph.count);
  for (const group of groups) for (const id of group) barred.mark(id);
  const reached = new Marks(graph.count);
  const stack = new Uint32List(1 << 12);
  stack.push(graph.count);
  reached.mark(graph.count);
  while (stack.length > 0) {
    const id = stack.pop();
    for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) {
      const target = edges[at]!;
      if (target < LEAF && !barred.has(target) && reached.mark(target)) stack.push(target);
    }
  }
  return reached;
}

/** The containers of a group, and what they reach that is not reached from elsewhere. */
function heldIds(graph: HeapGraph, group: readonly number[], elsewhere: Marks): Uint32Array {
  const { edges, firstEdge } = graph;
  const seen = new Marks(graph.count);
  const held = new Uint32List(1 << 10);
  for (const id of group) if (!elsewhere.has(id) && seen.mark(id)) held.push(id);
  for (let next = 0; next < held.length; next += 1) {
    const id = held.at(next);
    for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) {
      const target = edges[at]!;
      if (target < LEAF && !elsewhere.has(target) && seen.mark(target)) held.push(target);
    }
  }
  return held.view();
}

/** Read in the order of places: in that of ids there would be a cache miss for each object. */
function addUp(graph: HeapGraph, group: readonly number[], held: Uint32Array, objects: ObjectReader): Held {
  const counts: number[] = [];
  const sums: number[] = [];
  const places = placesOf(graph, held, objects);
  places.each((word) => {
    const type = objects.typeIndexAt(word);
    counts[type] = (counts[type] ?? 0) + 1;
    sums[type] = (sums[type] ?? 0) + objects.sizeAt(word, type);
  });
  places.release();
  const bytes = weightOf(graph, held);
  // In a damaged heap objects may claim more than there is; then their weights were cut.
  const byType = new Map(
    counts.flatMap((count, type) => [[type, { count, bytes: Math.min(bytes, sums[type]!) }] as const]),
  );
  const ownBytes = group.reduce((sum, id) => sum + Math.min(graph.weight[id]!, objects.sizeAt(objects.words[id]!)), 0);
  return { ownBytes, bytes, byType };
}

/** The places of nodes and of their leaves. */
function placesOf({ edges, firstEdge }: HeapGraph, held: Uint32Array, { words, places }: ObjectReader): WordSet {
  const found = new WordSet(places);
  for (const id of held) {
    found.add(words[id]!);
    for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) {
      if (edges[at]! >= LEAF) found.add(edges[at]! - LEAF);
    }
  }
  return found;
}

function weightOf(graph: HeapGraph, ids: Iterable<number>): number {
  let bytes = 0;
  for (const id of ids) bytes += graph.weight[id]!;
  return bytes;
}
