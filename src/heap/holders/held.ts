import type { HeapGraph } from '../graph/heap-graph.ts';

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
  return groups.map((group) => reachIn(graph, group, elsewhere));
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

function reachIn(graph: HeapGraph, group: readonly number[], elsewhere: Marks): Held {
  const seen = new Marks(graph.count);
  const stack: number[] = [];
  const byType = new Map<number, { count: number; bytes: number }>();
  let bytes = 0;
  const take = (id: number) => {
    if (elsewhere.has(id) || !seen.mark(id)) return;
    const size = graph.size[id]!;
    const kind = byType.get(graph.type[id]!);
    bytes += size;
    if (kind === undefined) byType.set(graph.type[id]!, { count: 1, bytes: size });
    else {
      kind.count += 1;
      kind.bytes += size;
    }
    stack.push(id);
  };
  for (const id of group) take(id);
  while (stack.length > 0) {
    const id = stack.pop()!;
    for (let at = graph.firstEdge[id]!; at < graph.firstEdge[id + 1]!; at += 1) take(graph.edges[at]!);
  }
  return { ownBytes: group.reduce((sum, id) => sum + graph.size[id]!, 0), bytes, byType };
}
