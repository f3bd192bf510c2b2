import { giveBack } from './give-back.ts';
import { type Bytes, type HeapGraph, LEAF } from './heap-graph.ts';

/** Nodes in another order. */
export interface Numbering {
  /** The old id by the new one. */
  readonly order: Uint32Array<ArrayBuffer>;
  /** The new id by the old one. */
  readonly number: Uint32Array<ArrayBuffer>;
}

const NONE = 0xffffffff;

/**
 * Numbers the nodes depth first from the virtual root, references in their order: what hangs together lies together then,
 * whatever the addresses. Every node is reached: the walk found it.
 */
export function depthFirst({ count, firstEdge, edges }: HeapGraph): Numbering {
  const order = new Uint32Array(count);
  const number = new Uint32Array(count).fill(NONE);
  // The way from the root down, and where in each row it has come to: what is not that deep takes no memory.
  const way = new Uint32Array(count + 1);
  const next = new Uint32Array(count + 1);
  let found = 0;
  way[0] = count;
  next[0] = firstEdge[count]!;
  for (let deep = 0; deep >= 0; ) {
    const end = firstEdge[way[deep]! + 1]!;
    let at = next[deep]!;
    while (at < end && (edges[at]! >= LEAF || number[edges[at]!] !== NONE)) at += 1;
    if (at === end) {
      deep -= 1;
      continue;
    }
    const target = edges[at]!;
    next[deep] = at + 1;
    number[target] = found;
    order[found] = target;
    found += 1;
    deep += 1;
    way[deep] = target;
    next[deep] = firstEdge[target]!;
  }
  giveBack(way, next);
  return { order, number };
}

/** The graph with its nodes in the new order. The arrays of the old one are given back, each as soon as it can be. */
export function renumber(graph: OwnGraph, { order, number }: Numbering): HeapGraph {
  const { count, edges, firstEdge } = graph;
  const rows = new Uint32Array(count + 2);
  const targets = new Uint32Array(edges.length);
  let to = 0;
  for (let id = 0; id <= count; id += 1) {
    const old = id === count ? count : order[id]!;
    rows[id] = to;
    for (let at = firstEdge[old]!; at < firstEdge[old + 1]!; at += 1) {
      const target = edges[at]!;
      targets[to] = target >= LEAF ? target : number[target]!;
      to += 1;
    }
  }
  rows[count + 1] = to;
  giveBack(edges, firstEdge);
  return {
    count,
    type: inOrder(graph.type, order),
    weight: inOrder(graph.weight, order),
    depth: inOrder(graph.depth, order),
    firstEdge: rows,
    edges: targets,
  };
}

/** A graph whose arrays are nobody else's. */
export interface OwnGraph extends HeapGraph {
  readonly type: Uint32Array<ArrayBuffer>;
  readonly weight: Bytes;
  readonly depth: Uint16Array<ArrayBuffer>;
  readonly firstEdge: Uint32Array<ArrayBuffer>;
  readonly edges: Uint32Array<ArrayBuffer>;
}

/** The items by new id; the array that they came from is given back. */
export function inOrder<T extends Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  items: T,
  order: Uint32Array,
): T {
  const moved = new (items.constructor as new (length: number) => T)(order.length);
  for (let id = 0; id < order.length; id += 1) moved[id] = items[order[id]!]!;
  giveBack(items);
  return moved;
}
