/** One line of /proc/PID/maps. Addresses fit a double: user space ends at 2^47. */
export interface MemoryMap {
  readonly start: number;
  readonly end: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  readonly private: boolean;
  readonly offset: number;
  readonly inode: number;
  readonly path: string;
}

/** Memory of a process, wherever it comes from: a live one, a pod's, a recorded one. */
export interface MemoryReader {
  readonly maps: readonly MemoryMap[];
  /** Reads from `address` into the array; returns how many bytes came: less at a hole, 0 where nothing is mapped. */
  read(address: number, into: Uint8Array): number;
  /** As `read`, and faster; only for a process that stands still. Absent where this cannot be had. */
  copy?(address: number, into: Uint8Array): number;
  /**
   * The first `bytes` bytes at each address, one behind the other, zeros where nothing is: where each read would be a round trip.
   */
  gather?(addresses: Float64Array, bytes: number): Uint8Array;
  /**
   * For each page from `start` to `end`: 1 present in memory, 2 swapped out, 3 present and still the file's own (or
   * shared), 0 absent.
   */
  pages?(start: number, end: number): Uint8Array;
}
