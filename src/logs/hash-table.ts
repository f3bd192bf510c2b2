/** By two hashes of 32 bits; emptied when half of its places (a power of two) are taken. Nothing is allocated to look something up. */
export class HashTable<T> {
  readonly #size: number;
  readonly #hashes: Int32Array;
  readonly #others: Int32Array;
  #values: (T | undefined)[];
  #used = 0;

  constructor(size: number) {
    this.#size = size;
    this.#hashes = new Int32Array(size);
    this.#others = new Int32Array(size);
    this.#values = new Array(size).fill(undefined);
  }

  get(hash: number, other: number): T | undefined {
    return this.#values[this.#find(hash, other)];
  }

  set(hash: number, other: number, value: T): void {
    if (this.#used >= this.#size / 2) this.clear();
    const at = this.#find(hash, other);
    if (this.#values[at] === undefined) this.#used++;
    this.#hashes[at] = hash;
    this.#others[at] = other;
    this.#values[at] = value;
  }

  clear(): void {
    if (this.#used > 0) this.#values = new Array(this.#size).fill(undefined);
    this.#used = 0;
  }

  #find(hash: number, other: number): number {
    let at = (hash ^ (hash >>> 15)) & (this.#size - 1);
    while (this.#values[at] !== undefined && (this.#hashes[at] !== hash || this.#others[at] !== other))
      at = (at + 1) & (this.#size - 1);
    return at;
  }
}
