/** Which methods put elements in and take them out, by kind of container. */
export type Family = 'list' | 'deque' | 'set' | 'dict' | 'cache' | 'other';

const FAMILIES: Record<string, Family> = {
  list: 'list',
  bytearray: 'list',
  array: 'list',
  deque: 'deque',
  set: 'set',
  WeakSet: 'set',
  dict: 'dict',
  OrderedDict: 'dict',
  defaultdict: 'dict',
  Counter: 'dict',
  WeakValueDictionary: 'dict',
  WeakKeyDictionary: 'dict',
  _lru_cache_wrapper: 'cache',
};

/** The last part of a type's name: `collections.deque` is a deque. */
export const shortType = (type: string): string => type.split('.').at(-1)!;
export const familyOf = (type: string): Family =>
  Object.hasOwn(FAMILIES, shortType(type)) ? FAMILIES[shortType(type)]! : 'other';

const FEEDING: Record<Exclude<Family, 'other' | 'cache'>, readonly string[]> = {
  list: ['append', 'extend', 'insert', '__iadd__', 'frombytes'],
  deque: ['append', 'appendleft', 'extend', 'extendleft', 'insert'],
  set: ['add', 'update', 'symmetric_difference_update'],
  dict: ['update', 'setdefault', '__setitem__'],
};
const EMPTYING: Record<Exclude<Family, 'other' | 'cache'>, readonly string[]> = {
  list: ['pop', 'remove', 'clear', '__delitem__'],
  deque: ['pop', 'popleft', 'remove', 'clear', '__delitem__'],
  set: ['pop', 'remove', 'discard', 'clear', 'intersection_update', 'difference_update'],
  dict: ['pop', 'popitem', 'clear', '__delitem__'],
};
const ALL_FEEDING = Object.values(FEEDING).flat();
const ALL_EMPTYING = Object.values(EMPTYING).flat();

export const isFeeding = (family: Family, method: string): boolean =>
  (family === 'other' || family === 'cache' ? ALL_FEEDING : FEEDING[family]).includes(method);
export const isEmptying = (family: Family, method: string): boolean =>
  (family === 'other' || family === 'cache' ? ALL_EMPTYING : EMPTYING[family]).includes(method);

/** Reading a missing key puts it in (`defaultdict.__missing__`), or `D[k] += 1` does. */
export const addsOnRead = (type: string): boolean => shortType(type) === 'defaultdict';
export const addsOnUpdate = (type: string): boolean =>
  ['defaultdict', 'Counter'].includes(shortType(type)) || familyOf(type) === 'other';
