import type { Room } from '../memory/room.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import { dictTable } from './dicts.ts';
import { COMMON, type Layout } from './layout.ts';
import type { TypeInfo } from './types.ts';

/** Bits of the first digit of an int (Include/cpython/longintrepr.h). */
const DIGIT_LIMIT = 2 ** 30;
/** Items of a tuple looked at. */
const LOOKED_AT = 4;

/**
 * Tells objects from what only has a small number and a pointer to a type next to one another: `(str, int)` is a tuple
 * whose length and first item look like the head of a str. Asked for what was found by scanning memory in which
 * anything can be. Never says no to a real object, also not to one that is being made or changed.
 */
export class Plausibility {
  private readonly snapshot: Snapshot;
  private readonly layout: Layout;
  private readonly room: Room;

  constructor(snapshot: Snapshot, layout: Layout, room: Room) {
    this.snapshot = snapshot;
    this.layout = layout;
    this.room = room;
  }

  /** Whether the place, whose first two words are those of a live object of the type, can be one. */
  is(word: number, type: TypeInfo): boolean {
    const { snapshot } = this;
    if (type.isGc && type.shape !== 'type' && !this.hasCollectorHead(word)) return false;
    switch (type.shape) {
      case 'str':
        return this.isStr(word);
      case 'bytes':
      case 'tuple':
        return this.isRow(word, type);
      case 'int':
        return this.isInt(word);
      case 'list':
        return this.isList(word);
      case 'dict':
        return this.isDict(word);
      case 'set':
        return this.isSet(word);
      case 'bytearray':
        return this.isBuffer(word, COMMON.bytearray.buffer, COMMON.bytearray.allocated);
      case 'array':
        return this.isBuffer(word, COMMON.array.items, COMMON.array.allocated);
      case 'deque':
        return this.isDeque(word);
      case 'module':
        return this.isPointer(word + COMMON.module.dict / 8);
      case 'weakref':
        return this.isPointer(word + COMMON.weakref.target / 8);
      case 'frame':
      case 'generator':
        // From 3.11 on they have no length: where it was is another field.
        return true;
      default:
        return type.itemSize === 0 || this.fits(word, type, Math.abs(snapshot.signed(word + 2)));
    }
  }

  /**
   * The next object on the collector's lists, or null; the two low bits are flags (Include/internal/pycore_gc.h). Of the
   * last object it is the list's head, which late 3.13 keeps at an odd multiple of 4.
   */
  private hasCollectorHead(word: number): boolean {
    const next = this.snapshot.unsigned(word - COMMON.gc.headBytes / 8);
    return next < 4 || this.room.behind(next) > 0;
  }

  private isPointer(word: number): boolean {
    const address = this.snapshot.unsigned(word);
    return address === 0 || (address % 8 === 0 && this.room.behind(address) > 0);
  }

  /** Whether as many bytes can lie behind an address; none need no address. */
  private hasRoom(address: number, bytes: number): boolean {
    return bytes === 0 || (bytes > 0 && bytes <= this.room.behind(address));
  }

  private fits(word: number, type: TypeInfo, items: number): boolean {
    return items >= 0 && this.hasRoom(this.snapshot.address(word), type.basicSize + items * type.itemSize);
  }

  private isRow(word: number, type: TypeInfo): boolean {
    const items = this.snapshot.signed(word + 2);
    if (!this.fits(word, type, items)) return false;
    if (type.shape !== 'tuple') return true;
    for (let at = 0; at < items && at < LOOKED_AT; at += 1) {
      if (!this.isPointer(word + this.layout.tuple.items / 8 + at)) return false;
    }
    return true;
  }

  private isStr(word: number): boolean {
    const { snapshot, layout } = this;
    const length = snapshot.signed(word + COMMON.str.length / 8);
    const state = snapshot.int32(word, COMMON.str.state);
    const kind = (state >>> COMMON.str.kindShift) & 7;
    const isAscii = ((state >>> COMMON.str.asciiBit) & 1) === 1;
    const isCompact = ((state >>> COMMON.str.compactBit) & 1) === 1;
    // Kind 0: a string made by C code that is not ready yet (up to 3.11).
    if (kind === 3 || kind > 4 || (isAscii && kind > 1)) return false;
    const head = isAscii ? layout.str.asciiSize : layout.str.compactSize;
    return length >= 0 && this.hasRoom(snapshot.address(word), head + (isCompact ? (length + 1) * kind : 0));
  }

  private isInt(word: number): boolean {
    const { snapshot, layout } = this;
    const digits =
      layout.minor >= 12 ? Math.floor(snapshot.unsigned(word + 2) / 8) : Math.abs(snapshot.signed(word + 2));
    const isSane = digits === 0 || snapshot.int32(word, 24) >>> 0 < DIGIT_LIMIT;
    return isSane && this.hasRoom(snapshot.address(word), 24 + digits * 4);
  }

  private isList(word: number): boolean {
    const { snapshot } = this;
    const items = snapshot.signed(word + 2);
    const allocated = snapshot.signed(word + COMMON.list.allocated / 8);
    // While it is sorted, a list looks empty and has -1 allocated.
    if (allocated === -1) return true;
    const isSane = items >= 0 && items <= allocated;
    return isSane && this.hasRoom(snapshot.unsigned(word + COMMON.list.items / 8), allocated * 8);
  }

  private isDict(word: number): boolean {
    const { snapshot } = this;
    const table = dictTable(snapshot, this.layout, word);
    const used = snapshot.signed(word + COMMON.dict.used / 8);
    if (table === undefined || used < 0 || used > table.count) return false;
    return this.hasRoom(table.splitValues === 0 ? table.entries : table.splitValues, Math.min(table.count, 1) * 8);
  }

  private isSet(word: number): boolean {
    const { snapshot } = this;
    const slots = snapshot.signed(word + COMMON.set.mask / 8) + 1;
    const used = snapshot.signed(word + COMMON.set.used / 8);
    const isSane = slots >= 8 && Number.isInteger(Math.log2(slots)) && used >= 0 && used < slots;
    return isSane && this.hasRoom(snapshot.unsigned(word + COMMON.set.table / 8), slots * 16);
  }

  private isBuffer(word: number, buffer: number, allocated: number): boolean {
    const { snapshot } = this;
    const items = snapshot.signed(word + 2);
    const most = snapshot.signed(word + allocated / 8);
    return items >= 0 && items <= most && this.hasRoom(snapshot.unsigned(word + buffer / 8), most);
  }

  private isDeque(word: number): boolean {
    const { leftBlock, rightBlock, leftIndex, blockItems } = COMMON.deque;
    const index = this.snapshot.signed(word + leftIndex / 8);
    const isSane = index >= 0 && index <= blockItems && this.snapshot.signed(word + 2) >= 0;
    return isSane && this.isPointer(word + leftBlock / 8) && this.isPointer(word + rightBlock / 8);
  }
}
