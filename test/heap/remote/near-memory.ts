import type { LiveTarget } from '../../../src/heap/live-target.ts';
import { indexAt, joined, type Range, uncovered } from '../../../src/heap/memory/ranges.ts';
import type { MemoryMap, MemoryReader } from '../../../src/heap/memory/reader.ts';
import type { RemoteMemory, TakePages } from '../../../src/heap/memory/remote.ts';
import { PAGE_BYTES } from '../../../src/heap/memory/snapshot.ts';

/** Runs `body` while the process stands, and tells for how long it did. */
export type StandStill = (body: () => void) => number;

export const alreadyStands: StandStill = (body) => {
  body();
  return 1;
};

/** How a link was used. */
export interface LinkUse {
  trips: number;
  bytes: number;
  stops: number;
}

/**
 * The plainest `RemoteMemory`: it keeps a second copy of every page and compares. `reader` gives the process as it is at this moment.
 */
export function nearMemory(reader: () => MemoryReader, still: StandStill, use: LinkUse): RemoteMemory {
  const kept = new Map<number, Buffer | undefined>();
  let known: Range[] = [];
  let mapped: readonly Range[] = [];
  const trip = <T>(value: T, bytes = 0): T => {
    use.trips += 1;
    use.bytes += bytes;
    return value;
  };

  /** The pages of the ranges that are there, as they are. */
  function* pagesIn(now: MemoryReader, ranges: readonly Range[]): Generator<[number, Buffer | undefined]> {
    for (const { start, end } of ranges) {
      const states = now.pages?.(start, end);
      for (let at = start; at < end; at += PAGE_BYTES) {
        const state = states?.[(at - start) / PAGE_BYTES] ?? 1;
        const page = Buffer.alloc(PAGE_BYTES);
        const isThere = (state === 1 || state === 3) && now.read(at, page) === PAGE_BYTES;
        yield [at, isThere ? page : undefined];
      }
    }
  }

  function changed(now: MemoryReader): [number, Buffer][] {
    const found: [number, Buffer][] = [];
    for (const [address, page] of pagesIn(now, known)) {
      const before = kept.get(address);
      if (page === undefined ? before === undefined : before?.equals(page)) continue;
      kept.set(address, page);
      found.push([address, page ?? Buffer.alloc(PAGE_BYTES)]);
    }
    return found;
  }

  function fresh(now: MemoryReader): [number, Buffer][] {
    const ranges = uncovered(joined(now.maps.filter(isAnonymous)), mapped).filter(({ start, end }) => start < end);
    const pools = ranges.flatMap((range) => poolRanges(now, range));
    mapped = joined([...mapped, ...ranges]);
    known = joined([...known, ...pools]);
    return [...pagesIn(now, pools)].flatMap(([address, page]) => {
      kept.set(address, page);
      return page === undefined ? [] : [[address, page] satisfies [number, Buffer]];
    });
  }

  const give = (pages: readonly [number, Buffer][], take: TakePages) => {
    for (const [address, page] of pages) take(address, page);
    return trip(pages.length, pages.length * PAGE_BYTES);
  };

  return {
    maps: () => trip(reader().maps),
    pages: (ranges) => trip(ranges.map(({ start, end }) => reader().pages?.(start, end) ?? new Uint8Array())),
    pools(ranges) {
      const now = reader();
      return trip(
        ranges.map((range) => {
          const pools = poolRanges(now, range);
          const pages = (range.end - range.start) / PAGE_BYTES;
          return Uint8Array.from({ length: pages }, (_, at) =>
            indexAt(pools, range.start + at * PAGE_BYTES) >= 0 ? 1 : 0,
          );
        }),
      );
    },
    read: (address, into) => trip(reader().read(address, into), into.length),
    copy(ranges, take) {
      const now = reader();
      if (mapped.length === 0) mapped = joined(now.maps.filter(isAnonymous));
      known = joined([...known, ...ranges]);
      const pages = [...pagesIn(now, ranges)].flatMap(([address, page]) => {
        kept.set(address, page);
        return page === undefined ? [] : [[address, page] satisfies [number, Buffer]];
      });
      return give(pages, take) * PAGE_BYTES;
    },
    changes: (take) => ({ pages: give(changed(reader()), take), ms: 1 }),
    stopped(_, take) {
      let pages: [number, Buffer][] = [];
      let maps: readonly MemoryMap[] = [];
      const pauseMs = still(() => {
        const now = reader();
        maps = now.maps;
        pages = [...changed(now), ...fresh(now)];
      });
      use.stops += 1;
      give(pages, take);
      return { atUnixSeconds: Date.now() / 1000, pauseMs, changedPages: pages.length, missedPages: 0, maps };
    },
    gather(addresses, bytes) {
      const now = reader();
      const all = new Uint8Array(addresses.length * bytes);
      addresses.forEach((address, at) => {
        now.read(address, all.subarray(at * bytes, (at + 1) * bytes));
      });
      return trip(all, all.length);
    },
  };
}

const isAnonymous = (map: MemoryMap) => map.readable && map.writable && map.private && map.inode === 0;

/** Pools of 4 KiB (up to 3.9) and of 16 KiB: by the size class and the offset of the last block in the header. */
function poolRanges(now: MemoryReader, { start, end }: Range): Range[] {
  const pools: Range[] = [];
  const head = new Uint8Array(48);
  const view = new DataView(head.buffer);
  for (let at = start; at < end; at += PAGE_BYTES) {
    if (now.read(at, head) < head.length) continue;
    for (const bytes of [PAGE_BYTES, 4 * PAGE_BYTES]) {
      const sizeClass = view.getUint32(36, true);
      if (at % bytes !== 0 || sizeClass >= 32 || view.getUint32(44, true) !== bytes - (sizeClass + 1) * 16) continue;
      pools.push({ start: at, end: Math.min(end, at + bytes) });
    }
  }
  return joined(pools);
}

/** The target as it is seen over such a link. */
export const remoteOf = (target: LiveTarget, still: StandStill, use: LinkUse): LiveTarget => ({
  ...target,
  remote: nearMemory(() => target.reader(), still, use),
  readParts: (parts) =>
    parts.map(({ map, offset, bytes }) => {
      const into = new Uint8Array(bytes);
      return into.subarray(0, target.readFile(map, offset, into));
    }),
});
