const SIZE = 2 ** 15;
const MOST = SIZE / 2;

/** By two hashes of 32 bits; emptied when it is full. Nothing is allocated to look something up. */
export class HashTable<T> {
  readonly #hashes = new Int32Array(SIZE);
  readonly #others = new Int32Array(SIZE);
  #values: (T | undefined)[] = new Array(SIZE).fill(undefined);
  #used = 0;

  get(hash: number, other: number): T | undefined {
    return this.#values[this.#find(hash, other)];
  }

  set(hash: number, other: number, value: T): void {
    if (this.#used >= MOST) this.clear();
    const at = this.#find(hash, other);
    if (this.#values[at] === undefined) this.#used++;
    this.#hashes[at] = hash;
    this.#others[at] = other;
    this.#values[at] = value;
  }

  clear(): void {
    if (this.#used > 0) this.#values = new Array(SIZE).fill(undefined);
    this.#used = 0;
  }

  #find(hash: number, other: number): number {
    let at = (hash ^ (hash >>> 15)) & (SIZE - 1);
    while (this.#values[at] !== undefined && (this.#hashes[at] !== hash || this.#others[at] !== other))
      at = (at + 1) & (SIZE - 1);
    return at;
  }
}
