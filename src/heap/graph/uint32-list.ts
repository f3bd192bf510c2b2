/** A list of 32-bit numbers that grows: four bytes an item, no object each. */
export class Uint32List {
  /** May be set to 0: then the list is filled again from the start. */
  length = 0;
  private items: Uint32Array;

  constructor(capacity = 1 << 16) {
    this.items = new Uint32Array(capacity);
  }

  push(item: number): void {
    if (this.length === this.items.length) {
      const larger = new Uint32Array(this.items.length * 2);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length] = item;
    this.length += 1;
  }

  /** Takes the last one off. There must be one. */
  pop(): number {
    this.length -= 1;
    return this.items[this.length]!;
  }

  at(index: number): number {
    return this.items[index]!;
  }

  /** The items so far, as a view: valid until the next push. */
  view(): Uint32Array {
    return this.items.subarray(0, this.length);
  }
}
