import type { Buffer } from 'node:buffer';

export const LF = 10;
export const CR = 13;
const TAB = 9;
const DEL = 127;
/** No more is looked at together. */
export const BLOCK_BYTES = 64 * 1024;

/** One look at each byte of a block: where lines end, and whether it needs to be decoded or cleaned. */
export class ByteScan {
  /** Places of `\n` and `\r`, `count` of them. */
  readonly ends = new Int32Array(BLOCK_BYTES);
  count = 0;
  isAscii = true;
  /** No control characters but tabs and ends of lines. */
  isPlain = true;

  /**
   * Four bytes at once: whether one of them is less than 32, 127 or more than that (H. S. Warren, Hacker's Delight, 2nd edition, 6-1), and
   * only then which.
   */
  read(bytes: Buffer): void {
    this.count = 0;
    this.isAscii = this.isPlain = true;
    if (bytes.length < 8) return this.#look(bytes, 0, bytes.length);
    const start = (4 - (bytes.byteOffset % 4)) % 4;
    this.#look(bytes, 0, start);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, (bytes.length - start) >> 2);
    for (let i = 0, at = start; i < words.length; i++, at += 4) {
      const word = words[i]!;
      const del = word ^ 0x7f7f7f7f;
      const found = ((word - 0x20202020) & ~word) | ((del - 0x01010101) & ~del) | word;
      if ((found & 0x80808080) !== 0) this.#look(bytes, at, at + 4);
    }
    this.#look(bytes, start + words.length * 4, bytes.length);
  }

  #look(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === LF || byte === CR) this.ends[this.count++] = at;
      else if (byte >= 128) this.isAscii = false;
      else if (byte === DEL || (byte < 32 && byte !== TAB)) this.isPlain = false;
    }
  }
}
