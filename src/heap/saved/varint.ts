/** Bytes of the longest number: 53 bits, seven a byte. */
export const LONGEST_NUMBER_BYTES = 8;

/** Writes a whole number from 0 to 2^53 - 1, seven bits a byte from the lowest (LEB128); returns where the next one goes. */
export function writeNumber(value: number, into: Uint8Array, at: number): number {
  let left = value;
  let next = at;
  for (; left >= 0x80; next += 1) {
    into[next] = (left % 0x80) + 0x80;
    left = Math.floor(left / 0x80);
  }
  into[next] = left;
  return next + 1;
}

/** Numbers written by `writeNumber`, one after the other. */
export class NumberReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** The next number; -1 where there is none, or one that is too large. */
  next(): number {
    let value = 0;
    let scale = 1;
    for (let taken = 0; taken < LONGEST_NUMBER_BYTES; taken += 1) {
      const byte = this.bytes[this.at];
      if (byte === undefined) return -1;
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : -1;
      scale *= 0x80;
    }
    return -1;
  }
}

/** A number with a sign as one without: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4. */
export const folded = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

export const unfolded = (value: number): number => (value % 2 === 1 ? -(value + 1) / 2 : value / 2);
