/**
 * A heap as numbers. Nodes have ids from 0, depth first from the roots; the id `count` is the virtual root, which refers to
 * all roots.
 *
 * Most objects of a heap are leaves: text and numbers that refer to nothing, and that one object alone refers to. They
 * have no id. Their bytes are in the `weight` of the object that refers to them, and the reference says where they lie:
 * `LEAF` plus the place.
 */
export interface HeapGraph {
  readonly count: number;
  /** Index into the type table. */
  readonly type: Uint32Array;
  /** Bytes of the object itself and of its leaves. */
  readonly weight: Bytes;
  /** In which round of the walk it was found: a shortest path goes up by ever lower ones. From `DEEPEST` on it is not told. */
  readonly depth: Uint16Array;
  /** References in compressed rows (CSR): those of `id` are `edges[firstEdge[id]]` up to `edges[firstEdge[id + 1]]`. */
  readonly firstEdge: Uint32Array;
  /** Ids, or `LEAF` plus a place in the snapshot. */
  readonly edges: Uint32Array;
}

/** Of a heap below 4 GiB 32 bits do for any sum. */
export type Bytes = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Edges from here on lead to leaves. */
export const LEAF = 0x8000_0000;

export const DEEPEST = 0xffff;

/** Room for numbers of bytes whose sum is at most `most`. */
export const bytesArray = (length: number, most: number): Bytes =>
  most < 2 ** 32 ? new Uint32Array(length) : new Float64Array(length);

/** For each node who refers to it, in compressed rows and in the order of ids. */
export interface Referrers {
  readonly first: Uint32Array;
  readonly referrers: Uint32Array;
}

/** Turns the edges between nodes round. The virtual root counts as a referrer of the roots. */
export function turnRound(graph: HeapGraph): Referrers {
  const { edges, firstEdge } = graph;
  const nodes = graph.count + 1;
  // Counted one place further on, so that filling the rows moves each start to where it belongs.
  const first = new Uint32Array(nodes + 2);
  for (let at = 0; at < edges.length; at += 1) {
    const target = edges[at]!;
    if (target < LEAF) first[target + 2]! += 1;
  }
  for (let node = 0; node < nodes; node += 1) first[node + 2]! += first[node + 1]!;
  const referrers = new Uint32Array(first[nodes + 1]!);
  for (let from = 0; from < nodes; from += 1) {
    for (let at = firstEdge[from]!; at < firstEdge[from + 1]!; at += 1) {
      const target = edges[at]!;
      if (target >= LEAF) continue;
      referrers[first[target + 1]!] = from;
      first[target + 1]! += 1;
    }
  }
  return { first: first.subarray(0, nodes + 1), referrers };
}
