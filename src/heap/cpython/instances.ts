import type { Snapshot } from '../memory/snapshot.ts';
import { type DictTable, keysTable, lookUp } from './dicts.ts';
import { type Layout, TYPE_FLAGS } from './layout.ts';
import { readStr } from './strings.ts';
import type { TypeInfo } from './types.ts';

/** The word of an instance's `__dict__` object; -1 while it has none. */
export function dictOf(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo): number {
  if (type.dictOffset > 0) return snapshot.follow(word + type.dictOffset / 8);
  const how = layout.instance;
  if ((type.flags & TYPE_FLAGS.managedDict) === 0 || how.how === 'dict-offset') return dictBehind(snapshot, word, type);
  return snapshot.follow(word + (how.how === 'tagged-word' ? how.word : how.dict) / 8);
}

/** Subclasses of tuple, int and bytes up to 3.11 keep the dict's pointer at the end of their items. */
function dictBehind(snapshot: Snapshot, word: number, type: TypeInfo): number {
  if (type.dictOffset >= 0 || type.itemSize === 0) return -1;
  const items = Math.abs(snapshot.signed(word + 2));
  const end = Math.ceil((type.basicSize + items * type.itemSize) / 8) * 8 + type.dictOffset;
  const slot = end < 16 || items > 2 ** 31 ? -1 : snapshot.word(snapshot.address(word) + end);
  return slot < 0 ? -1 : snapshot.follow(slot);
}

/**
 * The address of the values that an instance keeps apart from a dict (3.11: before the object; 3.12: behind a tagged
 * word; 3.13: inline behind the object while they are valid and no dict has taken them over); 0 where there are none.
 */
export function valuesOf(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo): number {
  if ((type.flags & TYPE_FLAGS.managedDict) === 0) return 0;
  const how = layout.instance;
  switch (how.how) {
    case 'dict-offset':
      return 0;
    case 'two-words':
      return snapshot.unsigned(word + how.values / 8);
    case 'tagged-word': {
      const tagged = snapshot.unsigned(word + how.word / 8);
      return tagged % 2 === 1 ? tagged + 1 : 0;
    }
    case 'inline': {
      const values = snapshot.address(word) + type.basicSize;
      const header = snapshot.word(values);
      const taken = (type.flags & TYPE_FLAGS.inlineValues) === 0 || snapshot.unsigned(word + how.dict / 8) !== 0;
      return taken || header < 0 || snapshot.uint8(header, how.valid) !== 1 ? 0 : values;
    }
    default:
      return how satisfies never;
  }
}

/** The names of the attributes that the instances of a class share, in the order of their values. */
export function sharedKeys(
  snapshot: Snapshot,
  layout: Layout,
  typeWord: number,
  into?: DictTable,
): DictTable | undefined {
  const keys = snapshot.follow(typeWord + layout.heapType.cachedKeys / 8);
  return keys < 0 ? undefined : keysTable(snapshot, layout, keys, into);
}

/** The word of the value of an instance's attribute, from its dict or its own values; -1 where it has none of that name. */
export function attributeWord(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo, name: string): number {
  const values = valuesOf(snapshot, layout, word, type);
  const names = values === 0 ? undefined : sharedKeys(snapshot, layout, type.word);
  for (let at = 0; at < (names?.count ?? 0); at += 1) {
    const key = snapshot.word(names!.entries + at * names!.entryBytes + names!.keyOffset);
    if (key < 0 || readStr(snapshot, layout, snapshot.follow(key)) !== name) continue;
    const value = snapshot.word(values + layout.values.first + at * 8);
    return value < 0 ? -1 : snapshot.follow(value);
  }
  const dict = dictOf(snapshot, layout, word, type);
  return dict < 0 ? -1 : lookUp(snapshot, layout, dict, name);
}
