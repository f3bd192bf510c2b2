import { LEAF } from '../graph/heap-graph.ts';
import { type HeapView, typeOfId } from './heap-view.ts';
import { isInstanceDict } from './links.ts';

/** A chain that keeps less is not worth a line. */
const CHAIN_BYTES = 1 << 16;
/** References of a link that are looked at for the next one. */
const MOST_REFERENCES = 64;

/**
 * Whether an instance is the first of a chain (`node.next.next…`): most of what it keeps, it keeps by another object of its own
 * class, and no such object keeps it. A chain has no container, so that it would not be seen otherwise.
 */
export function isChainHead(view: HeapView, id: number): boolean {
  const type = typeOfId(view, id);
  if (!type.isHeapType || view.dominators.retained[id]! < CHAIN_BYTES || type.shape === 'type') return false;
  return !isSameClass(view, keeperOf(view, id), id) && nextLink(view, id) >= 0;
}

const isSameClass = (view: HeapView, one: number, other: number): boolean =>
  one >= 0 && one < view.walked.graph.count && view.walked.graph.type[one] === view.walked.graph.type[other];

/** The object that dominates another, an instance for its dict. */
function keeperOf(view: HeapView, id: number): number {
  const { dominator } = view.dominators;
  const keeper = dominator[id]!;
  const isDict = keeper < view.walked.graph.count && typeOfId(view, keeper).shape === 'dict';
  return isDict && isInstanceDict(view, keeper) ? dominator[keeper]! : keeper;
}

function nextLink(view: HeapView, id: number): number {
  const least = view.dominators.retained[id]! / 2;
  for (const target of nodesFrom(view, id)) {
    if (view.dominators.retained[target]! < least) continue;
    if (isSameClass(view, target, id)) return target;
    if (typeOfId(view, target).shape !== 'dict' || !isInstanceDict(view, target)) continue;
    const inDict = nodesFrom(view, target).find(
      (each) => isSameClass(view, each, id) && view.dominators.retained[each]! >= least,
    );
    if (inDict !== undefined) return inDict;
  }
  return -1;
}

function nodesFrom(view: HeapView, id: number): number[] {
  const { edges, firstEdge } = view.walked.graph;
  const end = Math.min(firstEdge[id + 1]!, firstEdge[id]! + MOST_REFERENCES);
  return [...edges.subarray(firstEdge[id]!, end)].filter((target) => target < LEAF);
}
