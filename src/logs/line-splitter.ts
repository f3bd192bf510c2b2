import { Buffer, isAscii, isUtf8 } from 'node:buffer';

/** Longer lines are cut: what a line says, it says at its beginning. Long enough for a traceback within a line of JSON. */
const MOST_LINE_BYTES = 64 * 1024;
const LF = 10;
const CR = 13;

/** What was found in the bytes of a stream. */
export interface SplitTally {
  bytes: number;
  /** As Python counts them: `\n`, `\r\n` and a lone `\r` (progress bars) each end a line; so does the end. */
  lines: number;
  /** Lines of which the end was left out. */
  cut: number;
  /** Lines with bytes that are no UTF-8. */
  undecodable: number;
}

/**
 * Parts a stream of bytes into lines, in bounded memory: what it gives does not depend on where the stream was parted before.
 * A byte order mark at the beginning is left out; after that of UTF-16 (as PowerShell's `>` writes files) the bytes are read as such.
 */
export class LineSplitter {
  readonly tally: SplitTally = { bytes: 0, lines: 0, cut: 0, undecodable: 0 };
  readonly #onLine: (text: string, isPlain: boolean) => void;
  /** The beginning of a line that is not ended yet. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  #isRestAscii = true;
  #isRestPlain = true;
  #isPlain = true;
  #afterCr = false;
  /** Bytes of the line at hand, those left out included. */
  #lineBytes = 0;
  #first: Buffer | undefined = Buffer.alloc(0);
  #utf16: InstanceType<typeof TextDecoder> | undefined;

  /** @param onLine gets each line, and whether it is sure to hold no control character but tabs. */
  constructor(onLine: (text: string, isPlain: boolean) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.tally.bytes += bytes.length;
    if (this.#first === undefined) return this.#take(bytes);
    this.#first = Buffer.concat([this.#first, bytes]);
    if (this.#first.length >= 3) this.#begin();
  }

  end(): void {
    if (this.#first) this.#begin();
    if (this.#utf16) this.#split(Buffer.from(this.#utf16.decode()));
    if (this.#lineBytes > 0) this.#endLine();
  }

  #begin(): void {
    const first = this.#first!;
    this.#first = undefined;
    const mark = first.length < 2 ? 0 : first.readUInt16BE();
    if (mark === 0xfffe || mark === 0xfeff) {
      this.#utf16 = new TextDecoder(mark === 0xfffe ? 'utf-16le' : 'utf-16be');
      return this.#take(first);
    }
    const hasMark = first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf;
    this.#take(hasMark ? first.subarray(3) : first);
  }

  #take(bytes: Buffer): void {
    this.#split(this.#utf16 ? Buffer.from(this.#utf16.decode(bytes, { stream: true })) : bytes);
  }

  #split(bytes: Buffer): void {
    const ascii = isAscii(bytes);
    this.#isPlain = ascii && !hasControls(bytes);
    let start = this.#afterCr && bytes[0] === LF ? 1 : 0;
    if (bytes.length > 0) this.#afterCr = false;
    let cr = bytes.indexOf(CR, start);
    let lf = bytes.indexOf(LF, start);
    while (lf >= 0 || cr >= 0) {
      const end = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr;
      this.#line(bytes, start, end, ascii);
      start = end + 1;
      if (end === cr) {
        if (lf === start) start++;
        this.#afterCr = start === bytes.length && lf !== start - 1;
        cr = bytes.indexOf(CR, start);
      }
      if (lf >= 0 && lf < start) lf = bytes.indexOf(LF, start);
    }
    this.#keep(bytes, start, ascii);
  }

  /** A line ends here: most lie in one chunk, from end to end. */
  #line(bytes: Buffer, start: number, end: number, ascii: boolean): void {
    if (this.#lineBytes > 0 || end - start > MOST_LINE_BYTES) {
      this.#keep(bytes.subarray(0, end), start, ascii);
      return this.#endLine();
    }
    this.tally.lines++;
    this.#onLine(
      ascii ? bytes.toString('latin1', start, end) : this.#decoded(bytes.subarray(start, end)),
      this.#isPlain,
    );
  }

  #keep(bytes: Buffer, start: number, ascii: boolean): void {
    if (start >= bytes.length) return;
    this.#lineBytes += bytes.length - start;
    const room = MOST_LINE_BYTES - this.#restBytes;
    if (room <= 0) return;
    // A copy: the chunk may be filled anew by whoever gave it.
    const part = Buffer.from(bytes.subarray(start, start + room));
    this.#rest.push(part);
    this.#restBytes += part.length;
    this.#isRestAscii &&= ascii;
    this.#isRestPlain &&= this.#isPlain;
    if (this.#rest.length > 64) this.#rest = [Buffer.concat(this.#rest)];
  }

  #endLine(): void {
    const bytes = this.#rest.length === 1 ? this.#rest[0]! : Buffer.concat(this.#rest);
    const isCut = this.#lineBytes > bytes.length;
    const text = this.#isRestAscii ? bytes.toString('latin1') : this.#decoded(isCut ? wholeCharacters(bytes) : bytes);
    this.tally.lines++;
    if (isCut) this.tally.cut++;
    this.#rest = [];
    this.#restBytes = this.#lineBytes = 0;
    const isPlain = this.#isRestPlain;
    this.#isRestAscii = this.#isRestPlain = true;
    this.#onLine(text, isPlain);
  }

  #decoded(bytes: Buffer): string {
    const text = bytes.toString('utf8');
    if (text.includes('\ufffd') && !isUtf8(bytes)) this.tally.undecodable++;
    return text;
  }
}

/**
 * Whether there are control characters but tabs and ends of lines. Four bytes at once: whether one of four is less than 32 or is 127
 * (H. S. Warren, Hacker's Delight, 6-1), and only then which.
 */
function hasControls(bytes: Buffer): boolean {
  if (bytes.length < 8) return isControlIn(bytes, 0, bytes.length);
  const start = (4 - (bytes.byteOffset % 4)) % 4;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, (bytes.length - start) >> 2);
  if (isControlIn(bytes, 0, start) || isControlIn(bytes, start + words.length * 4, bytes.length)) return true;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const del = word ^ 0x7f7f7f7f;
    const found = ((word - 0x20202020) & ~word) | ((del - 0x01010101) & ~del);
    if ((found & 0x80808080) !== 0 && isControlIn(bytes, start + i * 4, start + i * 4 + 4)) return true;
  }
  return false;
}

function isControlIn(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 127 || (byte < 32 && byte !== 9 && byte !== LF && byte !== CR)) return true;
  }
  return false;
}

/** Without the beginning of a character of which the rest was cut off. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - back);
    if (byte < 0x80) break;
  }
  return bytes;
}
