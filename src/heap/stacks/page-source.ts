import { isInFileAlone, isInMemory, PRESENT, runsOf } from '../memory/page-states.ts';
import type { MemoryMap, MemoryReader } from '../memory/reader.ts';
import type { RemoteMemory } from '../memory/remote.ts';
import { PAGE_BYTES } from '../memory/snapshot.ts';

/** What became of a page that was asked for: it was read, it is there no more than in its file, or it is left alone. */
export const PAGE = { read: 1, untouched: 2, none: 0 } as const;

/** Where pages come from as they are asked for. */
export interface PageSource {
  readonly maps: readonly MemoryMap[];
  /** Pages that come with one that is asked for, and how many of them are known by their addresses from then on. */
  readonly window: { readonly pages: number; readonly known: number };
  /** Reads a window from `start` on into its place; a byte a page says what became of it. Only pages that are present. */
  read(start: number, into: Uint8Array, isImage: boolean): Uint8Array;
}

/** A process on this machine: a call costs microseconds. */
export const nearPages = (reader: MemoryReader): PageSource => ({
  maps: reader.maps,
  window: { pages: 8, known: 4 },
  read(start, into, isImage) {
    const end = start + into.length;
    const states = reader.pages?.(start, end) ?? new Uint8Array(into.length / PAGE_BYTES).fill(PRESENT);
    const became = states.map((state) => becameOf(state, isImage));
    for (const [from, to] of runsOf(became, (page) => page === PAGE.read))
      readInto(reader, start + from * PAGE_BYTES, into.subarray(from * PAGE_BYTES, to * PAGE_BYTES));
    return became;
  },
});

const becameOf = (state: number, isImage: boolean): number => {
  if (isInMemory(state, isImage)) return PAGE.read;
  return isInFileAlone(state, isImage) ? PAGE.untouched : PAGE.none;
};

/** Reads memory; behind what comes are zeros. */
export function readInto(reader: MemoryReader, address: number, into: Uint8Array): void {
  into.fill(0, reader.copy ? reader.copy(address, into) : reader.read(address, into));
}

/**
 * A process over a link: a call costs milliseconds, so that more comes with each. What was read here is known to the reader
 * at the other end, which tells of changes.
 */
export const farPages = (remote: RemoteMemory): PageSource => ({
  maps: remote.maps(),
  window: { pages: 64, known: 60 },
  read(start, into, isImage) {
    const became = new Uint8Array(into.length / PAGE_BYTES).fill(isImage ? PAGE.untouched : PAGE.none);
    remote.copy([{ start, end: start + into.length }], (address, bytes) => {
      into.set(bytes, address - start);
      became.fill(PAGE.read, (address - start) / PAGE_BYTES, (address - start + bytes.length) / PAGE_BYTES);
    });
    return became;
  },
});
