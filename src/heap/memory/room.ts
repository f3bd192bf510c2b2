import type { MemoryMap } from './reader.ts';

/** Where a process can have data: its writable mappings, those without a gap between them as one. */
export class Room {
  /** Bytes of all of it. */
  readonly bytes: number;
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;

  constructor(maps: readonly MemoryMap[]) {
    const sorted = maps.filter((map) => map.writable).sort((a, b) => a.start - b.start);
    const joined: { start: number; end: number }[] = [];
    for (const { start, end } of sorted) {
      const last = joined.at(-1);
      if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
      else joined.push({ start, end });
    }
    this.starts = Float64Array.from(joined, (each) => each.start);
    this.ends = Float64Array.from(joined, (each) => each.end);
    this.bytes = joined.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Bytes from an address to the end of the writable memory around it; 0 where there is none. */
  behind(address: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const [start, end] = [this.starts[middle]!, this.ends[middle]!];
      if (address >= start && address < end) return end - address;
      if (address >= end) low = middle + 1;
      else high = middle - 1;
    }
    return 0;
  }
}
