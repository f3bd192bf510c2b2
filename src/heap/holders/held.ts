import type { HeapGraph } from '../graph/heap-graph.ts';
import { Uint32List } from '../graph/uint32-list.ts';

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

/**
 * What each group holds. An object counts where it would be gone if all groups were gone: what two lists share
 * is dominated by neither, but held by both.
 */
export function heldBy(graph: HeapGraph, groups: readonly (readonly number[])[]): Held[] {
  const elsewhere = reachedWithout(graph, groups);
  return groups.map((group) => addUp(graph, group, heldIds(graph, group, elsewhere)));
}

/** Only the bytes that each group holds, as `heldBy` counts them. */
export function bytesHeldBy(graph: HeapGraph, groups: readonly (readonly number[])[]): Float64Array {
  const elsewhere = reachedWithout(graph, groups);
  return Float64Array.from(groups, (group) => bytesOf(graph, heldIds(graph, group, elsewhere)));
}

/** Everything that the roots still reach when the groups' containers are taken out. */
function reachedWithout(graph: HeapGraph, groups: readonly (readonly number[])[]): Marks {
  const barred = new Marks(graph.count);
  for (const group of groups) for (const id of group) barred.mark(id);
  const reached = new Marks(graph.count);
  const stack = [graph.count];
  reached.mark(graph.count);
  while (stack.length > 0) {
    const id = stack.pop()!;
    for (let at = graph.firstEdge[id]!; at < graph.firstEdge[id + 1]!; at += 1) {
      const target = graph.edges[at]!;
      if (!barred.has(target) && reached.mark(target)) stack.push(target);
    }
  }
  return reached;
}

/** The containers of a group, and what they reach that is not reached from elsewhere. */
function heldIds(graph: HeapGraph, group: readonly number[], elsewhere: Marks): Uint32Array {
  const seen = new Marks(graph.count);
  const held = new Uint32List(1 << 10);
  for (const id of group) if (!elsewhere.has(id) && seen.mark(id)) held.push(id);
  for (let next = 0; next < held.length; next += 1) {
    const id = held.at(next);
    for (let at = graph.firstEdge[id]!; at < graph.firstEdge[id + 1]!; at += 1) {
      const target = graph.edges[at]!;
      if (!elsewhere.has(target) && seen.mark(target)) held.push(target);
    }
  }
  return held.view();
}

function addUp(graph: HeapGraph, group: readonly number[], held: Uint32Array): Held {
  const byType = new Map<number, { count: number; bytes: number }>();
  for (const id of held) {
    const row = byType.get(graph.type[id]!) ?? { count: 0, bytes: 0 };
    row.count += 1;
    row.bytes += graph.size[id]!;
    byType.set(graph.type[id]!, row);
  }
  return { ownBytes: bytesOf(graph, group), bytes: bytesOf(graph, held), byType };
}

function bytesOf(graph: HeapGraph, ids: Iterable<number>): number {
  let bytes = 0;
  for (const id of ids) bytes += graph.size[id]!;
  return bytes;
}
