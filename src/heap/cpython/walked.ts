import type { HeapGraph } from '../graph/heap-graph.ts';
import type { TypeInfo, TypeTable } from './types.ts';

/** What a root is, from the best known to the least. */
export type RootKind =
  | 'modules'
  | 'frame'
  | 'thread'
  | 'interpreter'
  /** A variable of C code: in the writable data of the interpreter or an extension. */
  | 'c-data'
  /** Tracked by the collector, and reached from nowhere else. */
  | 'unreached';

export interface Root {
  readonly kind: RootKind;
  readonly id: number;
  /** Index of the thread (`frame`, `thread`). */
  readonly thread?: number;
}

/** The objects of a snapshot, as a graph, and the way back from a number to a place. */
export interface Walked {
  readonly graph: HeapGraph;
  readonly types: TypeTable;
  /** The place of each node in the snapshot. */
  readonly words: Uint32Array;
  readonly roots: readonly Root[];
  /** All objects, leaves among them, and their bytes; frames do not count. */
  readonly objects: number;
  readonly objectBytes: number;
  /** Objects and bytes by index of the type. */
  readonly countByType: Float64Array;
  readonly bytesByType: Float64Array;
  /** Pointers that led nowhere, and objects whose size cannot be. */
  readonly lost: number;
  /** The node at a place; -1 where there is none, or a leaf. */
  idOf(word: number): number;
  /** Whether an object begins at the place, node or leaf. */
  has(word: number): boolean;
  typeAt(word: number): TypeInfo | undefined;
  /** The bytes of the object itself at a place where one begins. `type` is its index, where it is known. */
  sizeAt(word: number, type?: number): number;
  /** Calls `visit` with every object of more than so many bytes, node or leaf. Few bytes mean a visit to all leaves. */
  eachAbove(bytes: number, visit: (word: number, type: TypeInfo, bytes: number) => void): void;
}
