import { trackedBy } from '../../../src/heap/cpython/collector.ts';
import { dictTable } from '../../../src/heap/cpython/dicts.ts';
import { COMMON } from '../../../src/heap/cpython/layout.ts';
import type { HeapView } from '../../../src/heap/holders/heap-view.ts';
import { typeOfId } from '../../../src/heap/holders/heap-view.ts';
import { PAGE_BYTES } from '../../../src/heap/memory/snapshot.ts';
import { seeded } from '../../../src/stats/seeded.ts';
import type { Damage, Patch, Recorded } from '../recorded.ts';

/** What of a heap can be damaged: the places of its objects by shape, and of the structures around them. */
export interface Places {
  readonly recorded: Recorded;
  readonly view: HeapView;
  readonly byShape: ReadonlyMap<string, readonly number[]>;
  readonly all: readonly number[];
  /** The first ones on the collector's lists. */
  readonly tracked: readonly number[];
  readonly writable: Recorded['regions'];
}

export function placesOf(recorded: Recorded, view: HeapView): Places {
  const byShape = new Map<string, number[]>();
  const all = Array.from(view.walked.words, (word) => view.snapshot.address(word));
  all.forEach((address, id) => {
    const { shape, name } = typeOfId(view, id);
    const kind = name === 'code' || name === 'function' || name === 'cell' ? name : shape;
    const known = byShape.get(kind);
    if (known === undefined) byShape.set(kind, [address]);
    else known.push(address);
  });
  const maps = new Set(recorded.maps.filter((map) => map.writable && map.private).map((map) => map.start));
  const tracked: number[] = [];
  trackedBy(view.snapshot, view.interpreter, (word) => {
    if (tracked.length < 1000) tracked.push(view.snapshot.address(word));
  });
  return {
    recorded,
    view,
    byShape,
    all,
    tracked,
    writable: recorded.regions.filter((region) => maps.has(region.start)),
  };
}

type Roll = () => number;
const pick = <T>(roll: Roll, items: readonly T[]): T => items[Math.floor(roll() * items.length)]!;

function word(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  return bytes;
}

const ABSURD = [0, 1, 2, -1, -2, 7, 255, 4096, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 46, 2n ** 62n, 2n ** 63n - 1n];

/** A word that should not be where it is put. */
function wrongWord(roll: Roll, places: Places, at: number): Uint8Array {
  const kind = roll();
  if (kind < 0.45) return word(pick(roll, ABSURD));
  if (kind < 0.65) return word(pick(roll, places.all));
  if (kind < 0.75) return word(at - (at % 16));
  if (kind < 0.85) return word(pick(roll, places.all) + 8 * Math.floor(roll() * 8));
  if (kind < 0.92) return word(Math.floor(roll() * 2 ** 47));
  return word((BigInt(Math.floor(roll() * 2 ** 32)) << 32n) | BigInt(Math.floor(roll() * 2 ** 32)));
}

function put(roll: Roll, places: Places, address: number): Patch[] {
  return [{ address, bytes: wrongWord(roll, places, address) }];
}

/** Any field of an object of any shape, so that rare shapes are hit as often as common ones. */
function objectField(roll: Roll, places: Places): Patch[] {
  const object = pick(roll, places.byShape.get(pick(roll, [...places.byShape.keys()]))!);
  return put(roll, places, object + 8 * (Math.floor(roll() * 20) - 4));
}

/** A size or count where the reader trusts one. */
function sizeField(roll: Roll, places: Places): Patch[] {
  const shape = pick(roll, Object.keys(SIZE_FIELDS));
  const object = pick(roll, places.byShape.get(shape) ?? places.all);
  return [{ address: object + pick(roll, SIZE_FIELDS[shape]!), bytes: word(pick(roll, ABSURD)) }];
}

const SIZE_FIELDS: Readonly<Record<string, readonly number[]>> = {
  list: [16, COMMON.list.items, COMMON.list.allocated],
  tuple: [16],
  dict: [COMMON.dict.used, COMMON.dict.keys, COMMON.dict.values],
  set: [COMMON.set.used, COMMON.set.mask, COMMON.set.table],
  str: [COMMON.str.length, COMMON.str.state, 40, 48, 56],
  bytes: [16],
  int: [16],
  bytearray: [16, COMMON.bytearray.allocated],
  array: [16, 24, 32, 40],
  deque: [16, 24, 32, 40, 48, 64],
  code: [16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96],
  'lru-cache': [72, 88, 96],
};

/** The header of a dict's key table. */
function keysHeader(roll: Roll, places: Places): Patch[] {
  const { snapshot } = places.view;
  const dict = pick(roll, places.byShape.get('dict')!);
  const keys = snapshot.unsigned(snapshot.word(dict + COMMON.dict.keys));
  if (roll() < 0.5) return put(roll, places, keys + 8 * Math.floor(roll() * 5));
  return [{ address: keys + 8 + Math.floor(roll() * 4), bytes: Uint8Array.of(Math.floor(roll() * 256)) }];
}

/** A value of a dict that leads to the dict itself, or anywhere else. */
function dictEntry(roll: Roll, places: Places): Patch[] {
  const { snapshot, interpreter } = places.view;
  const dict = pick(roll, places.byShape.get('dict')!);
  const table = dictTable(snapshot, interpreter.layout, snapshot.word(dict));
  if (table === undefined || table.count === 0) return [];
  const address = table.entries + table.entryBytes * Math.floor(roll() * table.count) + 8 * Math.floor(roll() * 3);
  return roll() < 0.3 ? [{ address, bytes: word(dict) }] : put(roll, places, address);
}

const TYPE_FIELDS = Object.values(COMMON.type);

function typeField(roll: Roll, places: Places): Patch[] {
  const address = pick(roll, places.byShape.get('type')!) + pick(roll, TYPE_FIELDS);
  if (roll() < 0.5) return put(roll, places, address);
  // One bit: the flags among others.
  const bytes = places.view.snapshot.slice(address, 8).slice();
  bytes[Math.floor(roll() * bytes.length)]! ^= 1 << Math.floor(roll() * 8);
  return [{ address, bytes }];
}

/** Interpreter, threads and frames: what is read first. */
function state(roll: Roll, places: Places): Patch[] {
  const { snapshot, interpreter } = places.view;
  const { layout, threads, generations } = interpreter;
  const thread = pick(roll, threads);
  const spot = pick(roll, [
    () => snapshot.address(interpreter.runtime) + layout.runtime.interpretersHead,
    () => snapshot.address(interpreter.state) + 8 * Math.floor((roll() * layout.interpreter.size) / 8),
    () => snapshot.address(interpreter.state) + layout.interpreter.threadsHead,
    () => snapshot.address(thread.state) + layout.thread.next,
    () => snapshot.address(thread.state) + layout.thread.frame.offset,
    () => snapshot.address(thread.frames[0] ?? thread.state) + 8 * Math.floor(roll() * 12),
    () => pick(roll, generations) + 8 * Math.floor(roll() * 2),
  ]);
  return put(roll, places, spot());
}

/** A list of the collector that leads back into itself, or a block of a deque that does. */
function cycle(roll: Roll, places: Places): Patch[] {
  const { snapshot } = places.view;
  const deque = pick(roll, places.byShape.get('deque') ?? places.all);
  if (roll() < 0.3) {
    const block = snapshot.unsigned(snapshot.word(deque + COMMON.deque.leftBlock));
    return [{ address: block + 8 + 8 * COMMON.deque.blockItems, bytes: word(block) }];
  }
  const [from, to] = [0, 1].map(() => pick(roll, places.tracked) - COMMON.gc.headBytes);
  return [{ address: from!, bytes: word(to!) }];
}

function anywhere(roll: Roll, places: Places): Patch[] {
  const region = pick(roll, places.writable);
  return put(roll, places, region.start + 8 * Math.floor((roll() * region.bytes.length) / 8));
}

/** Places of objects and of what belongs to them, rather than memory that nobody looks at. */
function nearObject(roll: Roll, places: Places): number {
  return pick(roll, places.all) + 8 * Math.floor(roll() * 12) - 16;
}

function bitFlip(roll: Roll, places: Places): Patch[] {
  const address = nearObject(roll, places) + Math.floor(roll() * 8);
  const [byte] = places.view.snapshot.slice(address, 1);
  return byte === undefined ? [] : [{ address, bytes: Uint8Array.of(byte ^ (1 << Math.floor(roll() * 8))) }];
}

/** Two words change places: each is a good pointer, elsewhere. */
function pointerSwap(roll: Roll, places: Places): Patch[] {
  const [one, other] = [nearObject(roll, places), nearObject(roll, places)];
  const { snapshot } = places.view;
  return [
    { address: one, bytes: snapshot.slice(other, 8).slice() },
    { address: other, bytes: snapshot.slice(one, 8).slice() },
  ];
}

/** A stretch of words overwritten, as by a write past the end of a buffer. */
function spray(roll: Roll, places: Places): Patch[] {
  const address = nearObject(roll, places);
  const bytes = new Uint8Array(8 * pick(roll, [4, 16, 64]));
  const wrong = wrongWord(roll, places, address);
  for (let at = 0; at < bytes.length; at += 8) bytes.set(roll() < 0.7 ? wrong : wrongWord(roll, places, address), at);
  return [{ address, bytes }];
}

/** A page with the contents of another, of itself a few words further on, or with nothing. */
function shiftedPage(roll: Roll, places: Places): Patch[] {
  const pageOf = (address: number) => address - (address % PAGE_BYTES);
  const page = pageOf(pick(roll, places.all));
  const from = pick(roll, [page + 8 * Math.floor(roll() * 64), pageOf(pick(roll, places.all)), 0]);
  const bytes = new Uint8Array(PAGE_BYTES);
  bytes.set(places.view.snapshot.slice(from, PAGE_BYTES));
  return [{ address: page, bytes }];
}

/** Types that are their own base or each other's, and metatypes that go round. */
function typeCycle(roll: Roll, places: Places): Patch[] {
  const [one, other] = [0, 1].map(() => pick(roll, places.byShape.get('type')!));
  const offset = pick(roll, [8, COMMON.type.base, COMMON.type.dict, COMMON.type.base]);
  return [
    { address: one! + offset, bytes: word(other!) },
    { address: other! + offset, bytes: word(one!) },
  ];
}

const KINDS = {
  objectField,
  sizeField,
  keysHeader,
  dictEntry,
  typeField,
  state,
  cycle,
  anywhere,
  bitFlip,
  pointerSwap,
  spray,
  shiftedPage,
  typeCycle,
};

/** Damage for a seed: of one kind or of all, in a few places or in many; where wanted, missing pages and mappings cut short too. */
export function damageOf(seed: number, places: Places, pages = false): Damage {
  const roll = seeded(seed);
  const kinds = roll() < 0.5 ? Object.values(KINDS) : [pick(roll, Object.values(KINDS))];
  const count = pick(roll, [1, 3, 10, 40, 200]);
  const patches = Array.from({ length: count }, () => pick(roll, kinds)(roll, places)).flat();
  return {
    patches: patches.filter((patch) => Number.isSafeInteger(patch.address) && patch.address > 0),
    ...(pages && roll() < 0.6 ? { holes: missingPages(roll, places) } : {}),
    ...(pages && roll() < 0.3 ? { swapped: missingPages(roll, places) } : {}),
    ...(pages && roll() < 0.3 ? { maps: cutMaps(roll, places) } : {}),
  };
}

function missingPages(roll: Roll, { writable }: Places): Set<number> {
  const pages = new Set<number>();
  for (let left = pick(roll, [1, 10, 300]); left > 0; left -= 1) {
    const region = pick(roll, writable);
    pages.add(region.start + PAGE_BYTES * Math.floor((roll() * region.bytes.length) / PAGE_BYTES));
  }
  return pages;
}

/** The mappings with a few of them cut short, or left out. */
function cutMaps(roll: Roll, { recorded: { maps } }: Places): Recorded['maps'] {
  const cut = new Set(Array.from({ length: pick(roll, [1, 2, 5]) }, () => Math.floor(roll() * maps.length)));
  return maps.flatMap((map, at) => {
    if (!cut.has(at)) return [map];
    const pages = Math.floor((roll() * (map.end - map.start)) / PAGE_BYTES);
    return pages === 0 ? [] : [{ ...map, end: map.start + pages * PAGE_BYTES }];
  });
}
