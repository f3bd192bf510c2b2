import type { HeapPathStep } from '../answer.ts';

/**
 * A heap as it is asked for paths: that of a look, or one read from a file. Objects have ids from 0; the edges of `id`
 * are `edges[firstEdge[id]]` up to `edges[firstEdge[id + 1]]`. The dominator of what nothing dominates is `count`.
 */
export interface HeapRecord {
  readonly count: number;
  readonly typeNames: readonly string[];
  readonly firstEdge: Uint32Array;
  readonly edges: Uint32Array;
  /** The best known first: what can be reached from an earlier kind of root is not explained by a later one. */
  readonly roots: readonly RecordRoot[];
  typeOf(id: number): number;
  sizeOf(id: number): number;
  addressOf(id: number): number;
  retainedOf(id: number): number;
  dominatorOf(id: number): number;
  /** The id of the object at an address; -1 where none is. */
  idAt(address: number): number;
  /** What the edge at an index in `edges`, which is one of `from`, is to a developer; undefined for what nobody types. */
  stepOf(from: number, edge: number): HeapPathStep | undefined;
}

export interface RecordRoot {
  readonly id: number;
  readonly kind: string;
  /** The step with which a path from here begins; undefined where the first hop says it. */
  readonly step: HeapPathStep | undefined;
}
