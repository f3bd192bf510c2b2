import { COMMON } from '../cpython/layout.ts';
import type { TypeInfo } from '../cpython/types.ts';
import type { Snapshot } from '../memory/snapshot.ts';

/** An object, or a table or buffer of one, that Python's own allocator did not give: too large for it. */
export interface PythonBlock {
  readonly address: number;
  readonly bytes: number;
}

/** Blocks of more than 512 bytes come from the C heap (SMALL_REQUEST_THRESHOLD of obmalloc). */
export const SMALL_REQUEST_BYTES = 512;

/** Where the objects of these shapes point to the one block that they own beside themselves. */
const TABLE_POINTERS: Partial<Record<TypeInfo['shape'], number>> = {
  list: COMMON.list.items,
  dict: COMMON.dict.keys,
  set: COMMON.set.table,
  bytearray: COMMON.bytearray.buffer,
  deque: COMMON.deque.leftBlock,
  array: COMMON.array.items,
  ndarray: COMMON.ndarray.data,
};
/** The collector's head and the words before an object, at most. */
const MOST_BEFORE_BYTES = 32;

/**
 * Where the large part of an object lies, told from its size with all that it owns: in its table, or in itself. What an
 * object has beside it in blocks of another kind (attribute values, a copy of a text in UTF-8) goes with it.
 */
export function largeBlockOf(
  snapshot: Snapshot,
  word: number,
  type: TypeInfo,
  sizeBytes: number,
): PythonBlock | undefined {
  if (type.shape === 'interpreter-frame') return undefined;
  const pointer = TABLE_POINTERS[type.shape];
  const tableBytes = pointer === undefined ? 0 : sizeBytes - type.basicSize - (type.isGc ? COMMON.gc.headBytes : 0);
  if (pointer === undefined || tableBytes < MOST_BEFORE_BYTES)
    return { address: snapshot.address(word), bytes: sizeBytes };
  const address = snapshot.unsigned(word + pointer / 8);
  return { address, bytes: tableBytes };
}
