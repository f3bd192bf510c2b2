import type { HeapRecord } from './record.ts';

/** How each object is reached on a shortest path from the best known root that reaches it at all. */
export interface Shortest {
  /** Index into `edges` of the last edge of the path; `FROM_ROOT` for a root itself, `NOT_REACHED` for what no path leads to. */
  readonly lastEdge: Uint32Array;
}

export const FROM_ROOT = 0xffffffff;
export const NOT_REACHED = 0xfffffffe;

/** Kinds of roots that are equally good: variables of modules and of functions that run. */
const BEST = ['modules', 'frame'];

/** Breadth first, one kind of roots after the other: a short path from a variable of C explains less than a long one from a module. */
export function shortestPaths(record: HeapRecord): Shortest {
  const lastEdge = new Uint32Array(record.count).fill(NOT_REACHED);
  const queue = new Uint32Array(record.count);
  let filled = 0;
  let next = 0;
  for (const kinds of rootKinds(record)) {
    for (const { kind, id } of record.roots) {
      if (!kinds.includes(kind) || lastEdge[id] !== NOT_REACHED) continue;
      lastEdge[id] = FROM_ROOT;
      queue[filled] = id;
      filled += 1;
    }
    for (; next < filled; next += 1) filled = follow(record, queue[next]!, lastEdge, queue, filled);
  }
  return { lastEdge };
}

function rootKinds({ roots }: HeapRecord): string[][] {
  const others = [...new Set(roots.map((root) => root.kind))].filter((kind) => !BEST.includes(kind));
  return [BEST, ...others.map((kind) => [kind])];
}

function follow(record: HeapRecord, id: number, lastEdge: Uint32Array, queue: Uint32Array, filled: number): number {
  const { firstEdge, edges } = record;
  let end = filled;
  for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) {
    const target = edges[at]!;
    if (lastEdge[target] !== NOT_REACHED) continue;
    lastEdge[target] = at;
    queue[end] = target;
    end += 1;
  }
  return end;
}

/** An edge and the object that it comes from. */
export interface Hop {
  readonly from: number;
  readonly edge: number;
}

/** The edges from a root down to an object; empty for a root. Undefined where no path leads to it. */
export function hopsTo(record: HeapRecord, { lastEdge }: Shortest, id: number): Hop[] | undefined {
  const hops: Hop[] = [];
  for (let at = id; ; ) {
    const edge = lastEdge[at]!;
    if (edge === FROM_ROOT) return hops.reverse();
    if (edge === NOT_REACHED) return undefined;
    at = sourceOf(record, edge);
    hops.push({ from: at, edge });
  }
}

/** The object whose edges the one at an index belongs to: the last whose first edge is not behind it. */
function sourceOf({ firstEdge, count }: HeapRecord, edge: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (firstEdge[middle]! <= edge) low = middle;
    else high = middle - 1;
  }
  return low;
}
