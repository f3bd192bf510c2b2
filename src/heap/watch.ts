import { countOffset } from './cpython/containers.ts';
import { REFCOUNT_FLAGS } from './cpython/types.ts';
import { top } from './graph/top.ts';
import { type HeapView, itemsOfId, retainedBytesOf, typeOfId, wordOfId } from './holders/heap-view.ts';
import type { Look } from './look-parts.ts';
import type { MemoryReader } from './memory/reader.ts';
import { PAGE_BYTES } from './memory/snapshot.ts';

/** Containers watched at most: the largest; of a process that is read over a link, where each costs the reader there some time. */
const MOST_WATCHED = 200_000;
export const MOST_WATCHED_REMOTELY = 10_000;
/** What lies closer than this is read in one go. */
const GAP_BYTES = 16 << 10;
const BLOCK_BYTES = 256 << 10;
/** Of an object: its type and the count, wherever that is, lie in here. */
const HEAD_BYTES = 32;
/** A container that grew at this many readings, and shrank at none, grows. */
const STEADY_RISES = 3;
/** It still does if it did so at one of so many last readings. */
const LATELY = 3;

/** [Unix seconds, items] */
export type CountSeries = [number, number][];

/**
 * Reads the item counts of containers again and again without stopping the target: one aligned word each, which no
 * writer can leave half-written. A container whose type is no longer there was freed, and is dropped.
 */
export class CountWatch {
  readonly watched: number;
  private readonly addresses: Float64Array;
  private readonly offsets: Uint8Array;
  private readonly types: Float64Array;
  private readonly first: Float64Array;
  private readonly last: Float64Array;
  /** Retained bytes an item at the first look. */
  private readonly itemBytes: Float64Array;
  private readonly rises: Uint16Array;
  private readonly fell: Uint8Array;
  private readonly dead: Uint8Array;
  private readonly changes = new Map<number, CountSeries>();
  private readonly times: number[];
  private readonly buffer = new Uint8Array(BLOCK_BYTES);

  constructor(look: Look, most: number = MOST_WATCHED) {
    const { view } = look;
    const chosen = chooseWatched(view, most);
    this.watched = chosen.length;
    this.addresses = Float64Array.from(chosen, (id) => view.snapshot.address(wordOfId(view, id)));
    this.last = Float64Array.from(chosen, (id) => itemsOfId(view, id));
    this.first = this.last.slice();
    this.offsets = Uint8Array.from(chosen, (id) => countOffset(typeOfId(view, id)) ?? 0);
    this.types = Float64Array.from(chosen, (id) => view.snapshot.address(typeOfId(view, id).word));
    this.itemBytes = Float64Array.from(chosen, (id, at) => retainedBytesOf(view, id) / Math.max(1, this.last[at]!));
    this.rises = new Uint16Array(chosen.length);
    this.fell = new Uint8Array(chosen.length);
    this.dead = new Uint8Array(chosen.length);
    this.times = [look.atUnixSeconds];
  }

  /** Reads all counts once. */
  read(reader: MemoryReader, atUnixSeconds: number): void {
    this.times.push(atUnixSeconds);
    if (reader.gather) {
      this.takeAll(reader.gather(this.addresses, HEAD_BYTES), atUnixSeconds);
      return;
    }
    for (let from = 0; from < this.watched; ) {
      const start = this.addresses[from]!;
      let to = from + 1;
      while (to < this.watched && this.isNear(start, to)) to += 1;
      this.readBlock(reader, from, to, atUnixSeconds);
      from = to;
    }
  }

  private takeAll(heads: Uint8Array, time: number): void {
    const view = new DataView(heads.buffer, heads.byteOffset, heads.length);
    for (let at = 0; at < this.watched; at += 1) this.take(view, at * HEAD_BYTES, at, time);
  }

  /** Containers that grow steadily and still do, the items that they gained, and what those cost if like those before. */
  summary(): { growing: number; itemsGained: number; bytesGained: number } {
    let growing = 0;
    let itemsGained = 0;
    let bytesGained = 0;
    for (let at = 0; at < this.watched; at += 1) {
      if (this.dead[at] === 1 || this.fell[at] === 1 || this.rises[at]! < STEADY_RISES || !this.grewLately(at))
        continue;
      growing += 1;
      const gained = this.last[at]! - this.first[at]!;
      itemsGained += gained;
      bytesGained += gained * this.itemBytes[at]!;
    }
    return { growing, itemsGained, bytesGained };
  }

  /** What filled and then stands still is full, for all that is known. */
  private grewLately(at: number): boolean {
    return this.changes.get(at)!.at(-1)![0] >= this.times.at(-LATELY)!;
  }

  /** Addresses of the containers that are alive and hold more than at the start, most bytes gained first. */
  grown(): number[] {
    const indices: number[] = [];
    for (const at of this.changes.keys()) if (this.dead[at] === 0 && this.last[at]! > this.first[at]!) indices.push(at);
    const gainedBytes = (at: number) => (this.last[at]! - this.first[at]!) * this.itemBytes[at]!;
    return indices.sort((a, b) => gainedBytes(b) - gainedBytes(a)).map((at) => this.addresses[at]!);
  }

  /** The counts of several containers together at all readings; empty where none of them was watched. */
  series(addresses: readonly number[]): CountSeries {
    const each = addresses.map((address) => this.indexOf(address)).filter((at) => at >= 0);
    if (each.length === 0) return [];
    const sums = this.times.map((time): [number, number] => [time, 0]);
    for (const at of each) this.addSteps(at, sums);
    return sums;
  }

  private addSteps(at: number, sums: CountSeries): void {
    const changes = this.changes.get(at) ?? [];
    let items = this.first[at]!;
    let next = 0;
    for (const sum of sums) {
      while (next < changes.length && changes[next]![0] <= sum[0]) {
        items = changes[next]![1];
        next += 1;
      }
      sum[1] += items;
    }
  }

  private indexOf(address: number): number {
    let low = 0;
    let high = this.watched - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.addresses[middle]!;
      if (found === address) return middle;
      if (found < address) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  private isNear(start: number, at: number): boolean {
    const address = this.addresses[at]!;
    return address + HEAD_BYTES - start <= BLOCK_BYTES && address - this.addresses[at - 1]! <= GAP_BYTES;
  }

  private readBlock(reader: MemoryReader, from: number, to: number, time: number): void {
    const start = this.addresses[from]!;
    const length = this.addresses[to - 1]! + HEAD_BYTES - start;
    const got = isPresent(reader, start, length) ? reader.read(start, this.buffer.subarray(0, length)) : 0;
    const view = new DataView(this.buffer.buffer, 0, got);
    // What lies behind a hole, or in a block of which a page is missing, is read by itself.
    const apart: number[] = [];
    for (let at = from; at < to; at += 1) {
      const offset = this.addresses[at]! - start;
      if (offset + HEAD_BYTES > got) apart.push(at);
      else this.take(view, offset, at, time);
    }
    for (const at of apart) this.readApart(reader, at, time);
  }

  /** A page that is not present is left alone: reading it would bring it into the target's memory. */
  private readApart(reader: MemoryReader, at: number, time: number): void {
    const address = this.addresses[at]!;
    if (!isPresent(reader, address, HEAD_BYTES)) return;
    const got = reader.read(address, this.buffer.subarray(0, HEAD_BYTES));
    if (got < HEAD_BYTES) this.dead[at] = 1;
    else this.take(new DataView(this.buffer.buffer, 0, HEAD_BYTES), 0, at, time);
  }

  private take(view: DataView, offset: number, at: number, time: number): void {
    if (!isLive(view, offset)) this.dead[at] = 1;
    const type = word(view, offset + 8);
    const items = word(view, offset + this.offsets[at]!);
    if (type !== this.types[at]) this.dead[at] = 1;
    if (this.dead[at] === 1 || items === this.last[at]) return;
    if (items > this.last[at]!) this.rises[at]! += 1;
    else this.fell[at] = 1;
    this.last[at] = items;
    const series = this.changes.get(at);
    if (series) series.push([time, items]);
    else this.changes.set(at, [[time, items]]);
  }
}

/** A freed object keeps its type and its count, but not its reference count (see `isLive` of a snapshot). */
function isLive(view: DataView, at: number): boolean {
  return view.getUint32(at, true) !== 0 && (view.getUint32(at + 4, true) & ~REFCOUNT_FLAGS) === 0;
}

/** Whether all pages of a stretch are in memory, as far as that can be told. */
function isPresent(reader: MemoryReader, address: number, length: number): boolean {
  const start = address - (address % PAGE_BYTES);
  const pages = reader.pages?.(start, Math.ceil((address + length) / PAGE_BYTES) * PAGE_BYTES);
  return pages === undefined || pages.every((state) => state === 1 || state === 3);
}

function word(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

/** The containers to watch, those with most items, in the order of their addresses. */
function chooseWatched(view: HeapView, most: number): number[] {
  const { graph, types } = view.walked;
  const isContainer = types.all.map((type) => countOffset(type) !== undefined);
  // An empty one can grow too.
  const chosen = top(graph.count, most, (id) => (isContainer[graph.type[id]!] ? 1 + itemsOfId(view, id) : 0));
  const address = new Map(chosen.map((id) => [id, view.snapshot.address(wordOfId(view, id))]));
  return chosen.sort((a, b) => address.get(a)! - address.get(b)!);
}
