import type { Snapshot } from '../memory/snapshot.ts';
import { COMMON, type Layout } from './layout.ts';
import { readStr } from './strings.ts';

/** A dict's table as it lies in memory. Addresses, since a table may span pages that are not neighbours in the copy. */
export interface DictTable {
  /** Where the first entry begins, and how far apart entries are. */
  entries: number;
  entryBytes: number;
  keyOffset: number;
  /** In an entry; for a split table the values lie elsewhere. */
  valueOffset: number;
  /** Address of the first value of a split table; 0 for a combined one. */
  splitValues: number;
  count: number;
  /** Bytes of the key table (0 where it is shared with other dicts) and of the values. */
  bytes: number;
}

/** A table to be filled in. Hot code keeps one and passes it again and again: there are millions of dicts. */
export const blankTable = (): DictTable => ({
  entries: 0,
  entryBytes: 0,
  keyOffset: 0,
  valueOffset: 0,
  splitValues: 0,
  count: 0,
  bytes: 0,
});

/** Entries that a table can have; above it the number read is damage. */
const MAX_ENTRIES = 2 ** 31;

/** All empty dicts share one table of this size (Objects/dictobject.c, empty_keys_struct); their own have 8 and more. */
const SHARED_EMPTY = 1;

/** The table of the dict object at a word, in `into`; undefined where the fields make no sense. */
export function dictTable(
  snapshot: Snapshot,
  layout: Layout,
  dict: number,
  into: DictTable = blankTable(),
): DictTable | undefined {
  const keys = snapshot.follow(dict + COMMON.dict.keys / 8);
  if (keys < 0) return undefined;
  const table = keysTable(snapshot, layout, keys, into);
  const values = snapshot.unsigned(dict + COMMON.dict.values / 8);
  if (table === undefined || values === 0) return table;
  table.splitValues = values + layout.values.first;
  table.bytes = table.bytes === 0 ? 0 : (table.count + 1) * 8;
  return table;
}

/** Whether a dict is the only one that its key table belongs to: the class and its other instances have another by now. */
export function isLastOwner(snapshot: Snapshot, dict: number): boolean {
  const keys = snapshot.follow(dict + COMMON.dict.keys / 8);
  // The table begins with its reference count (Include/internal/pycore_dict.h).
  return keys >= 0 && snapshot.unsigned(keys) === 1;
}

/** The key table at a word. Entries follow the index, whose width depends on the table's size (Objects/dictobject.c). */
export function keysTable(
  snapshot: Snapshot,
  layout: Layout,
  keys: number,
  into: DictTable = blankTable(),
): DictTable | undefined {
  const shape = layout.keys;
  const start = snapshot.address(keys);
  const count = snapshot.signed(keys + shape.entries / 8);
  const size =
    shape.how === 'sized' ? snapshot.signed(keys + shape.size / 8) : 2 ** snapshot.uint8(keys, shape.log2Size);
  if (count < 0 || count > size || size > MAX_ENTRIES || size < 1) return undefined;
  const indexBytes = shape.how === 'sized' ? size * indexWidth(size) : 2 ** snapshot.uint8(keys, shape.log2IndexBytes);
  if (indexBytes > size * 8) return undefined;
  const hasHash = shape.how === 'sized' || snapshot.uint8(keys, shape.kind) === 0;
  const entryBytes = hasHash ? 24 : 16;
  const usable = Math.max(0, snapshot.signed(keys + shape.usable / 8));
  into.entries = start + shape.indices + indexBytes;
  into.entryBytes = entryBytes;
  into.keyOffset = hasHash ? 8 : 0;
  into.valueOffset = hasHash ? 16 : 8;
  into.splitValues = 0;
  into.count = count;
  into.bytes = size === SHARED_EMPTY ? 0 : shape.indices + indexBytes + Math.min(count + usable, size) * entryBytes;
  return into;
}

function indexWidth(size: number): number {
  if (size <= 0xff) return 1;
  if (size <= 0xffff) return 2;
  return size <= 0xffffffff ? 4 : 8;
}

/** The word of the value under a str key; -1 where there is none. Reads the table in order: for small dicts of names. */
export function lookUp(snapshot: Snapshot, layout: Layout, dict: number, name: string): number {
  for (const entry of dictEntries(snapshot, layout, dict)) {
    if (readStr(snapshot, layout, entry.key) === name) return entry.value;
  }
  return -1;
}

/** The entries in use of the dict at a word, as words of key and value. Not for hot code. */
export function* dictEntries(
  snapshot: Snapshot,
  layout: Layout,
  dict: number,
): Generator<{ key: number; value: number }> {
  const table = dictTable(snapshot, layout, dict);
  if (table === undefined) return;
  for (let at = 0; at < table.count; at += 1) {
    const entry = table.entries + at * table.entryBytes;
    const valueAt = table.splitValues === 0 ? entry + table.valueOffset : table.splitValues + at * 8;
    const keyWord = snapshot.word(entry + table.keyOffset);
    const valueWord = snapshot.word(valueAt);
    // Not copied, or damage: what follows may be two thousand million entries of nothing.
    if (keyWord < 0 || valueWord < 0) return;
    const value = snapshot.follow(valueWord);
    if (value >= 0) yield { key: snapshot.follow(keyWord), value };
  }
}
