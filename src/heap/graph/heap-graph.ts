/**
 * A heap as numbers. Objects have ids from 0 in the order in which they were found (breadth first from the roots);
 * the id `count` is the virtual root, which refers to all roots. Edges are in compressed rows (CSR): those of `id` are
 * `edges[firstEdge[id]]` up to `edges[firstEdge[id + 1]]`.
 */
export interface HeapGraph {
  readonly count: number;
  /** Index into the type table. */
  readonly type: Uint32Array;
  /** Bytes of the object itself. */
  readonly size: Float64Array;
  readonly firstEdge: Uint32Array;
  readonly edges: Uint32Array;
  /** By whom it was found first: a shortest path leads up from here to the virtual root. */
  readonly parent: Uint32Array;
}

/** For each object who refers to it, in compressed rows. */
export interface Referrers {
  readonly first: Uint32Array;
  readonly referrers: Uint32Array;
}

/** Turns the edges of the whole graph round. The virtual root counts as a referrer of the roots. */
export function turnRound(graph: HeapGraph): Referrers {
  const nodes = graph.count + 1;
  const first = new Uint32Array(nodes + 1);
  for (const target of graph.edges) first[target + 1]! += 1;
  for (let node = 0; node < nodes; node += 1) first[node + 1]! += first[node]!;
  const next = first.slice();
  const referrers = new Uint32Array(graph.edges.length);
  for (let from = 0; from < nodes; from += 1) {
    for (let at = graph.firstEdge[from]!; at < graph.firstEdge[from + 1]!; at += 1) {
      const target = graph.edges[at]!;
      referrers[next[target]!] = from;
      next[target]! += 1;
    }
  }
  return { first, referrers };
}
