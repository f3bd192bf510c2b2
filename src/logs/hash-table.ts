/** By two hashes of 32 bits; emptied when half of its places (a power of two) are taken. Nothing is allocated to look something up. */
export class HashTable<T> {
  readonly #size: number;
  /** Both hashes of a place side by side: they are looked at together. */
  readonly #hashes: Int32Array;
  #values: (T | undefined)[];
  #used = 0;

  constructor(size: number) {
    this.#size = size;
    this.#hashes = new Int32Array(2 * size);
    this.#values = new Array(size).fill(undefined);
  }

  get(hash: number, other: number): T | undefined {
    return this.#values[this.#find(hash, other)];
  }

  set(hash: number, other: number, value: T): void {
    if (this.#used >= this.#size / 2) this.clear();
    const at = this.#find(hash, other);
    if (this.#values[at] === undefined) this.#used++;
    this.#hashes[2 * at] = hash;
    this.#hashes[2 * at + 1] = other;
    this.#values[at] = value;
  }

  clear(): void {
    if (this.#used > 0) this.#values = new Array(this.#size).fill(undefined);
    this.#used = 0;
  }

  #find(hash: number, other: number): number {
    const mask = this.#size - 1;
    const hashes = this.#hashes;
    let at = (hash ^ (hash >>> 15)) & mask;
    while (hashes[2 * at] !== hash || hashes[2 * at + 1] !== other) {
      if (this.#values[at] === undefined) return at;
      at = (at + 1) & mask;
    }
    return at;
  }
}

/** How often each of many was seen, as far as there is room: one that comes takes the place of another. */
export class SeenCounts {
  readonly #mask: number;
  readonly #hashes: Int32Array;
  readonly #counts: Uint8Array;

  /** @param size a power of two */
  constructor(size: number) {
    this.#mask = size - 1;
    this.#hashes = new Int32Array(size);
    this.#counts = new Uint8Array(size);
  }

  /** How often it was seen before this time, up to 254. */
  see(hash: number, other: number): number {
    const at = (hash ^ (hash >>> 15)) & this.#mask;
    if (this.#hashes[at] !== other) {
      this.#hashes[at] = other;
      this.#counts[at] = 0;
    }
    const before = this.#counts[at]!;
    if (before < 254) this.#counts[at] = before + 1;
    return before;
  }
}
