import { giveBack } from './give-back.ts';
import { type Bytes, bytesArray, type HeapGraph, type Referrers } from './heap-graph.ts';

/** Dominators of a heap. */
export interface Dominators {
  /** The immediate dominator of each node: the last one that every path from the roots leads through. */
  readonly dominator: Uint32Array;
  /** What would be freed with each node: its own bytes, its leaves and all it dominates. */
  readonly retained: Bytes;
}

/**
 * Immediate dominators by Semi-NCA (L. Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems",
 * Princeton 2005, section 2.3) and retained sizes summed up the tree. Without recursion: heaps are deep.
 *
 * The ids must be in depth-first order (`depthFirst`). Then a referrer with a lower id is an ancestor in the tree of the
 * search, and the highest of them is the parent: were it no ancestor it would have found the node itself. In here
 * nodes have their id plus one, and the virtual root is 0.
 */
export function dominate(graph: HeapGraph, { first, referrers }: Referrers): Dominators {
  const nodes = graph.count + 1;
  const parent = new Uint32Array(nodes);
  const semi = new Uint32Array(nodes);
  const label = new Uint32Array(nodes);
  for (let node = 0; node < nodes; node += 1) label[node] = node;
  const linked = new Ancestors(nodes, label, semi);
  for (let node = nodes - 1; node > 0; node -= 1) {
    const end = first[node]!;
    let best = node;
    let closest = 0;
    for (let at = first[node - 1]!; at < end; at += 1) {
      const referrer = referrers[at]!;
      const from = referrer === graph.count ? 0 : referrer + 1;
      if (from < node && from > closest) closest = from;
      const reached = from <= node ? from : semi[linked.lowest(from, node)]!;
      if (reached < best) best = reached;
    }
    semi[node] = best;
    parent[node] = closest;
    linked.link(node, closest);
  }
  linked.release();
  giveBack(label);
  for (let node = 1; node < nodes; node += 1) {
    let candidate = parent[node]!;
    while (candidate > semi[node]!) candidate = parent[candidate]!;
    parent[node] = candidate;
  }
  giveBack(semi);
  return sumUp(graph, parent);
}

/** The forest of nodes that were visited already (those numbered above the current one), with paths halved as they are walked. */
class Ancestors {
  private readonly above: Uint32Array<ArrayBuffer>;
  private readonly label: Uint32Array;
  private readonly semi: Uint32Array;
  private readonly path: number[] = [];

  constructor(nodes: number, label: Uint32Array, semi: Uint32Array) {
    this.above = new Uint32Array(nodes);
    this.label = label;
    this.semi = semi;
  }

  link(node: number, parent: number): void {
    this.above[node] = parent;
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

  release(): void {
    giveBack(this.above);
  }
}

/** From the last node up: each adds what it retains to its dominator, which has a lower number. */
function sumUp(graph: HeapGraph, above: Uint32Array): Dominators {
  const { count, weight } = graph;
  let sum = 0;
  for (let id = 0; id < count; id += 1) sum += weight[id]!;
  const dominator = new Uint32Array(count + 1);
  const retained = bytesArray(count + 1, sum);
  retained.set(weight);
  for (let id = count - 1; id >= 0; id -= 1) {
    const over = above[id + 1] === 0 ? count : above[id + 1]! - 1;
    dominator[id] = over;
    retained[over]! += retained[id]!;
  }
  dominator[count] = count;
  return { dominator, retained };
}
