/** Letters and `_`, digits, what ends a line, and what needs a closer look. */
const LETTER = 1;
const DIGIT = 2;
const LF = 3;
const ODD = 4;
const CLASSES = new Uint8Array(256).fill(ODD, 127);
CLASSES.fill(ODD, 0, 32);
CLASSES.fill(LETTER, 65, 91);
CLASSES.fill(LETTER, 97, 123);
CLASSES.fill(DIGIT, 48, 58);
CLASSES[95] = LETTER;
CLASSES[9] = 0;
CLASSES[10] = LF;
CLASSES[92] = ODD;

export const MOST_SHAPE_PLACES = 64;
/** Longer lines are read as others are. */
const MOST_BYTES = 4000;
const DIGITS = 0x3c6ef372;
const RANDOM = 0x1f83d9ab;
const HEXADECIMAL = 0x6a09e667;
const ADDRESS = 0x5be0cd19;
const UUID = 0x510e527f;
/** What a place is that holds no number: a word that nobody gave; or one of which nothing is left in the shape of a message (see `shapeOf`). */
export const IS_RANDOM = 1;
export const IS_MASKED = 2;

/**
 * What a line of bytes looks like: a hash of all that is no digit, and where the digits are. Lines of one shape have the same words, the same
 * punctuation, and numbers in the same places. Words of letters and digits in turn (`3f2a8c1e`) are one place, and so are UUIDs and addresses.
 */
export class LineShape {
  hash = 0;
  otherHash = 0;
  places = 0;
  readonly starts = new Int32Array(MOST_SHAPE_PLACES);
  readonly ends = new Int32Array(MOST_SHAPE_PLACES);
  /** 0: a number. */
  readonly isRandom = new Uint8Array(MOST_SHAPE_PLACES);
  /** Nothing but plain ASCII, of common length. */
  isPlain = false;
  #bytes: Uint8Array = new Uint8Array();
  #limit = 0;
  #dotted = 0;
  #isAfterRandom = false;

  /** From the first byte of a line on; returns where its `\n` is, or -1 where it does not end before `limit`. */
  read(bytes: Uint8Array, start: number, limit: number): number {
    this.#bytes = bytes;
    this.#limit = limit;
    this.hash = 0;
    this.otherHash = 0;
    this.places = 0;
    this.isPlain = true;
    this.#isAfterRandom = false;
    let h = 0;
    let g = 0;
    let at = start;
    while (at < limit) {
      const byte = bytes[at]!;
      const kind = CLASSES[byte]!;
      if (kind === 0) {
        h = Math.imul(h ^ byte, 0x01000193);
        g = (Math.imul(g, 0x2c1b3c6d) + byte) | 0;
        at++;
        continue;
      }
      if (kind === LETTER && !this.#isAfterRandom) {
        // Most words are letters alone.
        let x = h;
        let y = g;
        let end = at;
        let next = byte;
        do {
          x = Math.imul(x ^ next, 0x01000193);
          y = (Math.imul(y, 0x2c1b3c6d) + next) | 0;
          next = ++end < limit ? bytes[end]! : 32;
        } while (CLASSES[next] === LETTER);
        if (CLASSES[next] !== DIGIT) {
          h = x;
          g = y;
          at = end;
          continue;
        }
      }
      this.hash = h;
      this.otherHash = g;
      if (kind === LETTER || kind === DIGIT) {
        at = this.#word(at);
        h = this.hash;
        g = this.otherHash;
      } else if (kind === LF) {
        this.isPlain &&= at - start <= MOST_BYTES && this.places < MOST_SHAPE_PLACES;
        return at;
      } else {
        this.isPlain = false;
        return bytes.subarray(0, limit).indexOf(10, at);
      }
    }
    return -1;
  }

  /** Whether it is the fraction of the place before. */
  hasPointBefore(place: number): boolean {
    const at = this.starts[place]! - 1;
    return place > 0 && this.ends[place - 1] === at && this.#bytes[at] === 46;
  }

  /** The two hashes, with what stands in some of the places. */
  mixPlaces(places: readonly number[]): void {
    for (const place of places) {
      this.#mix(RANDOM);
      for (let at = this.starts[place]!; at < this.ends[place]!; at++) this.#mix(this.#bytes[at]!);
    }
  }

  #mix(code: number): void {
    this.hash = Math.imul(this.hash ^ code, 0x01000193);
    this.otherHash = (Math.imul(this.otherHash, 0x2c1b3c6d) + code) | 0;
  }

  #word(start: number): number {
    const bytes = this.#bytes;
    const limit = this.#limit;
    const { hash, otherHash, places } = this;
    let h = hash;
    let g = otherHash;
    let at = start;
    let byte = bytes[at]!;
    let kind = CLASSES[byte]!;
    let isHex = true;
    // Most words are letters alone.
    while (kind === LETTER) {
      h = Math.imul(h ^ byte, 0x01000193);
      g = (Math.imul(g, 0x2c1b3c6d) + byte) | 0;
      isHex &&= (byte | 32) >= 97 && (byte | 32) <= 102;
      if (++at >= limit) break;
      byte = bytes[at]!;
      kind = CLASSES[byte]!;
    }
    this.hash = h;
    this.otherHash = g;
    let changes = at > start ? 0 : -1;
    while (at < limit && (kind === DIGIT || kind === LETTER)) {
      changes++;
      const from = at;
      const run = kind;
      do {
        if (run === LETTER) {
          this.#mix(byte);
          isHex &&= (byte | 32) >= 97 && (byte | 32) <= 102;
        }
        if (++at >= limit) break;
        byte = bytes[at]!;
        kind = CLASSES[byte]!;
      } while (kind === run);
      if (run === DIGIT) {
        const end = byte === 46 && from === start ? this.#address(start) : 0;
        if (end > 0) return end;
        this.#digits(from, at, start);
      }
    }
    // `66m52s` is a duration.
    const isGiven = !isHex && CLASSES[bytes[start]!] === DIGIT;
    const isRandom =
      (changes >= 3 && !isGiven) ||
      (changes >= 1 && isHex && at - start >= 7) ||
      (isHex && this.#isAfterRandom && bytes[start - 1] === 45 && at - start >= 4);
    const hasDigit = changes > 0 || CLASSES[bytes[start]!] === DIGIT;
    const uuid = isHex && hasDigit && byte === 45 && at - start === 8 ? uuidEnd(bytes, start, limit) : 0;
    this.#isAfterRandom = isRandom && uuid === 0;
    if (!isRandom && uuid === 0) return at;
    this.hash = hash;
    this.otherHash = otherHash;
    this.places = places;
    if (uuid > 0) return this.#random(start, uuid, IS_MASKED, UUID);
    const isMasked = isHex && changes > 0 && at - start >= 8;
    return isMasked ? this.#random(start, at, IS_MASKED, HEXADECIMAL) : this.#random(start, at, IS_RANDOM, RANDOM);
  }

  #random(start: number, end: number, kind: number, mark: number): number {
    this.#place(start, end, kind);
    this.#mix(mark);
    return end;
  }

  /** `10.0.3.17`, `10.0.3.17:8080` is never a number, whatever its digits: returns where it ends, or 0. */
  #address(start: number): number {
    const end = addressEnd(this.#bytes, start, this.#limit);
    if (end === 0) return 0;
    this.#isAfterRandom = false;
    return this.#random(start, end, IS_MASKED, ADDRESS);
  }

  /** How many digits there are says what a number is where others, or letters, are next to it: `1,234` is one number, `1,23` are two. */
  #digits(from: number, to: number, wordStart: number): void {
    const bytes = this.#bytes;
    this.#place(from, to, 0);
    this.#mix(DIGITS);
    const before = from > 0 ? bytes[from - 1]! : 32;
    const behind = to < this.#limit ? bytes[to]! : 32;
    const isDotted = before === 46 && from > 1 && CLASSES[bytes[from - 2]!] === DIGIT;
    this.#dotted = isDotted ? this.#dotted + 1 : 1;
    const isCounted =
      from > wordStart ||
      CLASSES[behind] === LETTER ||
      this.#dotted > 2 ||
      isJoining(before, bytes[from - 2]) ||
      isJoining(behind, bytes[to + 1]);
    if (isCounted) this.#mix(Math.min(4, to - from));
  }

  #place(start: number, end: number, isRandom: number): void {
    if (this.places >= MOST_SHAPE_PLACES) return;
    this.starts[this.places] = start;
    this.ends[this.places] = end;
    this.isRandom[this.places] = isRandom;
    this.places++;
  }
}

/** `,`, `:` or `-`, with a word behind it. */
const isJoining = (byte: number, beyond: number | undefined): boolean =>
  (byte === 44 || byte === 58 || byte === 45) &&
  beyond !== undefined &&
  (CLASSES[beyond] === DIGIT || CLASSES[beyond] === LETTER);

/** Behind its first eight digits: four, four, four and twelve; else 0. */
function uuidEnd(bytes: Uint8Array, start: number, limit: number): number {
  if (start > 0 && !isSetOff(bytes[start - 1]!)) return 0;
  let at = start + 8;
  for (let group = 0; group < 4; group++) {
    if (bytes[at] !== 45) return 0;
    const end = at + (group < 3 ? 5 : 13);
    if (end >= limit) return 0;
    for (at++; at < end; at++) if (!isHexByte(bytes[at]!)) return 0;
  }
  return isSetOff(bytes[at]!) ? at : 0;
}

const isHexByte = (byte: number): boolean => CLASSES[byte] === DIGIT || ((byte | 32) >= 97 && (byte | 32) <= 102);

/** Four groups of one to three digits and perhaps a port, set off on both sides; else 0. */
function addressEnd(bytes: Uint8Array, start: number, limit: number): number {
  if (start > 0 && !isSetOff(bytes[start - 1]!)) return 0;
  let at = start;
  for (let group = 0; group < 4; group++) {
    const end = digitsEnd(bytes, at, limit);
    if (end === at || end - at > 3) return 0;
    at = end + 1;
    if (group < 3 && bytes[end] !== 46) return 0;
  }
  let end = at - 1;
  if (end < limit && bytes[end] === 58) {
    const port = digitsEnd(bytes, end + 1, limit);
    if (port > end + 1 && port - end <= 6) end = port;
  }
  return end < limit && isSetOff(bytes[end]!) ? end : 0;
}

function digitsEnd(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && CLASSES[bytes[at]!] === DIGIT) at++;
  return at;
}

/** A blank, an end of a line, a quote, a bracket, `=`, `|`: nothing that makes a name or a number go on. */
const isSetOff = (byte: number): boolean =>
  byte === 32 ||
  byte === 10 ||
  byte === 34 ||
  byte === 39 ||
  byte === 40 ||
  byte === 41 ||
  byte === 61 ||
  byte === 91 ||
  byte === 93 ||
  byte === 124;
