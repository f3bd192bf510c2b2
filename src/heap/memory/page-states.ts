import type { MemoryMap } from './reader.ts';

/** States of a page, as `MemoryReader.pages` tells them. */
export const ABSENT = 0;
export const PRESENT = 1;
export const SWAPPED = 2;
export const FILE_PAGE = 3;

/** Paths of the executable and its libraries: the static objects of libpython are in their data. */
export const imagePaths = (maps: readonly MemoryMap[]): ReadonlySet<string> =>
  new Set(maps.filter((map) => map.executable && map.inode !== 0).map((map) => map.path));

/** Whether a page is read from memory: of an image also one that is still the file's own. */
export const isInMemory = (state: number | undefined, isImage: boolean): boolean =>
  state === PRESENT || (isImage && state === FILE_PAGE);

/** Whether a page of an image was never touched: reading it would bring it into the target's memory, and the file has what it would be. */
export const isInFileAlone = (state: number | undefined, isImage: boolean): boolean => isImage && state === ABSENT;

/** Runs of pages that are alike, as [from, to). */
export function* runsOf(pages: Uint8Array, is: (state: number) => boolean): Generator<[number, number]> {
  for (let at = 0; at < pages.length; ) {
    let to = at;
    while (to < pages.length && is(pages[to]!)) to += 1;
    if (to > at) yield [at, to];
    at = Math.max(to, at + 1);
  }
}
