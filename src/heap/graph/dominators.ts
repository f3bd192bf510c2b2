import type { HeapGraph, Referrers } from './heap-graph.ts';

/** Dominators of a heap. */
export interface Dominators {
  /** The immediate dominator of each object: the last one that every path from the roots leads through. */
  readonly dominator: Uint32Array;
  /** What would be freed with each object: its own bytes and those of all it dominates. */
  readonly retained: Float64Array;
}

/**
 * Immediate dominators by Semi-NCA (L. Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems",
 * Princeton 2005, section 2.3) and retained sizes summed up the tree. Without recursion: heaps are deep.
 */
export function dominate(graph: HeapGraph, { first, referrers }: Referrers): Dominators {
  const { order, number, parent } = depthFirst(graph);
  const semi = parent.slice();
  const label = new Uint32Array(order.length);
  for (let node = 0; node < order.length; node += 1) label[node] = node;
  const linked = new Ancestors(parent, label, semi);
  for (let node = order.length - 1; node > 0; node -= 1) {
    const id = order[node]!;
    let best = parent[node]!;
    for (let at = first[id]!; at < first[id + 1]!; at += 1) {
      const from = number[referrers[at]!]!;
      const reached = from <= node ? from : semi[linked.lowest(from, node)]!;
      if (reached < best) best = reached;
    }
    semi[node] = best;
  }
  const above = parent;
  for (let node = 1; node < order.length; node += 1) {
    let candidate = above[node]!;
    while (candidate > semi[node]!) candidate = above[candidate]!;
    above[node] = candidate;
  }
  return sumUp(graph, order, above);
}

/** Numbers in depth-first order from the virtual root, which gets 0. Every object is reached: the walk found it. */
function depthFirst(graph: HeapGraph): { order: Uint32Array; number: Uint32Array; parent: Uint32Array } {
  const nodes = graph.count + 1;
  const order = new Uint32Array(nodes);
  const number = new Uint32Array(nodes).fill(0xffffffff);
  const parent = new Uint32Array(nodes);
  const next = graph.firstEdge.slice();
  const root = graph.count;
  order[0] = root;
  number[root] = 0;
  let count = 1;
  for (let node = 0; ; ) {
    const id = order[node]!;
    const at = next[id]!;
    if (at === graph.firstEdge[id + 1]!) {
      if (node === 0) break;
      node = parent[node]!;
      continue;
    }
    next[id] = at + 1;
    const target = graph.edges[at]!;
    if (number[target] !== 0xffffffff) continue;
    number[target] = count;
    order[count] = target;
    parent[count] = node;
    node = count;
    count += 1;
  }
  return { order: order.subarray(0, count), number, parent: parent.subarray(0, count) };
}

/** The forest of nodes that were visited already (those numbered above the current one), with paths halved as they are walked. */
class Ancestors {
  private readonly above: Uint32Array;
  private readonly label: Uint32Array;
  private readonly semi: Uint32Array;
  private readonly path: number[] = [];

  constructor(parent: Uint32Array, label: Uint32Array, semi: Uint32Array) {
    this.above = parent.slice();
    this.label = label;
    this.semi = semi;
  }

  /** The node with the lowest semidominator on the way from `node` up to the linked tree's root, which is above `last`. */
  lowest(node: number, last: number): number {
    const { above, label, semi, path } = this;
    path.length = 0;
    let at = node;
    while (above[at]! > last) {
      path.push(at);
      at = above[at]!;
    }
    // From the top down: each node takes over the best label above it, and then hangs directly under the root.
    for (let step = path.length - 1; step >= 0; step -= 1) {
      const here = path[step]!;
      const up = above[here]!;
      if (semi[label[up]!]! < semi[label[here]!]!) label[here] = label[up]!;
      above[here] = above[up]!;
    }
    return label[node]!;
  }
}

function sumUp(graph: HeapGraph, order: Uint32Array, above: Uint32Array): Dominators {
  const dominator = new Uint32Array(graph.count + 1);
  const retained = new Float64Array(graph.count + 1);
  retained.set(graph.size);
  for (let node = order.length - 1; node > 0; node -= 1) {
    const id = order[node]!;
    const over = order[above[node]!]!;
    dominator[id] = over;
    retained[over]! += retained[id]!;
  }
  dominator[graph.count] = graph.count;
  return { dominator, retained };
}
