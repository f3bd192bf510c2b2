import { closeSync, openSync, readSync } from 'node:fs';
import type { Range } from '../../src/heap/memory/ranges.ts';
import type { MemoryMap } from '../../src/heap/memory/reader.ts';
import type { RemoteMemory, TakePages } from '../../src/heap/memory/remote.ts';
import { PAGE_BYTES } from '../../src/heap/memory/snapshot.ts';

/** A copy of a process's pages, as whoever looks at a pod keeps it. */
export class Copied {
  readonly pages = new Map<number, Uint8Array>();

  readonly take: TakePages = (address, bytes) => {
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      this.pages.set(address + at, bytes.slice(at, at + PAGE_BYTES));
    }
  };

  /** Pages that are not as they are in the process now. Only for one that stands or idles. */
  differing(pid: number): number[] {
    const file = openSync(`/proc/${pid}/mem`, 'r');
    const now = Buffer.alloc(PAGE_BYTES);
    const wrong: number[] = [];
    for (const [address, bytes] of this.pages) {
      if (readSync(file, now, 0, PAGE_BYTES, address) !== PAGE_BYTES || !now.equals(bytes)) wrong.push(address);
    }
    closeSync(file);
    return wrong;
  }
}

export const writable = (maps: readonly MemoryMap[]): MemoryMap[] =>
  maps.filter((map) => map.readable && map.writable && map.private && !map.path.startsWith('[v'));

const SMALL_BYTES = 256 << 10;

/** What is worth copying: pools, and small mappings whole. */
export function worthCopying(memory: RemoteMemory): Range[] {
  const maps = writable(memory.maps());
  const pools = memory.pools(maps);
  return maps.flatMap((map, index) => (map.end - map.start <= SMALL_BYTES ? [map] : marked(map.start, pools[index]!)));
}

/** Runs of pages that are marked. */
export function marked(start: number, flags: Uint8Array): Range[] {
  const ranges: Range[] = [];
  for (let page = 0; page < flags.length; page += 1) {
    if (flags[page] === 0) continue;
    const at = start + page * PAGE_BYTES;
    const last = ranges.at(-1);
    if (last?.end === at) ranges[ranges.length - 1] = { start: last.start, end: at + PAGE_BYTES };
    else ranges.push({ start: at, end: at + PAGE_BYTES });
  }
  return ranges;
}
