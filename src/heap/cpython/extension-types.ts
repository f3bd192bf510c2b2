import type { Snapshot } from '../memory/snapshot.ts';
import { COMMON, type Layout } from './layout.ts';

/** Where the references that a reader finds go. */
export interface ReferenceSink {
  /** A word that always holds a pointer to an object, or null. */
  pointer(word: number): void;
  /** As many such words behind one another, from an address on. */
  pointers(address: number, length: number): void;
  /** A pointer whose lowest bit is a flag, or null. */
  tagged(word: number): void;
  /** Whether so many words may be read: false once tables laid over one another were read too often. */
  mayRead(words: number): boolean;
}

/** How objects of a type written in C are read, where scanning their fixed words would find too little or too much. */
export interface ExtensionType {
  /** Byte offsets of its own pointers to objects. Its other fixed words are not scanned. Absent: they all are. */
  readonly fields?: readonly number[];
  /** Smaller types of that name are another's: the same library without its C part. */
  readonly leastBytes?: number;
  /** Scanning starts here: what lies before is known to be borrowed. Bytes. */
  readonly scanFrom?: number;
  /** References outside the fixed words. */
  readonly references?: (snapshot: Snapshot, layout: Layout, word: number, sink: ReferenceSink) => void;
  /** Bytes of tables outside the object that it alone owns; NaN where its fields make no sense. */
  readonly ownedBytes?: (snapshot: Snapshot, layout: Layout, word: number) => number;
}

/** No table of pointers is longer; what says so is damage. */
const MOST_POINTERS = 2 ** 31;

/** No struct sequence has more fields. */
const MOST_FIELDS = 1000;

/** Objects/odictobject.c, struct _odictobject: behind the dict the first of its nodes, and a hash table of them. */
const ORDERED = { first: 48, fastNodesSize: 72, instanceDict: 96 } as const;
/** struct _odictnode: key, hash, next, previous. */
const ORDERED_NODE = { key: 0, next: 16, bytes: 32 } as const;

const orderedDict: ExtensionType = {
  fields: [ORDERED.instanceDict],
  references(snapshot, _layout, word, sink) {
    const most = Math.min(snapshot.signed(word + COMMON.dict.used / 8), (snapshot.places * 8) / ORDERED_NODE.bytes);
    let node = snapshot.follow(word + ORDERED.first / 8);
    for (let seen = 0; seen < most && node >= 0; seen += 1) {
      if (!sink.mayRead(2)) return;
      sink.pointer(node + ORDERED_NODE.key / 8);
      node = snapshot.follow(node + ORDERED_NODE.next / 8);
    }
  },
  ownedBytes(snapshot, _layout, word) {
    const nodes = snapshot.signed(word + COMMON.dict.used / 8);
    const slots = snapshot.signed(word + ORDERED.fastNodesSize / 8);
    return slots >= 0 && nodes >= 0 ? slots * 8 + nodes * ORDERED_NODE.bytes : Number.NaN;
  },
};

/**
 * Python/hamt.c: the nodes of a context's mapping. Bitmap: {size, bitmap, array of key and value in turn}, a null key for a
 * sub-node; collision: {size, hash, the same}; array: 32 sub-nodes.
 */
const HAMT = { size: 16, array: 32, branches: 32, root: 16 } as const;

const hamtRow: ExtensionType = {
  fields: [],
  references(snapshot, _layout, word, sink) {
    sink.pointers(snapshot.address(word) + HAMT.array, tableLength(snapshot, word + HAMT.size / 8));
  },
};

/** Modules/itertoolsmodule.c, teedataobject {it, numread, running, nextlink, values[57]}: only what was read is set. */
const TEE = { source: 16, read: 24, next: 32, values: 40, most: 57 } as const;

const teeBlock: ExtensionType = {
  fields: [TEE.source, TEE.next],
  references(snapshot, _layout, word, sink) {
    const read = snapshot.int32(word, TEE.read);
    if (read > 0 && read <= TEE.most) sink.pointers(snapshot.address(word) + TEE.values, read);
  },
};

/** Modules/_elementtree.c, ElementObject {tag, text, tail, extra}; extra {attrib, length, allocated, children, four of them}. */
const ELEMENT = { tag: 16, text: 24, tail: 32, extra: 40 } as const;
const ELEMENT_EXTRA = { attributes: 0, length: 8, allocated: 16, children: 24, own: 32, bytes: 64 } as const;

const element: ExtensionType = {
  leastBytes: 48,
  fields: [ELEMENT.tag],
  references(snapshot, _layout, word, sink) {
    // The lowest bit of text and tail is set while they are a list of pieces, which the first to ask for them joins.
    for (const text of [ELEMENT.text, ELEMENT.tail]) sink.tagged(word + text / 8);
    const extra = snapshot.follow(word + ELEMENT.extra / 8);
    if (extra < 0) return;
    sink.pointer(extra + ELEMENT_EXTRA.attributes / 8);
    const length = tableLength(snapshot, extra + ELEMENT_EXTRA.length / 8);
    sink.pointers(snapshot.unsigned(extra + ELEMENT_EXTRA.children / 8), length);
  },
  ownedBytes(snapshot, _layout, word) {
    const extra = snapshot.follow(word + ELEMENT.extra / 8);
    if (extra < 0) return 0;
    const children = snapshot.unsigned(extra + ELEMENT_EXTRA.children / 8);
    const allocated = snapshot.signed(extra + ELEMENT_EXTRA.allocated / 8);
    if (children === snapshot.address(extra) + ELEMENT_EXTRA.own) return ELEMENT_EXTRA.bytes;
    return allocated < 0 ? Number.NaN : ELEMENT_EXTRA.bytes + allocated * 8;
  },
};

/** Modules/_queuemodule.c from 3.13 on: a ring {put, get, items, capacity, count}. Before, a list that is scanned. */
const RING = { get: 32, items: 40, capacity: 48, count: 56 } as const;

const simpleQueue: ExtensionType = {
  references(snapshot, layout, word, sink) {
    if (layout.minor < 13) return;
    const capacity = tableLength(snapshot, word + RING.capacity / 8);
    const count = tableLength(snapshot, word + RING.count / 8);
    const first = snapshot.signed(word + RING.get / 8);
    if (count > capacity || first < 0 || first >= capacity) return;
    const items = snapshot.unsigned(word + RING.items / 8);
    const untilEnd = Math.min(count, capacity - first);
    sink.pointers(items + first * 8, untilEnd);
    sink.pointers(items, count - untilEnd);
  },
  ownedBytes(snapshot, layout, word) {
    return layout.minor < 13 ? 0 : tableLength(snapshot, word + RING.capacity / 8) * 8;
  },
};

const ARRAY = COMMON.ndarray;
/** Of a descriptor of numpy's the number of its type: 17 is `object` (NPY_OBJECT). */
const DESCRIPTOR_TYPE = 28;
const OBJECT_TYPE = 17;

/** An array that owns its data has it in one piece. A view's elements are its base's. */
const ndarray: ExtensionType = {
  fields: [ARRAY.base, ARRAY.descriptor, ARRAY.memory],
  references(snapshot, _layout, word, sink) {
    const descriptor = snapshot.follow(word + ARRAY.descriptor / 8);
    const isOfObjects = descriptor >= 0 && snapshot.int32(descriptor, DESCRIPTOR_TYPE) === OBJECT_TYPE;
    if (!isOfObjects || (snapshot.int32(word, ARRAY.flags) & ARRAY.ownsData) === 0) return;
    sink.pointers(snapshot.unsigned(word + ARRAY.data / 8), elementCount(snapshot, word));
  },
};

function elementCount(snapshot: Snapshot, word: number): number {
  const axes = snapshot.int32(word, ARRAY.axes);
  if (axes === 0) return 1;
  const dimensions = snapshot.follow(word + ARRAY.dimensions / 8);
  if (axes < 0 || axes > ARRAY.mostAxes || dimensions < 0 || snapshot.run(dimensions, axes) < axes) return 0;
  let count = 1;
  for (let axis = 0; axis < axes; axis += 1) count *= Math.max(0, snapshot.signed(dimensions + axis));
  return count < MOST_POINTERS ? count : 0;
}

function tableLength(snapshot: Snapshot, word: number): number {
  const length = snapshot.signed(word);
  return length >= 0 && length < MOST_POINTERS ? length : 0;
}

/** Include/datetime.h: the zone comes last, and there is only room for it where the flag before the data says so. */
const DATETIME = { hasZone: 24, zoneOfTime: 32, zoneOfDatetime: 40 } as const;

const zoned = (zone: number): ExtensionType => ({
  fields: [],
  references(snapshot, _layout, word, sink) {
    if (snapshot.uint8(word, DATETIME.hasZone) === 1) sink.pointer(word + zone / 8);
  },
});

/** Objects/structseq.c: a tuple of so many fields, whose length leaves out those that have only names. */
export const structSequence = (fieldCount: number): ExtensionType => ({
  references(snapshot, layout, word, sink) {
    const visible = tableLength(snapshot, word + 2);
    const hidden = Math.min(fieldCount, MOST_FIELDS) - visible;
    if (hidden > 0) sink.pointers(snapshot.address(word) + layout.tuple.items + visible * 8, hidden);
  },
});

/** Types written in C, by their full name, whose references do not all lie in their fixed words, or not only references. */
const EXTENSION_TYPES: Readonly<Record<string, ExtensionType>> = {
  'collections.OrderedDict': orderedDict,
  // The links of its ring are borrowed.
  'functools._lru_cache_wrapper': { scanFrom: COMMON.lruCache.cache },
  'functools._lru_list_elem': { fields: [COMMON.lruCache.entry.key, COMMON.lruCache.entry.result] },
  hamt: { fields: [HAMT.root] },
  hamt_bitmap_node: hamtRow,
  hamt_collision_node: hamtRow,
  // Python/context.c: name and default; behind them the value that was read last, borrowed.
  ContextVar: { fields: [16, 24] },
  '_contextvars.ContextVar': { fields: [16, 24] },
  'itertools._tee_dataobject': teeBlock,
  'datetime.datetime': zoned(DATETIME.zoneOfDatetime),
  'datetime.time': zoned(DATETIME.zoneOfTime),
  // Numbers, and nothing else.
  'datetime.date': { fields: [] },
  'datetime.timedelta': { fields: [] },
  'decimal.Decimal': { leastBytes: 104, fields: [] },
  '_random.Random': { fields: [] },
  // Behind its numbers a borrowed 1 (3.13).
  enumerate: { fields: [24, 32, 40] },
  // Modules/_csv.c: behind source, dialect and fields a buffer of characters.
  '_csv.reader': { fields: [16, 24, 32] },
  // The group that is being read is borrowed, and may be gone.
  'itertools.groupby': { fields: [16, 24, 32, 40, 48] },
  // Modules/_sqlite/cache.c (up to 3.10): its connection is borrowed, its nodes are in a dict.
  'sqlite3.Cache': { fields: [24] },
  'sqlite3.Node': { fields: [16, 24] },
  // Objects/memoryobject.c: the buffer that it shares; and of that, who gave it. Their Py_buffer borrows.
  memoryview: { fields: [24] },
  managedbuffer: { fields: [40] },
  'xml.etree.ElementTree.Element': element,
  '_queue.SimpleQueue': simpleQueue,
  'numpy.ndarray': ndarray,
};

/** How a type written in C is read, by its full name; undefined where its fixed words tell all. */
export function extensionType(name: string, basicSize: number): ExtensionType | undefined {
  const known = Object.hasOwn(EXTENSION_TYPES, name) ? EXTENSION_TYPES[name] : undefined;
  return known && basicSize >= (known.leastBytes ?? 0) ? known : undefined;
}
