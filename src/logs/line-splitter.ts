import { Buffer, isUtf8 } from 'node:buffer';
import { BLOCK_BYTES, ByteScan, CR, LF } from './byte-scan.ts';

/** Longer lines are cut: what a line says, it says at its beginning. Long enough for a traceback within a line of JSON. */
const MOST_LINE_BYTES = 64 * 1024;

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
  readonly #scan = new ByteScan();
  #afterCr = false;
  /** Bytes of the line at hand, those left out included. */
  #lineBytes = 0;
  #first: Buffer | undefined = Buffer.alloc(0);
  #utf16: InstanceType<typeof TextDecoder> | undefined;

  /** @param onLine gets each line, and whether it is sure to hold no control character but tabs. */
  constructor(onLine: (text: string, isPlain: boolean) => void) {
    this.#onLine = onLine;
  }

  /** Whether all that came were whole lines, of text as it is nearly always written. */
  get isBetweenLines(): boolean {
    return this.#first === undefined && this.#lineBytes === 0 && !this.#utf16 && !this.#afterCr;
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
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) this.#splitBlock(bytes.subarray(at, at + BLOCK_BYTES));
  }

  #splitBlock(bytes: Buffer): void {
    const scan = this.#scan;
    scan.read(bytes);
    let start = 0;
    for (let i = 0; i < scan.count; i++) {
      const end = scan.ends[i]!;
      const isSecond = this.#afterCr && end === start && bytes[end] === LF;
      if (!isSecond) this.#line(bytes, start, end);
      this.#afterCr = bytes[end] === CR;
      start = end + 1;
    }
    if (start < bytes.length) this.#afterCr = false;
    this.#keep(bytes, start);
  }

  /** A line ends here: most lie in one block, from end to end. */
  #line(bytes: Buffer, start: number, end: number): void {
    if (this.#lineBytes > 0 || end - start > MOST_LINE_BYTES) {
      this.#keep(bytes.subarray(0, end), start);
      return this.#endLine();
    }
    const { isAscii, isPlain } = this.#scan;
    this.tally.lines++;
    const text = isAscii ? bytes.toString('latin1', start, end) : this.#decoded(bytes.subarray(start, end));
    this.#onLine(text, isAscii && isPlain);
  }

  #keep(bytes: Buffer, start: number): void {
    if (start >= bytes.length) return;
    this.#lineBytes += bytes.length - start;
    const room = MOST_LINE_BYTES - this.#restBytes;
    if (room <= 0) return;
    // A copy: the chunk may be filled anew by whoever gave it.
    const part = Buffer.from(bytes.subarray(start, start + room));
    this.#rest.push(part);
    this.#restBytes += part.length;
    this.#isRestAscii &&= this.#scan.isAscii;
    this.#isRestPlain &&= this.#scan.isPlain;
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
    const isPlain = this.#isRestAscii && this.#isRestPlain;
    this.#isRestAscii = this.#isRestPlain = true;
    this.#onLine(text, isPlain);
  }

  #decoded(bytes: Buffer): string {
    const text = bytes.toString('utf8');
    if (text.includes('\ufffd') && !isUtf8(bytes)) this.tally.undecodable++;
    return text;
  }
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
