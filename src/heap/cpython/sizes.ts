import type { Room } from '../memory/room.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import { blankTable, dictTable, isLastOwner, keysTable } from './dicts.ts';
import { frameOfObject, frameSlots } from './frames.ts';
import { COMMON, type Layout, TYPE_FLAGS } from './layout.ts';
import type { TypeInfo } from './types.ts';

/** What is smaller is not held against the mappings: it costs time for each object, and could not mislead by much. */
const SMALL_BYTES = 4096;

/** Sizes of the objects of one snapshot. What could not lie in the process's memory is damage, and no size. */
export class ObjectSizes {
  private readonly snapshot: Snapshot;
  private readonly layout: Layout;
  private readonly room: Room;
  /** Bytes an item of array.array by the address of its descriptor: there is one a type code. */
  private readonly arrayItems = new Map<number, number>();
  private readonly table = blankTable();

  constructor(snapshot: Snapshot, layout: Layout, room: Room) {
    this.snapshot = snapshot;
    this.layout = layout;
    this.room = room;
  }

  /**
   * The bytes that an object really takes: its collector head, what lies before it, its own structure, and the tables
   * and buffers that it alone owns. `sys.getsizeof` leaves some of that out (attribute values from 3.11 on, deque
   * blocks). Undefined where its fields make no sense.
   */
  of(word: number, type: TypeInfo): number | undefined {
    const own = this.structure(word, type);
    const address = own <= SMALL_BYTES ? 0 : this.snapshot.address(word);
    const bytes =
      this.before(word, type) + this.within(address, own) + this.owned(word, type) + this.behindExtension(word, type);
    return bytes >= 0 ? bytes : undefined;
  }

  /** Nodes and the like of a type written in C lie anywhere: all there is of memory bounds them. */
  private behindExtension(word: number, type: TypeInfo): number {
    const bytes = type.extension?.ownedBytes?.(this.snapshot, this.layout, word) ?? 0;
    return bytes <= this.room.bytes ? bytes : Number.NaN;
  }

  /** The bytes, or NaN where so many cannot lie behind the address. */
  private within(address: number, bytes: number): number {
    if (bytes >= 0 && bytes <= SMALL_BYTES) return bytes;
    return bytes > 0 && bytes <= this.room.behind(address) ? bytes : Number.NaN;
  }

  private structure(word: number, type: TypeInfo): number {
    switch (type.shape) {
      case 'str':
        return type.basicSize - (this.layout.str.compactSize + 8) + this.strBytes(word);
      case 'frame':
        return this.frameBytes(word, type);
      case 'generator':
        return this.generatorBytes(word, type);
      case 'interpreter-frame':
        return 0;
      case 'type':
        return this.isStatic(word) ? this.layout.typeSize : type.basicSize + this.attributeNames(word);
      default:
        return type.basicSize + this.itemCount(word, type) * type.itemSize;
    }
  }

  /** A type of C code that lies in its data: it has no collector's head, and none of a class's own fields. */
  private isStatic(typeWord: number): boolean {
    return (this.snapshot.words[2 * (typeWord + COMMON.type.flags / 8)]! & TYPE_FLAGS.heapType) === 0;
  }

  private before(word: number, type: TypeInfo): number {
    return type.shape === 'type' && this.isStatic(word) ? 0 : before(this.layout, type);
  }

  /** The table of the names that a class's instances share is the class's. */
  private attributeNames(typeWord: number): number {
    const { snapshot, layout } = this;
    const keys = snapshot.follow(typeWord + layout.heapType.cachedKeys / 8);
    const table = keys < 0 ? undefined : keysTable(snapshot, layout, keys);
    if (table === undefined || layout.keys.how === 'sized') return table?.bytes ?? 0;
    // More names than instances share have room in it (Objects/dictobject.c, USABLE_FRACTION).
    const index = table.entries - snapshot.address(keys);
    return index + Math.floor((2 ** snapshot.uint8(keys, layout.keys.log2Size) * 2) / 3) * table.entryBytes;
  }

  /**
   * The sign of an int is the sign of its length (up to 3.11); from 3.12 on the length is in the tag's upper bits. From
   * 3.11 on zero has a digit too (Objects/longobject.c, int___sizeof___impl).
   */
  private itemCount(word: number, type: TypeInfo): number {
    if (type.itemSize === 0) return 0;
    const size = this.snapshot.signed(word + 2);
    if (type.shape !== 'int') return size;
    const digits = this.layout.minor >= 12 ? Math.floor(this.snapshot.unsigned(word + 2) / 8) : Math.abs(size);
    return this.layout.minor >= 11 ? Math.max(1, digits) : digits;
  }

  /** PEP 393: the data of a compact string follows its header; others point to a buffer. A UTF-8 copy may be kept too. */
  private strBytes(word: number): number {
    const { snapshot, layout } = this;
    const length = snapshot.signed(word + COMMON.str.length / 8);
    const state = snapshot.int32(word, COMMON.str.state);
    const kind = (state >>> COMMON.str.kindShift) & 7;
    if (((state >>> COMMON.str.compactBit) & 1) === 0) {
      const data = snapshot.unsigned(word + layout.str.compactSize / 8);
      return layout.str.compactSize + 8 + this.within(data, (length + 1) * Math.max(1, kind));
    }
    if (((state >>> COMMON.str.asciiBit) & 1) === 1) return layout.str.asciiSize + length + 1;
    const utf8 = snapshot.unsigned(word + layout.str.utf8 / 8);
    const copy = utf8 === 0 ? 0 : this.within(utf8, snapshot.signed(word + layout.str.utf8Length / 8) + 1);
    return layout.str.compactSize + (length + 1) * kind + copy;
  }

  /** From 3.11 on a frame object has room for the frame itself, which moves in when its function returns. */
  private frameBytes(word: number, type: TypeInfo): number {
    const { snapshot, layout } = this;
    if (layout.frame.how === 'object') return type.basicSize + snapshot.signed(word + 2) * type.itemSize;
    const frame = frameOfObject(snapshot, layout, word);
    const slots = frame < 0 ? undefined : frameSlots(snapshot, layout, frame);
    return type.basicSize + (slots ? slots.capacity * 8 : 0);
  }

  private generatorBytes(word: number, type: TypeInfo): number {
    if (this.layout.generator.how === 'frame-object') return type.basicSize;
    // Its frame lies inside it, also when that has ended.
    const slots = frameSlots(this.snapshot, this.layout, word + this.layout.generator.frame / 8);
    return type.basicSize + (slots ? slots.capacity * 8 : 0);
  }

  /** Tables and buffers outside the object that nobody else owns. */
  private owned(word: number, type: TypeInfo): number {
    switch (type.shape) {
      case 'list':
        return this.listTable(word);
      case 'dict':
        return this.dictTables(word);
      case 'set':
        return this.setTable(word);
      case 'bytearray':
        return this.bytearrayBuffer(word);
      case 'deque':
        return this.dequeBlocks(word);
      case 'array':
        return this.arrayBuffer(word);
      case 'ndarray':
        return this.ndarrayData(word);
      default:
        return type.isHeapType ? this.attributeValues(word, type) : 0;
    }
  }

  /** While a list is sorted it looks empty, with -1 for what is allocated (Objects/listobject.c, list_sort_impl). */
  private listTable(word: number): number {
    const allocated = this.snapshot.signed(word + COMMON.list.allocated / 8);
    return allocated === -1 ? 0 : this.within(this.snapshot.unsigned(word + COMMON.list.items / 8), allocated * 8);
  }

  private dictTables(word: number): number {
    const table = dictTable(this.snapshot, this.layout, word, this.table);
    if (table === undefined) return 0;
    if (table.splitValues === 0) return this.within(this.snapshot.unsigned(word + COMMON.dict.keys / 8), table.bytes);
    return this.within(table.splitValues, this.splitValues(word, table.count)) + this.lastKeys(word);
  }

  private lastKeys(dict: number): number {
    if (!isLastOwner(this.snapshot, dict)) return 0;
    const keys = this.snapshot.follow(dict + COMMON.dict.keys / 8);
    return keysTable(this.snapshot, this.layout, keys)?.bytes ?? 0;
  }

  /** Values of a dict whose keys its class owns. Those inside an instance (3.13) are counted there (Include/internal/pycore_dict.h). */
  private splitValues(dict: number, count: number): number {
    const { snapshot, layout } = this;
    const keys = snapshot.follow(dict + COMMON.dict.keys / 8);
    const values = snapshot.follow(dict + COMMON.dict.values / 8);
    if (keys < 0 || values < 0) return 0;
    if (layout.keys.how === 'sized') return Math.floor((snapshot.signed(keys + layout.keys.size / 8) * 2) / 3) * 8;
    if (layout.instance.how === 'inline') {
      return snapshot.uint8(values, EMBEDDED) === 1 ? 0 : inlineValuesBytes(snapshot.uint8(values, 0));
    }
    return valuesBytes(count + Math.max(0, snapshot.signed(keys + layout.keys.usable / 8)));
  }

  /** Up to eight entries live inside the set itself. */
  private setTable(word: number): number {
    const { snapshot } = this;
    const table = snapshot.unsigned(word + COMMON.set.table / 8);
    if (table === snapshot.address(word) + COMMON.set.smallTable) return 0;
    return this.within(table, (snapshot.signed(word + COMMON.set.mask / 8) + 1) * 16);
  }

  /** From 3.15 on the buffer is the data of a bytes object that the bytearray alone has, with its head and a zero behind. */
  private bytearrayBuffer(word: number): number {
    const { snapshot, layout } = this;
    const allocated = snapshot.signed(word + COMMON.bytearray.allocated / 8);
    const around = layout.minor >= 15 && allocated > 0 ? COMMON.bytes.data + 1 : 0;
    return this.within(snapshot.unsigned(word + COMMON.bytearray.buffer / 8), allocated) + around;
  }

  /** The blocks lie anywhere: all there is of memory bounds them. */
  private dequeBlocks(word: number): number {
    const index = this.snapshot.signed(word + COMMON.deque.leftIndex / 8);
    const items = this.snapshot.signed(word + 2);
    if (index < 0 || index > COMMON.deque.blockItems || items < 0) return Number.NaN;
    const bytes = Math.max(1, Math.ceil((index + items) / COMMON.deque.blockItems)) * COMMON.deque.blockBytes;
    return bytes <= this.room.bytes ? bytes : Number.NaN;
  }

  private arrayBuffer(word: number): number {
    const { items, allocated, descriptor } = COMMON.array;
    const itemSize = this.arrayItemSize(this.snapshot.unsigned(word + descriptor / 8));
    const bytes = this.snapshot.signed(word + allocated / 8) * itemSize;
    return this.within(this.snapshot.unsigned(word + items / 8), bytes);
  }

  private arrayItemSize(descriptor: number): number {
    const known = this.arrayItems.get(descriptor);
    if (known !== undefined) return known;
    const bytes = this.snapshot.slice(descriptor + COMMON.array.itemSize, 4);
    const said = bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true) : 0;
    const size = said > 0 && said <= 16 ? said : 0;
    this.arrayItems.set(descriptor, size);
    return size;
  }

  private ndarrayData(word: number): number {
    const { snapshot } = this;
    const at = COMMON.ndarray;
    const axes = snapshot.int32(word, at.axes);
    const isView = (snapshot.int32(word, at.flags) & at.ownsData) === 0;
    if (axes === 0) return isView ? 0 : this.elementBytes(word);
    const dimensions = snapshot.word(snapshot.unsigned(word + at.dimensions / 8));
    const strides = snapshot.word(snapshot.unsigned(word + at.strides / 8));
    if (axes < 1 || axes > at.mostAxes || dimensions < 0 || strides < 0) return 0;
    // Dimensions and strides are a table of their own.
    const table = axes * 16;
    if (isView) return table;
    let bytes = 0;
    for (let axis = 0; axis < axes; axis += 1) {
      bytes = Math.max(bytes, snapshot.signed(dimensions + axis) * Math.abs(snapshot.signed(strides + axis)));
    }
    return table + this.within(snapshot.unsigned(word + at.data / 8), bytes);
  }

  /**
   * Bytes of an element, as the descriptor says: up to numpy 1 an int at 32 before the alignment, which is never 0; from numpy 2
   * on flags take their place, and a word follows.
   */
  private elementBytes(array: number): number {
    const { snapshot } = this;
    const descriptor = snapshot.follow(array + COMMON.ndarray.descriptor / 8);
    if (descriptor < 0) return 0;
    const bytes = snapshot.int32(descriptor, 36) > 0 ? snapshot.int32(descriptor, 32) : snapshot.signed(descriptor + 5);
    return bytes >= 0 && bytes <= MOST_ELEMENT_BYTES ? bytes : 0;
  }

  /** Attribute values of an instance, where they are kept apart from a dict (Objects/dictobject.c, new_values). */
  private attributeValues(word: number, type: TypeInfo): number {
    if ((type.flags & TYPE_FLAGS.managedDict) === 0) return 0;
    const { snapshot } = this;
    const how = this.layout.instance;
    switch (how.how) {
      case 'dict-offset':
        return 0;
      case 'two-words':
        return snapshot.unsigned(word + how.values / 8) === 0 ? 0 : this.sharedKeyValues(type);
      case 'tagged-word':
        return (snapshot.words[2 * (word + how.word / 8)]! & 1) === 0 ? 0 : this.sharedKeyValues(type);
      case 'inline': {
        if ((type.flags & TYPE_FLAGS.inlineValues) === 0) return 0;
        const header = snapshot.word(snapshot.address(word) + type.basicSize);
        const capacity = header < 0 ? 0 : snapshot.uint8(header, 0);
        return inlineValuesBytes(capacity);
      }
      default:
        return how satisfies never;
    }
  }

  private sharedKeyValues(type: TypeInfo): number {
    const { snapshot, layout } = this;
    const keys = snapshot.follow(type.word + layout.heapType.cachedKeys / 8);
    if (keys < 0 || layout.keys.how !== 'log2') return 0;
    const table = keysTable(snapshot, layout, keys, this.table);
    if (table === undefined) return 0;
    const capacity = table.count + Math.max(0, snapshot.signed(keys + layout.keys.usable / 8));
    // No class shares more names than that (SHARED_KEYS_MAX_SIZE is 30).
    return capacity > 255 ? 0 : valuesBytes(capacity);
  }
}

/** An element of an array is no larger, but for structures. */
const MOST_ELEMENT_BYTES = 1 << 16;

/** PyDictValues: whether the values lie inside an instance (3.13, Include/internal/pycore_dict.h). */
const EMBEDDED = 2;

/** Values with the order of assignment before them, a byte each and two more (3.11, 3.12: Objects/dictobject.c, new_values). */
const valuesBytes = (capacity: number): number => Math.ceil((capacity + 2) / 8) * 8 + capacity * 8;

/** The same with a header (3.13: Include/internal/pycore_dict.h, _PyInlineValuesSize). */
const inlineValuesBytes = (capacity: number): number => Math.ceil(capacity / 8) * 8 + (capacity + 1) * 8;

/** The collector's head, and the two words before an object whose attributes (3.11+) or weak references (3.12+) are managed. */
function before(layout: Layout, type: TypeInfo): number {
  const head = type.isGc ? COMMON.gc.headBytes : 0;
  if (layout.instance.how === 'dict-offset') return head;
  const managed = TYPE_FLAGS.managedDict | (layout.minor >= 12 ? TYPE_FLAGS.managedWeakrefs : 0);
  return (type.flags & managed) !== 0 ? head + 16 : head;
}
