import { indexAt, joined, type Range } from './ranges.ts';
import type { MemoryMap } from './reader.ts';

/** Where a process can have data: its writable mappings, those without a gap between them as one. */
export class Room {
  /** Bytes of all of it. */
  readonly bytes: number;
  private readonly ranges: readonly Range[];

  constructor(maps: readonly MemoryMap[]) {
    this.ranges = joined(maps.filter((map) => map.writable));
    this.bytes = this.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Bytes from an address to the end of the writable memory around it; 0 where there is none. */
  behind(address: number): number {
    const range = this.ranges[indexAt(this.ranges, address)];
    return range === undefined ? 0 : range.end - address;
  }
}
