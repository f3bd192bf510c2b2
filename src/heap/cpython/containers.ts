import type { Snapshot } from '../memory/snapshot.ts';
import { COMMON } from './layout.ts';
import type { Shape, TypeInfo } from './types.ts';

/** Shapes that hold a number of things which can grow, and where in the object that number is, in bytes. */
const COUNT_OFFSET: Partial<Record<Shape, number>> = {
  list: 16,
  deque: 16,
  bytearray: 16,
  array: 16,
  dict: COMMON.dict.used,
  set: COMMON.set.used,
};

/** A tuple has items, but can never have more (`ob_size`). */
const TUPLE_SIZE = 16;

/** Byte offset of an object's item count; undefined where the type is no container. */
export function countOffset(type: TypeInfo): number | undefined {
  return COUNT_OFFSET[type.shape];
}

/** Items in the container at a word: elements, keys, or bytes of a buffer. 0 where more are said than its own bytes can hold. */
export function itemsOf(snapshot: Snapshot, word: number, type: TypeInfo, ownBytes = 2 ** 40): number {
  const offset = type.shape === 'tuple' ? TUPLE_SIZE : COUNT_OFFSET[type.shape];
  if (offset === undefined) return 0;
  const items = snapshot.signed(word + offset / 8);
  return items >= 0 && items <= ownBytes ? items : 0;
}

/** The most items that a deque or an lru_cache will ever hold; undefined where it has no bound. */
export function boundOf(snapshot: Snapshot, word: number, type: TypeInfo): number | undefined {
  const offset = type.shape === 'deque' ? COMMON.deque.maxLength : COMMON.lruCache.maxSize;
  if (type.shape !== 'deque' && type.shape !== 'lru-cache') return undefined;
  const bound = snapshot.signed(word + offset / 8);
  return bound >= 0 ? bound : undefined;
}
