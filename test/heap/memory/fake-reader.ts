import type { MemoryMap, MemoryReader } from '../../../src/heap/memory/reader.ts';
import { PAGE_BYTES } from '../../../src/heap/memory/snapshot.ts';

/** An anonymous private mapping. */
export const mapping = (start: number, end: number): MemoryMap => ({
  start,
  end,
  readable: true,
  writable: true,
  executable: false,
  private: true,
  offset: 0,
  inode: 0,
  path: '',
});

/** What a page of a fake process is: there, swapped out, never touched, or there and yet unreadable. */
export type Page = 'present' | 'swapped' | 'absent' | 'hole';

/** A process of a few mappings whose pages hold their own number; a read ends at the first page that gives nothing. */
export function fakeReader(starts: ReadonlyMap<number, readonly Page[]>, short = Number.POSITIVE_INFINITY) {
  const pages = new Map<number, Page>();
  for (const [start, states] of starts)
    states.forEach((state, at) => {
      pages.set(start + at * PAGE_BYTES, state);
    });
  const reads: number[] = [];
  const isRead = (page: number) => pages.get(page) === 'present';
  const reader: MemoryReader = {
    maps: [...starts].map(([start, states]) => mapping(start, start + states.length * PAGE_BYTES)),
    read(address, into) {
      const most = Math.min(into.length, short);
      let got = 0;
      while (got < most && isRead(address + got - ((address + got) % PAGE_BYTES))) {
        into[got] = ((address + got) / PAGE_BYTES) & 0xff;
        got += 1;
      }
      reads.push(address);
      return got;
    },
    pages: (start, end) =>
      Uint8Array.from({ length: (end - start) / PAGE_BYTES }, (_, at) => {
        const state = pages.get(start + at * PAGE_BYTES);
        return state === 'swapped' ? 2 : state === 'absent' ? 0 : 1;
      }),
  };
  return { reader, pages, reads };
}
