import type { Reached } from '../graph/reached.ts';
import { Uint32List } from '../graph/uint32-list.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import { blankTable, dictTable, isLastOwner } from './dicts.ts';
import type { ExtensionType } from './extension-types.ts';
import { followStackReference, frameSlots, generatorFrame, isOwnedByObject, NO_OBJECT } from './frames.ts';
import { dictOf, sharedKeys, valuesOf } from './instances.ts';
import { COMMON, type Layout, TYPE_FLAGS } from './layout.ts';
import type { TypeInfo } from './types.ts';

/** Include/cpython/genobject.h: `gi_running` up to 3.9; from 3.11 on `gi_origin_or_finalizer`, so far before the frame. */
const GENERATOR_RUNNING = 24;
const GENERATOR_ORIGIN = 16;

/**
 * Finds what an object refers to. One reader serves a whole walk, and takes no memory for an object: what it finds goes
 * to `reached`. Whether an object is at the end of a reference is for the walk to check; of a word that may be
 * anything it is asked at once.
 */
export class ReferenceReader {
  /** Words on the value stack of a frame that runs: what lies above its unknown top was left there by earlier calls. */
  readonly stale = new Uint32List(1 << 12);
  private readonly snapshot: Snapshot;
  private readonly layout: Layout;
  private readonly reached: Reached;
  private readonly isObject: (word: number) => boolean;
  private readonly table = blankTable();

  /** `isObject` tells whether a word that was found by scanning is where an object begins. */
  constructor(snapshot: Snapshot, layout: Layout, reached: Reached, isObject: (word: number) => boolean) {
    this.snapshot = snapshot;
    this.layout = layout;
    this.reached = reached;
    this.isObject = isObject;
  }

  /** Reads the references of the object at a word. */
  collect(word: number, type: TypeInfo): void {
    this.builtIn(word, type);
    if (type.extension !== undefined) this.extension(word, type.extension);
    if (type.scanTo > type.scanFrom) this.scan(word, type.scanFrom, type.scanTo, type.weaklistOffset);
    if (type.isHeapType) {
      this.pointer(word + 1);
      if (type.dictOffset < 0 || (type.flags & TYPE_FLAGS.managedDict) !== 0) this.attributes(word, type);
    }
  }

  private builtIn(word: number, type: TypeInfo): void {
    const { snapshot } = this;
    switch (type.shape) {
      case 'list':
        return this.pointers(snapshot.unsigned(word + COMMON.list.items / 8), this.length(word + 2));
      case 'tuple':
        return this.tuple(word);
      case 'dict':
        return this.dict(word);
      case 'set':
        return this.set(word);
      case 'deque':
        return this.deque(word);
      case 'type':
        return this.type(word, type);
      case 'module':
        this.pointer(word + COMMON.module.dict / 8);
        return;
      case 'weakref':
        this.pointer(word + COMMON.weakref.callback / 8);
        return;
      case 'frame':
        return this.frameObject(word);
      case 'generator':
        return this.generator(word, type);
      case 'interpreter-frame':
        return this.frame(word);
      case 'lru-cache':
        return this.lruCache(word);
      case 'ndarray':
      case 'plain':
      case 'leaf':
      case 'str':
      case 'bytes':
      case 'int':
      case 'bytearray':
      case 'array':
        return;
      default:
        type.shape satisfies never;
    }
  }

  private extension(word: number, { fields, references }: ExtensionType): void {
    if (fields !== undefined) for (const offset of fields) this.pointer(word + offset / 8);
    references?.(this.snapshot, this.layout, word, this);
  }

  /** One pointer in a place that always holds an object or null. */
  pointer(word: number): void {
    const { snapshot, reached } = this;
    const low = snapshot.words[2 * word]!;
    const high = snapshot.words[2 * word + 1]!;
    if ((low | high) === 0) return;
    const target = (low & 7) === 0 ? snapshot.wordAt(low, high) : -1;
    if (target < 0) reached.lost += 1;
    else reached.refer(target);
  }

  /** A pointer whose lowest bit is a flag, or null. */
  tagged(word: number): void {
    const { snapshot, reached } = this;
    const [low, high] = [snapshot.words[2 * word]!, snapshot.words[2 * word + 1]!];
    if (((low & ~1) | high) === 0) return;
    const target = (low & 6) === 0 ? snapshot.wordAt(low, high) : -1;
    if (target < 0) reached.lost += 1;
    else reached.refer(target);
  }

  /** Whether so many words may be read: see `Reached`. */
  mayRead(words: number): boolean {
    return this.reached.mayRead(words);
  }

  /** An array of pointers. */
  pointers(address: number, length: number): void {
    const { snapshot } = this;
    for (let done = 0; done < length; ) {
      const word = snapshot.word(address + done * 8);
      if (word < 0) {
        snapshot.want(address + done * 8, (length - done) * 8);
        this.reached.lost += 1;
        return;
      }
      const run = snapshot.run(word, length - done);
      if (!this.mayRead(run)) return;
      for (let at = word; at < word + run; at += 1) this.pointer(at);
      done += run;
    }
  }

  /** Words that may be pointers to objects: the check of what is at their end decides. */
  private scan(word: number, from: number, to: number, except: number): void {
    const { snapshot } = this;
    if (to > from && !this.mayRead((to - from) / 8)) return;
    for (let offset = from; offset + 8 <= to; offset += 8) {
      if (offset === except) continue;
      const target = snapshot.follow(word + offset / 8);
      // What starts with a pointer has no reference count. Below 4 GiB, where a non-PIE build has its heap, one looks like the other.
      if (target >= 0 && snapshot.follow(target) < 0) this.guess(target);
    }
  }

  private guess(target: number): void {
    if (this.reached.seen.has(target) || this.isObject(target)) this.reached.refer(target);
  }

  private length(word: number): number {
    const length = this.snapshot.signed(word);
    // More elements than there are words is damage.
    if (length >= 0 && length <= this.snapshot.places) return length;
    this.reached.lost += 1;
    return 0;
  }

  private tuple(word: number): void {
    const { snapshot } = this;
    const length = this.length(word + 2);
    const first = word + this.layout.tuple.items / 8;
    if (length === 0) return;
    // An object of a few words hardly ever lies across pages.
    if (snapshot.run(word, 3 + length) < 3 + length)
      return this.pointers(snapshot.address(word) + this.layout.tuple.items, length);
    if (!this.mayRead(length)) return;
    for (let at = first; at < first + length; at += 1) this.pointer(at);
  }

  private dict(word: number): void {
    const table = dictTable(this.snapshot, this.layout, word, this.table);
    if (table === undefined) {
      this.reached.lost += 1;
      return;
    }
    if (table.splitValues !== 0) {
      this.pointers(table.splitValues, table.count);
      // The class gave the names up: the dict is the last to have them.
      if (isLastOwner(this.snapshot, word))
        this.entries(table.entries, table.count, table.entryBytes, table.keyOffset, 1);
      return;
    }
    this.entries(table.entries, table.count, table.entryBytes, table.keyOffset, 2);
  }

  /** Table entries: from `offset` in each, `width` pointers. */
  private entries(start: number, count: number, entryBytes: number, offset: number, width: number): void {
    const { snapshot } = this;
    const stride = entryBytes / 8;
    const first = offset / 8;
    const total = count * stride;
    let place = 0;
    for (let done = 0; done < total; ) {
      const word = snapshot.word(start + done * 8);
      if (word < 0) {
        snapshot.want(start + done * 8, (total - done) * 8);
        this.reached.lost += 1;
        return;
      }
      const run = snapshot.run(word, total - done);
      if (!this.mayRead(run)) return;
      for (let at = word; at < word + run; at += 1) {
        if (place >= first && place < first + width) this.pointer(at);
        place = place + 1 === stride ? 0 : place + 1;
      }
      done += run;
    }
  }

  /** Objects/setobject.c: a table of {key, hash}. The mark of a deleted key is an object of its own, shared by all. */
  private set(word: number): void {
    const mask = this.length(word + COMMON.set.mask / 8);
    this.entries(this.snapshot.unsigned(word + COMMON.set.table / 8), mask + 1, 16, 0, 1);
  }

  private deque(word: number): void {
    const { snapshot } = this;
    const { leftBlock, leftIndex, blockItems } = COMMON.deque;
    let block = snapshot.unsigned(word + leftBlock / 8);
    let index = snapshot.signed(word + leftIndex / 8);
    let left = this.length(word + 2);
    if (index < 0 || index > blockItems) return;
    while (left > 0 && !this.reached.isFull) {
      const here = Math.min(left, blockItems - index);
      this.pointers(block + 8 + index * 8, here);
      left -= here;
      index = 0;
      const right = snapshot.word(block + 8 + blockItems * 8);
      if (right < 0) return;
      block = snapshot.unsigned(right);
    }
  }

  /**
   * The entries of an lru_cache with a maxsize are objects of a type that 3.8 and 3.9 never make ready, so that they do not look
   * like objects; a ring of them starts in the cache itself (Modules/_functoolsmodule.c).
   */
  private lruCache(word: number): void {
    if (this.layout.minor > 9) return;
    const { next, key, result } = COMMON.lruCache.entry;
    // While an entry is linked in, and in damage, the ring need not lead back to the cache; programs set sys.maxsize.
    const most = Math.min(this.snapshot.signed(word + COMMON.lruCache.maxSize / 8), this.snapshot.places / 4);
    let entry = this.snapshot.follow(word + next / 8);
    for (let seen = 0; seen < most && entry >= 0 && entry !== word; seen += 1) {
      if (!this.mayRead(3)) return;
      this.pointer(entry + key / 8);
      this.pointer(entry + result / 8);
      entry = this.snapshot.follow(entry + next / 8);
    }
  }

  private type(word: number, metatype: TypeInfo): void {
    const { snapshot, layout } = this;
    const flags = snapshot.words[2 * (word + COMMON.type.flags / 8)]!;
    const isHeapType = (flags & TYPE_FLAGS.heapType) !== 0;
    const end = isHeapType ? Math.max(metatype.basicSize, layout.heapType.size) : layout.typeSize;
    // Not the texts of C: what lies before and in them can look like an object (`ht_tpname`, from 3.11 on, is behind `ht_module`).
    const { name, doc, weaklist } = COMMON.type;
    const tpName = layout.keys.how === 'log2' ? layout.heapType.cachedKeys + 16 : end;
    this.scan(word, COMMON.object.size, name, -1);
    this.scan(word, name + 8, doc, -1);
    this.scan(word, doc + 8, Math.min(tpName, end), weaklist);
    this.scan(word, tpName + 8, end, -1);
    if (isHeapType) this.cachedKeys(word);
  }

  /** The attribute names that the instances of a class share. */
  private cachedKeys(type: number): void {
    const table = sharedKeys(this.snapshot, this.layout, type, this.table);
    if (table) this.entries(table.entries, table.count, table.entryBytes, table.keyOffset, 1);
  }

  /** Attributes that are not at tp_dictoffset: in a dict once there is one, else in values of the instance's own. */
  private attributes(word: number, type: TypeInfo): void {
    const { snapshot, layout } = this;
    const dict = dictOf(snapshot, layout, word, type);
    if (dict >= 0) this.reached.refer(dict);
    const values = valuesOf(snapshot, layout, word, type);
    const names = values === 0 ? undefined : sharedKeys(snapshot, layout, type.word, this.table);
    if (names) this.pointers(values + layout.values.first, names.count);
  }

  private frameObject(word: number): void {
    const { layout, snapshot } = this;
    if (layout.frame.how === 'object') {
      this.pointer(word + layout.frame.back / 8);
      this.frame(word);
      return;
    }
    this.scan(word, COMMON.object.size, layout.frame.objectData, layout.frame.objectFrame);
    const frame = snapshot.follow(word + layout.frame.objectFrame / 8);
    // While its function runs, or is suspended, the frame is the thread's or the generator's.
    if (frame >= 0 && isOwnedByObject(snapshot, layout, frame)) this.frame(frame);
  }

  /** The code, namespaces and variables of a frame. The value stack of a running frame is scanned: its height is not known. */
  private frame(word: number): void {
    const slots = frameSlots(this.snapshot, this.layout, word);
    if (slots === undefined) return;
    for (const offset of slots.fields) this.stackReference(word + offset / 8);
    const locals = word + slots.localsplus / 8;
    if (!this.mayRead(slots.possible)) return;
    const certain = this.snapshot.run(locals, slots.certain);
    for (let at = locals; at < locals + certain; at += 1) this.stackReference(at);
    this.scanStack(locals, slots.certain, this.snapshot.run(locals, slots.possible));
  }

  /** A pointer in a frame, which from 3.14 on can have a tag. */
  private stackReference(word: number): void {
    const target = followStackReference(this.snapshot, word);
    if (target >= 0) this.reached.refer(target);
    else if (target !== NO_OBJECT) this.reached.lost += 1;
  }

  /** What lies on the value stack of a running frame: it may be in use, or left there by an earlier call. */
  private scanStack(locals: number, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const target = followStackReference(this.snapshot, locals + at);
      if (target >= 0) this.stale.push(target);
    }
  }

  private generator(word: number, type: TypeInfo): void {
    const how = this.layout.generator;
    if (how.how !== 'inline') {
      // What follows the flag that it runs was never set (up to 3.9).
      const flag = this.layout.minor <= 9 ? GENERATOR_RUNNING : type.weaklistOffset;
      const weak = Math.min(Math.max(COMMON.object.size, type.weaklistOffset), type.basicSize);
      this.scan(word, COMMON.object.size, weak, flag);
      this.scan(word, weak + 8, type.basicSize, -1);
      return;
    }
    // Only coroutines have an origin; in a plain generator that word was never set.
    const end = type.name === 'generator' ? how.frame - GENERATOR_ORIGIN : how.frame;
    this.scan(word, COMMON.object.size, end, type.weaklistOffset);
    const frame = generatorFrame(this.snapshot, this.layout, word);
    if (frame >= 0) this.frame(frame);
    // Of a frame that has ended the code is kept; up to 3.11 it is a field of its own.
    else if (this.layout.minor >= 12) this.stackReference(word + (how.frame + this.layout.frame.code) / 8);
  }
}
