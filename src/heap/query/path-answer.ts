import type { HeapPathStep } from '../answer.ts';

/** The answer to "who keeps this?": plain data, and like all answers of the heap without the contents of strings. */
export interface HeapPaths {
  readonly target:
    | ({ readonly of: 'object' } & PathObject)
    | {
        readonly of: 'type';
        readonly type: string;
        readonly count: number;
        readonly bytes: number;
        /** How many of them, the ones that keep most, were followed. */
        readonly examined: number;
      };
  /** Those that keep most first; where an object was asked for the shortest first. */
  readonly paths: HeapPath[];
  /** Paths that were found and left out. */
  readonly more: number;
}

/** A path from a root, or several of one kind. */
export interface HeapPath {
  /** The path as one expression: `app.cache._CACHE[str].slot`. */
  readonly text: string;
  /** Paths that read the same: those of several instances of a type, or through several of their holders to one object. */
  readonly count: number;
  /** Of the objects at the end of these paths. */
  readonly ownBytes: number;
  readonly retainedBytes: number;
  /** Of the first of them, from the root down to the object. */
  readonly hops: PathHop[];
}

/** A step of a path, and the object that it leads to. */
export interface PathHop extends HeapPathStep, PathObject {}

export interface PathObject {
  /** In hexadecimal with 0x, as `hex(id(…))` gives it. */
  readonly address: string;
  readonly type: string;
  readonly ownBytes: number;
  readonly retainedBytes: number;
}
