import { isCopied } from './copy.ts';
import { imagePaths, isInFileAlone, isInMemory, PRESENT, runsOf, SWAPPED } from './page-states.ts';
import { joined, type Range, smallestFirst } from './ranges.ts';
import type { MemoryMap } from './reader.ts';
import type { RemoteMemory } from './remote.ts';
import { PAGE_BYTES } from './snapshot.ts';

/** A mapping with no more than this in memory is copied whole: asking which part of it is wanted costs as much. */
const SMALL_BYTES = 256 << 10;
/** The C heap holds tables, types and the interpreter's state: small, it is copied whole. Large, it is mostly data. */
const SMALL_HEAP_BYTES = 8 << 20;
/** Places are kept for whole blocks of this size in which something is, and for the next: a process takes more as it runs. */
const BLOCK_BYTES = 256 << 10;
/** Addresses of which the page states are asked for at once. */
const STATES_BYTES = 2 ** 32;

export interface RemotePlan {
  readonly maps: readonly MemoryMap[];
  /** For which places are to be kept: whole blocks of each mapping. As in a copy that is made here, small mappings come first. */
  readonly kept: readonly (readonly Range[])[];
  /** To be copied at once: small mappings, and pools of Python's allocator. */
  readonly copied: readonly Range[];
  /** All that is there. What is not copied is withheld. */
  readonly present: readonly Range[];
  /** Of images, never touched: what they would be is in the file. */
  readonly untouched: readonly { readonly range: Range; readonly map: MemoryMap }[];
  readonly swappedBytes: number;
}

interface MappingPages {
  readonly map: MemoryMap;
  readonly isImage: boolean;
  readonly states: Uint8Array;
  readonly presentBytes: number;
}

/** What there is of a process that is read over a link, and what of it is wanted whatever the heap looks like. */
export function planRemote(remote: RemoteMemory): RemotePlan {
  const maps = remote.maps();
  const mappings = statesOf(remote, maps);
  const isWhole = ({ map, isImage, presentBytes }: MappingPages) =>
    isImage || presentBytes <= (map.path === '[heap]' ? SMALL_HEAP_BYTES : SMALL_BYTES);
  const small = mappings.filter(isWhole);
  const large = mappings.filter((each) => !isWhole(each));
  const inUse = joined(large.flatMap(presentRanges));
  const pools = remote.pools(inUse).flatMap((pages, at) => rangesWhere(inUse[at]!.start, pages, (page) => page === 1));
  return {
    maps,
    kept: mappings.map(blocksOf),
    copied: joined([...small.flatMap(presentRanges), ...pools]),
    present: joined(mappings.flatMap(presentRanges)),
    untouched: mappings.flatMap(untouchedOf),
    swappedBytes: mappings.reduce((sum, { states }) => sum + bytesWhere(states, (state) => state === SWAPPED), 0),
  };
}

/** What is there of a process now. */
export function presentNow(remote: RemoteMemory, maps: readonly MemoryMap[]): Pick<RemotePlan, 'kept' | 'present'> {
  const mappings = statesOf(remote, maps);
  return { present: joined(mappings.flatMap(presentRanges)), kept: mappings.map(blocksOf) };
}

function statesOf(remote: RemoteMemory, maps: readonly MemoryMap[]): MappingPages[] {
  const wanted = smallestFirst(maps.filter(isCopied));
  const images = imagePaths(maps);
  return inBatches(wanted, STATES_BYTES)
    .flatMap((batch) => remote.pages(batch))
    .map((states, at) => {
      const map = wanted[at]!;
      const isImage = images.has(map.path);
      return { map, isImage, states, presentBytes: bytesWhere(states, (state) => isInMemory(state, isImage)) };
    });
}

/** The ranges in their order, so many that they come to no more than `bytes`, or are one. */
export function inBatches<T extends Range>(ranges: readonly T[], bytes: number): T[][] {
  const batches: T[][] = [];
  let sum = Number.POSITIVE_INFINITY;
  for (const range of ranges) {
    const length = range.end - range.start;
    if (sum + length > bytes) {
      batches.push([]);
      sum = 0;
    }
    batches.at(-1)!.push(range);
    sum += length;
  }
  return batches;
}

const presentRanges = ({ map, isImage, states }: MappingPages): Range[] =>
  rangesWhere(map.start, states, (state) => isInMemory(state, isImage));

function untouchedOf({ map, isImage, states }: MappingPages): { range: Range; map: MemoryMap }[] {
  return rangesWhere(map.start, states, (state) => isInFileAlone(state, isImage)).map((range) => ({ range, map }));
}

/** Blocks of a mapping in which something is, each with the next. Of an image all of it. */
function blocksOf({ map, isImage, states }: MappingPages): Range[] {
  if (isImage) return [{ start: map.start, end: map.end }];
  const pagesABlock = BLOCK_BYTES / PAGE_BYTES;
  const blocks = new Uint8Array(Math.ceil(states.length / pagesABlock) + 1);
  states.forEach((state, page) => {
    if (state === PRESENT) blocks.fill(1, Math.floor(page / pagesABlock), Math.floor(page / pagesABlock) + 2);
  });
  return rangesWhere(0, blocks, (block) => block === 1).flatMap(({ start, end }) => {
    const from = map.start + (start / PAGE_BYTES) * BLOCK_BYTES;
    const to = Math.min(map.end, map.start + (end / PAGE_BYTES) * BLOCK_BYTES);
    return from < to ? [{ start: from, end: to }] : [];
  });
}

const rangesWhere = (start: number, pages: Uint8Array, is: (state: number) => boolean): Range[] =>
  Array.from(runsOf(pages, is), ([from, to]) => ({ start: start + from * PAGE_BYTES, end: start + to * PAGE_BYTES }));

function bytesWhere(pages: Uint8Array, is: (state: number) => boolean): number {
  let found = 0;
  for (const state of pages) if (is(state)) found += PAGE_BYTES;
  return found;
}
