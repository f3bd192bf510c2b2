import { visible } from '../../util/text-escape.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import { lookUp } from './dicts.ts';
import { type ExtensionType, extensionType, structSequence } from './extension-types.ts';
import { COMMON, type Layout, TYPE_FLAGS } from './layout.ts';
import { cString, readName } from './strings.ts';

/** How the references of an object are found. What is not named here is `plain`: its fixed words are scanned. */
export type Shape =
  | 'plain'
  | 'leaf'
  | 'list'
  | 'tuple'
  | 'dict'
  | 'set'
  | 'str'
  | 'bytes'
  | 'int'
  | 'bytearray'
  | 'type'
  | 'frame'
  | 'generator'
  | 'module'
  | 'weakref'
  | 'deque'
  | 'lru-cache'
  | 'array'
  | 'ndarray'
  | 'interpreter-frame';

/** Built-in types by tp_name. A class written in Python can have such a name too: it is told by its heap-type flag. */
const SHAPE_BY_NAME: Readonly<Record<string, Shape>> = {
  list: 'list',
  tuple: 'tuple',
  dict: 'dict',
  // 3.15: a dict with a hash behind it.
  frozendict: 'dict',
  set: 'set',
  frozenset: 'set',
  str: 'str',
  bytes: 'bytes',
  int: 'int',
  float: 'leaf',
  complex: 'leaf',
  NoneType: 'leaf',
  ellipsis: 'leaf',
  bytearray: 'bytearray',
  type: 'type',
  frame: 'frame',
  generator: 'generator',
  coroutine: 'generator',
  async_generator: 'generator',
  module: 'module',
  weakref: 'weakref',
  weakproxy: 'weakref',
  weakcallableproxy: 'weakref',
  'weakref.ReferenceType': 'weakref',
  'weakref.ProxyType': 'weakref',
  'weakref.CallableProxyType': 'weakref',
  'collections.deque': 'deque',
  'functools._lru_cache_wrapper': 'lru-cache',
  'array.array': 'array',
  'numpy.ndarray': 'ndarray',
};

const LEAVES: ReadonlySet<Shape> = new Set<Shape>(['str', 'bytes', 'int', 'leaf']);

export interface TypeInfo {
  readonly index: number;
  readonly word: number;
  /** `list`, `collections.deque`, `app.models.User`. */
  readonly name: string;
  readonly shape: Shape;
  readonly flags: number;
  readonly basicSize: number;
  readonly itemSize: number;
  readonly dictOffset: number;
  readonly weaklistOffset: number;
  readonly isGc: boolean;
  /** The fixed words behind the built-in part: slots and C fields, scanned for references. Byte offsets. */
  readonly scanFrom: number;
  readonly scanTo: number;
  readonly base: TypeInfo | undefined;
  readonly isHeapType: boolean;
  /** What is particular to a type written in C, or to the one that it is derived from. */
  readonly extension: ExtensionType | undefined;
  /** Whether its objects never refer to anything: text and numbers. */
  readonly isLeaf: boolean;
}

/** A type's chain of bases, and of metatypes, is no longer than this in any sane program. */
const MAX_DEPTH = 200;
const MAX_BASIC_SIZE = 1 << 20;
/** Where no object can reach there is nothing. */
const offsetIn = (offset: number): number => (Math.abs(offset) <= MAX_BASIC_SIZE ? offset : 0);
/** Of the mark that a set leaves where a key was deleted (Objects/setobject.c): it is nothing that the set holds. */
const DELETED_KEY = '<dummy key> type';
/** From the next minor version on all types of the interpreter are ready from its start. */
const LAST_UNREADY = 9;
/** Where the digits of an int begin, in bytes. */
const INT_DIGITS = 24;

/** The types met in a snapshot, told from what merely looks like one, each read once. */
export class TypeTable {
  readonly all: TypeInfo[] = [];
  private readonly snapshot: Snapshot;
  private readonly layout: Layout;
  /** The word of `type` itself. */
  private readonly typeType: number;
  private slots = new Int32Array(1 << 14).fill(-1);
  private slotIndex = new Int32Array(1 << 14);
  private used = 0;

  constructor(snapshot: Snapshot, layout: Layout, typeType: number) {
    this.snapshot = snapshot;
    this.layout = layout;
    this.typeType = typeType;
    // Index 0 is no type of Python's: frames from 3.11 on are no objects, but hold references like one.
    this.all.push(INTERPRETER_FRAME);
  }

  /** The index of the type at a word; -1 where no type is. */
  indexOf(word: number): number {
    return this.known(word, 0);
  }

  get(word: number): TypeInfo | undefined {
    const index = this.indexOf(word);
    return index < 0 ? undefined : this.all[index];
  }

  /** The type of the object at a word; undefined where no live object is. */
  typeOf(word: number): TypeInfo | undefined {
    if (word < 0 || !isLive(this.snapshot, word)) return undefined;
    const type = this.snapshot.follow(word + 1);
    return type < 0 ? undefined : this.get(type);
  }

  private admit(word: number, depth: number): number {
    // Remembered as no type first: a chain that leads back to itself ends here.
    this.remember(word, -1);
    if (word >= 0) this.snapshot.span(word, this.layout.heapType.size);
    if (!this.isType(word, depth)) return -1;
    const info = this.read(word, depth);
    if (info === undefined) return -1;
    this.remember(word, info.index);
    return info.index;
  }

  private isType(word: number, depth: number): boolean {
    const { snapshot } = this;
    if (word < 0 || depth > MAX_DEPTH || !isLive(snapshot, word)) return false;
    const flags = snapshot.words[2 * (word + COMMON.type.flags / 8)]!;
    const meta = snapshot.follow(word + 1);
    if ((flags & TYPE_FLAGS.ready) === 0) return meta === this.typeType && this.isUnready(flags);
    if (meta === this.typeType) return true;
    const metaIndex = meta < 0 || meta === word ? -1 : this.known(meta, depth + 1);
    return metaIndex >= 0 && (this.all[metaIndex]!.flags & TYPE_FLAGS.typeSubclass) !== 0;
  }

  /** Up to 3.9 some built-in types are made ready only when somebody asks for an attribute of an object: list_iterator. */
  private isUnready(flags: number): boolean {
    return this.layout.minor <= LAST_UNREADY && (flags & TYPE_FLAGS.heapType) === 0;
  }

  private known(word: number, depth: number): number {
    const mask = this.slots.length - 1;
    let slot = (Math.imul(word, 0x9e3779b1) >>> 0) & mask;
    for (; this.slots[slot] !== -1; slot = (slot + 1) & mask) {
      if (this.slots[slot] === word) return this.slotIndex[slot]!;
    }
    return this.admit(word, depth);
  }

  private read(word: number, depth: number): TypeInfo | undefined {
    const { snapshot } = this;
    const field = (offset: number) => word + offset / 8;
    const basicSize = snapshot.signed(field(COMMON.type.basicSize));
    const itemSize = snapshot.signed(field(COMMON.type.itemSize));
    if (basicSize < 0 || basicSize > MAX_BASIC_SIZE || itemSize < 0 || itemSize > MAX_BASIC_SIZE) return undefined;
    const flags = snapshot.words[2 * field(COMMON.type.flags)]!;
    const baseWord = snapshot.follow(field(COMMON.type.base));
    const baseIndex = baseWord < 0 ? -1 : this.known(baseWord, depth + 1);
    const base = baseIndex < 0 ? undefined : this.all[baseIndex];
    const isHeapType = (flags & TYPE_FLAGS.heapType) !== 0;
    const shortName = visible(cString(snapshot, snapshot.unsigned(field(COMMON.type.name))));
    if (shortName === DELETED_KEY && !isHeapType) return undefined;
    const shape = shapeOf(shortName, isHeapType, base);
    const name = isHeapType ? this.heapTypeName(word, shortName) : shortName;
    const own = extensionType(name, basicSize) ?? this.sequenceOf(word, base);
    const info: TypeInfo = {
      index: this.all.length,
      word,
      name,
      shape,
      flags,
      basicSize,
      itemSize,
      dictOffset: offsetIn(snapshot.signed(field(COMMON.type.dictOffset))),
      weaklistOffset: offsetIn(snapshot.signed(field(COMMON.type.weaklistOffset))),
      isGc: (flags & TYPE_FLAGS.gc) !== 0,
      scanFrom: scanStart(own, base, basicSize) ?? builtInSize(shape, this.layout),
      scanTo: READ_WHOLE.has(shape) ? 0 : basicSize,
      base,
      isHeapType,
      extension: own ?? base?.extension,
      isLeaf:
        !isHeapType &&
        LEAVES.has(shape) &&
        (own ?? base?.extension) === undefined &&
        (shape === 'leaf' || basicSize <= builtInSize(shape, this.layout)),
    };
    this.all.push(info);
    return info;
  }

  /** A struct sequence is a tuple whose class says how many fields it has; fewer may be its items. */
  private sequenceOf(word: number, base: TypeInfo | undefined): ExtensionType | undefined {
    if (base?.name !== 'tuple') return undefined;
    const { snapshot, layout } = this;
    const dict = snapshot.follow(word + COMMON.type.dict / 8);
    const fields = dict < 0 ? -1 : lookUp(snapshot, layout, dict, 'n_fields');
    return fields < 0 ? undefined : structSequence(snapshot.int32(fields, INT_DIGITS));
  }

  private heapTypeName(word: number, shortName: string): string {
    const { snapshot, layout } = this;
    const qualname = readName(snapshot, layout, snapshot.follow(word + layout.heapType.qualname / 8)) ?? shortName;
    // C code names its heap types with the module in tp_name; classes written in Python say it in `__module__`.
    const module = this.moduleOf(word);
    return module === undefined || module === 'builtins' ? (module ? qualname : shortName) : `${module}.${qualname}`;
  }

  private moduleOf(word: number): string | undefined {
    const { snapshot, layout } = this;
    const dict = snapshot.follow(word + COMMON.type.dict / 8);
    const module = dict < 0 ? -1 : lookUp(snapshot, layout, dict, '__module__');
    return readName(snapshot, layout, module);
  }

  private remember(word: number, index: number): void {
    if (this.used * 2 > this.slots.length) this.grow();
    const mask = this.slots.length - 1;
    let slot = (Math.imul(word, 0x9e3779b1) >>> 0) & mask;
    while (this.slots[slot] !== -1 && this.slots[slot] !== word) slot = (slot + 1) & mask;
    if (this.slots[slot] === -1) this.used += 1;
    this.slots[slot] = word;
    this.slotIndex[slot] = index;
  }

  private grow(): void {
    const { slots, slotIndex } = this;
    this.slots = new Int32Array(slots.length * 4).fill(-1);
    this.slotIndex = new Int32Array(slots.length * 4);
    this.used = 0;
    for (let slot = 0; slot < slots.length; slot += 1) {
      if (slots[slot] !== -1) this.remember(slots[slot]!, slotIndex[slot]!);
    }
  }
}

const INTERPRETER_FRAME: TypeInfo = {
  index: 0,
  word: -1,
  name: '<frame>',
  shape: 'interpreter-frame',
  flags: 0,
  basicSize: 0,
  itemSize: 0,
  dictOffset: 0,
  weaklistOffset: 0,
  isGc: false,
  scanFrom: 0,
  scanTo: 0,
  base: undefined,
  isHeapType: false,
  extension: undefined,
  isLeaf: false,
};

/** Shapes whose own code reads all of their fixed words. */
const READ_WHOLE: ReadonlySet<Shape> = new Set<Shape>(['type', 'frame', 'generator', 'tuple']);

/** Where scanning starts because of an extension type's own fields, which a type derived from it has too. */
function scanStart(own: ExtensionType | undefined, base: TypeInfo | undefined, basicSize: number): number | undefined {
  if (own !== undefined) return own.fields === undefined ? own.scanFrom : basicSize;
  return base?.extension === undefined ? undefined : base.scanFrom;
}

/**
 * Bits that the upper half of a reference count may have: from 3.14 on `ob_flags` lies there (immortal, checked for the
 * old ABI, statically allocated: Include/object.h). No address of a program reaches them, so they do no harm before.
 */
export const REFCOUNT_FLAGS = 0x0007_0000;

/**
 * A live object's reference count is above zero and below 2^32, but for flags. What was freed has zero here, or the
 * allocator's pointer to the next free block, whose upper half is not zero.
 */
export function isLive(snapshot: Snapshot, word: number): boolean {
  return snapshot.words[2 * word]! !== 0 && (snapshot.words[2 * word + 1]! & ~REFCOUNT_FLAGS) === 0;
}

function shapeOf(name: string, isHeapType: boolean, base: TypeInfo | undefined): Shape {
  const own = Object.hasOwn(SHAPE_BY_NAME, name) ? SHAPE_BY_NAME[name] : undefined;
  if (own !== undefined && (!isHeapType || name.includes('.'))) return own;
  return base?.shape ?? 'plain';
}

/** Bytes of the structure that the shape's own code reads; what lies behind, up to basicsize, is scanned. */
function builtInSize(shape: Shape, layout: Layout): number {
  switch (shape) {
    case 'list':
      return COMMON.list.size;
    case 'dict':
      return COMMON.dict.size;
    case 'set':
      return COMMON.set.size;
    case 'str':
      return layout.str.compactSize + 8;
    case 'weakref':
      return layout.weakrefSize;
    case 'module':
      return layout.module.size;
    case 'tuple':
      return layout.tuple.items;
    case 'int':
      return 24;
    case 'bytes':
      return 40;
    case 'bytearray':
      return layout.bytearray.size;
    case 'leaf':
      return 24;
    default:
      return COMMON.object.size;
  }
}
