import { indexAt, joined, type Range } from './ranges.ts';
import type { MemoryMap } from './reader.ts';
import type { RemoteMemory } from './remote.ts';
import { PAGE_BYTES } from './snapshot.ts';

/** Pages asked for in one go. */
const BATCH_PAGES = 1024;
/** Reads that wait for their answer, at most. */
const MOST_DIRECT = 256;

/**
 * Read-only pages of the files of a process that is read over a link: names of types in C code, heads of libraries. What is asked for
 * first is only noted; `fetch` gets all of it at once. Once `isDirect` is set, each read waits for its answer.
 */
export class ConstantPages {
  isDirect = false;
  private direct = 0;
  private readonly remote: RemoteMemory;
  private readonly ranges: readonly Range[];
  private readonly pages = new Map<number, Uint8Array>();
  private readonly wanted = new Set<number>();

  constructor(remote: RemoteMemory, maps: readonly MemoryMap[]) {
    this.remote = remote;
    this.ranges = joined(maps.filter((map) => map.readable && !map.writable && map.inode !== 0));
  }

  /** What is at hand from `address` on; the rest is noted, or left out where no such memory is. */
  read(address: number, into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const at = address + done;
      const start = at - (at % PAGE_BYTES);
      const page = this.pages.get(start);
      if (page === undefined) return done + this.absent(start, at, into.subarray(done));
      const part = page.subarray(at - start, at - start + into.length - done);
      into.set(part, done);
      done += part.length;
    }
    return done;
  }

  private absent(page: number, address: number, into: Uint8Array): number {
    const isConstant = indexAt(this.ranges, page) >= 0;
    if (!this.isDirect) {
      if (isConstant) this.wanted.add(page);
      return 0;
    }
    if (this.direct >= MOST_DIRECT) return 0;
    this.direct += 1;
    if (!isConstant) return this.remote.read(address, into);
    this.wanted.add(page);
    this.fetch();
    return this.read(address, into);
  }

  /** Gets what was asked for. Returns how many pages that were. */
  fetch(): number {
    const wanted = [...this.wanted];
    this.wanted.clear();
    for (let from = 0; from < wanted.length; from += BATCH_PAGES) {
      const batch = wanted.slice(from, from + BATCH_PAGES);
      const bytes = this.remote.gather(Float64Array.from(batch), PAGE_BYTES);
      batch.forEach((address, at) => {
        this.pages.set(address, bytes.slice(at * PAGE_BYTES, (at + 1) * PAGE_BYTES));
      });
    }
    return wanted.length;
  }
}
