import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { LiveTarget, Stopper } from '../../src/heap/live-target.ts';
import { parseMaps } from '../../src/heap/memory/maps.ts';
import type { MemoryMap, MemoryReader } from '../../src/heap/memory/reader.ts';
import { PAGE_BYTES } from '../../src/heap/memory/snapshot.ts';
import { createHeapReading, type HeapReading } from '../../src/heap/session.ts';
import { readImage } from '../../src/sources/process/image.ts';

/** The memory of a process at one moment, kept: what can be damaged and read again and again. */
export interface Recorded {
  readonly maps: readonly MemoryMap[];
  /** In the order of their addresses. */
  readonly regions: readonly { readonly start: number; readonly bytes: Uint8Array }[];
}

/** Files of interpreters that were recorded, as their processes saw them: one in a root of its own has others under the same paths. */
const images = new Map<string, Uint8Array>();
const imageKey = ({ inode, path }: MemoryMap) => `${inode} ${path}`;

/** Records the writable memory of a process, and of its Python also what is only read. It should stand still. */
export function record(pid: number): Recorded {
  const maps = parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
  const wanted = maps.filter(
    (map) => map.readable && !map.path.startsWith('[v') && (map.writable || /python|\.so/.test(map.path)),
  );
  for (const map of maps) {
    if (map.executable && /python/.test(map.path) && !images.has(imageKey(map))) {
      images.set(imageKey(map), readImage(pid, map));
    }
  }
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const regions = wanted.map((map) => ({ start: map.start, bytes: readRegion(memory, map) }));
  closeSync(memory);
  return { maps, regions };
}

function readRegion(memory: number, { start, end }: MemoryMap): Uint8Array {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length; ) {
    const got = readAvailable(memory, bytes, at, start + at);
    if (got === 0) break;
    at += got;
  }
  return bytes;
}

/** Of a file that is shorter than its mapping the rest cannot be read. */
function readAvailable(memory: number, bytes: Uint8Array, at: number, position: number): number {
  try {
    return readSync(memory, bytes, at, bytes.length - at, position);
  } catch {
    return 0;
  }
}

/** A change of a recorded memory: bytes put somewhere else than they were. */
export interface Patch {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface Damage {
  readonly patches?: readonly Patch[];
  /** Pages that cannot be read, and pages that are swapped out, by their addresses. */
  readonly holes?: ReadonlySet<number>;
  readonly swapped?: ReadonlySet<number>;
  readonly maps?: readonly MemoryMap[];
}

/** A reader of recorded memory, damaged as told. */
export function readerOf(recorded: Recorded, damage: Damage = {}): MemoryReader {
  const { patches = [], holes, swapped, maps = recorded.maps } = damage;
  return {
    maps,
    read(address, into) {
      const region = recorded.regions.find(({ start, bytes }) => address >= start && address < start + bytes.length);
      if (region === undefined) return 0;
      let length = Math.min(into.length, region.start + region.bytes.length - address);
      if (holes && holes.size > 0) length = untilHole(holes, address, length);
      const from = address - region.start;
      into.set(region.bytes.subarray(from, from + length));
      for (const patch of patches) {
        for (let at = 0; at < patch.bytes.length; at += 1) {
          const place = patch.address + at - address;
          if (place >= 0 && place < length) into[place] = patch.bytes[at]!;
        }
      }
      return length;
    },
    pages(start, end) {
      const page = (at: number) => start + at * PAGE_BYTES;
      return Uint8Array.from({ length: (end - start) / PAGE_BYTES }, (_, at) => (swapped?.has(page(at)) ? 2 : 1));
    },
  };
}

function untilHole(holes: ReadonlySet<number>, address: number, length: number): number {
  for (let page = address - (address % PAGE_BYTES); page < address + length; page += PAGE_BYTES) {
    if (holes.has(page)) return Math.max(0, page - address);
  }
  return length;
}

/** Memory as a process that stands still: `reader` gives that of the moment. */
export function targetOf(reader: () => MemoryReader, seconds: () => number = () => 0): LiveTarget {
  return {
    pid: 4242,
    reader,
    readImage: (map) => images.get(imageKey(map)) ?? readFileSync(map.path),
    readFile: () => 0,
    alive: () => true,
    availableBytes: () => 2 ** 34,
    nowUnixSeconds: seconds,
    nowMs: () => 0,
  };
}

export const atOnce: Stopper = (body) => ({ value: body(0), pauseMs: 1 });

/** Reads recorded memories as if they were one process. */
export const readingOf = (reader: () => MemoryReader, seconds?: () => number): HeapReading =>
  createHeapReading(targetOf(reader, seconds), atOnce, 1000);
