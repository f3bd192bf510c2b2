import type { Snapshot } from '../memory/snapshot.ts';
import { dictTable, keysTable } from './dicts.ts';
import { frameSlots, generatorFrame } from './frames.ts';
import { COMMON, type Layout, TYPE_FLAGS } from './layout.ts';
import type { TypeInfo } from './types.ts';

/** A size above this is damage: more than user space holds. */
const MAX_BYTES = 2 ** 47;

/**
 * The bytes that an object really takes: its collector head, what lies before it, its own structure, and the tables
 * and buffers that it alone owns. `sys.getsizeof` leaves some of that out (attribute values from 3.11 on, deque blocks).
 */
export function sizeOf(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo): number {
  const head = type.isGc ? COMMON.gc.headBytes : 0;
  const bytes =
    head + before(layout, type) + structure(snapshot, layout, word, type) + owned(snapshot, layout, word, type);
  return bytes >= 0 && bytes < MAX_BYTES ? bytes : type.basicSize;
}

/** The two words before an object whose attributes are managed (3.11+). */
function before(layout: Layout, type: TypeInfo): number {
  return layout.instance.how !== 'dict-offset' && (type.flags & TYPE_FLAGS.managedDict) !== 0 ? 16 : 0;
}

function structure(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo): number {
  switch (type.shape) {
    case 'str':
      return type.basicSize - (layout.str.compactSize + 8) + strBytes(snapshot, layout, word);
    case 'generator':
      return generatorBytes(snapshot, layout, word, type);
    case 'interpreter-frame':
      return 0;
    default:
      // The sign of an int is the sign of its length (3.9–3.11); from 3.12 on the length is in the tag's upper bits.
      return type.basicSize + itemCount(snapshot, layout, word, type) * type.itemSize;
  }
}

function itemCount(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo): number {
  if (type.itemSize === 0) return 0;
  if (type.shape === 'int' && layout.minor >= 12) return Math.max(1, Math.floor(snapshot.unsigned(word + 2) / 8));
  return Math.abs(snapshot.signed(word + 2));
}

/** PEP 393: the data of a compact string follows its header; others point to a buffer. A UTF-8 copy may be kept too. */
function strBytes(snapshot: Snapshot, layout: Layout, word: number): number {
  const length = snapshot.signed(word + COMMON.str.length / 8);
  const state = snapshot.int32(word, COMMON.str.state);
  const kind = (state >>> COMMON.str.kindShift) & 7;
  if (((state >>> COMMON.str.compactBit) & 1) === 0)
    return layout.str.compactSize + 8 + (length + 1) * Math.max(1, kind);
  if (((state >>> COMMON.str.asciiBit) & 1) === 1) return layout.str.asciiSize + length + 1;
  const utf8 = snapshot.unsigned(word + layout.str.utf8 / 8);
  const copy = utf8 === 0 ? 0 : snapshot.signed(word + layout.str.utf8Length / 8) + 1;
  return layout.str.compactSize + (length + 1) * kind + copy;
}

function generatorBytes(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo): number {
  if (layout.generator.how === 'frame-object') return type.basicSize;
  const frame = generatorFrame(snapshot, layout, word);
  const slots = frame < 0 ? undefined : frameSlots(snapshot, layout, frame);
  return type.basicSize + (slots ? slots.possible * 8 : 0);
}

/** Tables and buffers outside the object that nobody else owns. */
function owned(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo): number {
  switch (type.shape) {
    case 'list':
      return snapshot.signed(word + COMMON.list.allocated / 8) * 8;
    case 'dict':
      return dictTable(snapshot, layout, word)?.bytes ?? 0;
    case 'set':
      return setTableBytes(snapshot, word);
    case 'bytearray':
      return snapshot.signed(word + COMMON.bytearray.allocated / 8);
    case 'deque':
      return dequeBlocks(snapshot, word) * COMMON.deque.blockBytes;
    case 'array':
      return arrayBytes(snapshot, word);
    case 'ndarray':
      return ndarrayBytes(snapshot, word);
    default:
      return type.isHeapType ? valuesBytes(snapshot, layout, word, type) : 0;
  }
}

/** Up to eight entries live inside the set itself. */
function setTableBytes(snapshot: Snapshot, word: number): number {
  const inside = snapshot.address(word) + COMMON.set.smallTable;
  if (snapshot.unsigned(word + COMMON.set.table / 8) === inside) return 0;
  return (snapshot.signed(word + COMMON.set.mask / 8) + 1) * 16;
}

function dequeBlocks(snapshot: Snapshot, word: number): number {
  const index = snapshot.signed(word + COMMON.deque.leftIndex / 8);
  const items = snapshot.signed(word + 2);
  return Math.max(1, Math.ceil((index + items) / COMMON.deque.blockItems));
}

/** Modules/arraymodule.c: `allocated` counts items; the item's size is in its descriptor. */
function arrayBytes(snapshot: Snapshot, word: number): number {
  const descriptor = snapshot.unsigned(word + 5);
  const itemSize = new DataView(new Uint8Array([...snapshot.slice(descriptor + 4, 4), 0, 0, 0, 0]).buffer).getInt32(
    0,
    true,
  );
  return itemSize > 0 && itemSize <= 16 ? snapshot.signed(word + 4) * itemSize : 0;
}

/** numpy's PyArrayObject_fields: data 16, nd 24, dimensions 32, strides 40, base 48, flags 64; OWNDATA is 4. */
function ndarrayBytes(snapshot: Snapshot, word: number): number {
  const nd = snapshot.int32(word, 24);
  const dimensions = snapshot.word(snapshot.unsigned(word + 4));
  const strides = snapshot.word(snapshot.unsigned(word + 5));
  if ((snapshot.int32(word, 64) & 4) === 0 || nd < 1 || nd > 64 || dimensions < 0 || strides < 0) return 0;
  let bytes = 0;
  for (let axis = 0; axis < nd; axis += 1) {
    bytes = Math.max(bytes, snapshot.signed(dimensions + axis) * Math.abs(snapshot.signed(strides + axis)));
  }
  return bytes;
}

/** Attribute values of an instance, where they are kept apart from a dict (Objects/dictobject.c, new_values). */
function valuesBytes(snapshot: Snapshot, layout: Layout, word: number, type: TypeInfo): number {
  if ((type.flags & TYPE_FLAGS.managedDict) === 0) return 0;
  const how = layout.instance;
  switch (how.how) {
    case 'dict-offset':
      return 0;
    case 'two-words':
      return snapshot.unsigned(word + how.values / 8) === 0 ? 0 : sharedKeyBytes(snapshot, layout, type);
    case 'tagged-word':
      return (snapshot.words[2 * (word + how.word / 8)]! & 1) === 0 ? 0 : sharedKeyBytes(snapshot, layout, type);
    case 'inline': {
      if ((type.flags & TYPE_FLAGS.inlineValues) === 0) return 0;
      const header = snapshot.word(snapshot.address(word) + type.basicSize);
      const capacity = header < 0 ? 0 : snapshot.uint8(header, 0);
      return Math.ceil(capacity / 8) * 8 + (capacity + 1) * 8;
    }
    default:
      return how satisfies never;
  }
}

function sharedKeyBytes(snapshot: Snapshot, layout: Layout, type: TypeInfo): number {
  const keys = snapshot.follow(type.word + layout.heapType.cachedKeys / 8);
  if (keys < 0 || layout.keys.how !== 'log2') return 0;
  const table = keysTable(snapshot, layout, keys);
  if (table === undefined) return 0;
  const capacity = table.count + Math.max(0, snapshot.signed(keys + layout.keys.usable / 8));
  return Math.ceil((capacity + 2) / 8) * 8 + capacity * 8;
}
