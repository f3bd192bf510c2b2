import type { HeapRecord } from './record.ts';

/** How each object is reached on a shortest path from the best known root that reaches it at all. */
export interface Shortest {
  /** Index into `edges` of the last edge of the path; `FROM_ROOT` for a root itself, `NOT_REACHED` for what no path leads to. */
  readonly lastEdge: Uint32Array;
  /** The object that this edge comes from. */
  readonly lastFrom: Uint32Array;
}

const FROM_ROOT = 0xffffffff;
const NOT_REACHED = 0xfffffffe;

/** Kinds of roots that are equally good: variables of modules and of functions that run. */
const BEST = ['modules', 'frame'];

/** Breadth first, one kind of roots after the other: a short path from a variable of C explains less than a long one from a module. */
export function shortestPaths(record: HeapRecord): Shortest {
  const lastEdge = new Uint32Array(record.count).fill(NOT_REACHED);
  const lastFrom = new Uint32Array(record.count);
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
    for (; next < filled; next += 1) filled = follow(record, queue[next]!, { lastEdge, lastFrom }, queue, filled);
  }
  return { lastEdge, lastFrom };
}

function rootKinds({ roots }: HeapRecord): string[][] {
  const others = [...new Set(roots.map((root) => root.kind))].filter((kind) => !BEST.includes(kind));
  return [BEST, ...others.map((kind) => [kind])];
}

function follow(record: HeapRecord, id: number, shortest: Shortest, queue: Uint32Array, filled: number): number {
  const { firstEdge, edges } = record;
  const { lastEdge, lastFrom } = shortest;
  let end = filled;
  for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) {
    const target = edges[at]!;
    if (lastEdge[target] !== NOT_REACHED) continue;
    lastEdge[target] = at;
    lastFrom[target] = id;
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

/** The edges from a root down to an object; of a long path those at its ends. */
export interface Route {
  /** None where the object is a root itself. */
  readonly hops: readonly Hop[];
  /** How many hops are left out, and behind which of `hops` (their number) they were. */
  readonly omitted: number;
  readonly gapAt: number;
}

/** A path to an object; of one of more than `2 * atEachEnd` hops the middle is left out. Undefined where none leads to it. */
export function routeTo(shortest: Shortest, id: number, atEachEnd: number): Route | undefined {
  const low: Hop[] = [];
  // Where a path begins is known at the end of the way up: the last few objects passed are kept in turn.
  const high: Hop[] = [];
  let passed = 0;
  for (let at = id; ; passed += 1) {
    const edge = shortest.lastEdge[at]!;
    if (edge === NOT_REACHED) return undefined;
    if (edge === FROM_ROOT) break;
    at = shortest.lastFrom[at]!;
    if (low.length < atEachEnd) low.push({ from: at, edge });
    else high[(passed - atEachEnd) % atEachEnd] = { from: at, edge };
  }
  const oldest = high.length < atEachEnd ? 0 : (passed - atEachEnd) % atEachEnd;
  const upper = [...high.slice(oldest), ...high.slice(0, oldest)].reverse();
  return {
    hops: [...upper, ...low.reverse()],
    omitted: passed - low.length - high.length,
    gapAt: upper.length,
  };
}

/** Whether any path leads to an object. */
export const isReached = ({ lastEdge }: Shortest, id: number): boolean => lastEdge[id] !== NOT_REACHED;

/** How many hops a path to an object has that does not lead through another; undefined where there is none. */
export function depthWithout({ lastEdge, lastFrom }: Shortest, id: number, another: number): number | undefined {
  let depth = 0;
  for (let at = id; at !== another; at = lastFrom[at]!, depth += 1) {
    if (lastEdge[at] === FROM_ROOT) return depth;
    if (lastEdge[at] === NOT_REACHED) return undefined;
  }
  return undefined;
}
