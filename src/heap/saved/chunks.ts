import { crc32, zstdDecompressSync } from 'node:zlib';
import { HeapError } from '../heap-error.ts';
import {
  CHUNK_HEAD_BYTES,
  containersIn,
  HEAD_BYTES,
  MAGIC,
  MOST_CHUNK_BYTES,
  MOST_CHUNKS,
  SECTIONS,
  type Section,
  TEXT_LIMITS,
  type TextSection,
  VERSION,
} from './layout.ts';

/** A file, read piece by piece. */
export interface ByteSource {
  readonly size: number;
  /** Up to `length` bytes from `offset` on; fewer only at the end. */
  read(offset: number, length: number): Uint8Array;
}

interface Chunk {
  /** Of what is stored. */
  readonly offset: number;
  readonly contentBytes: number;
  readonly storedBytes: number;
  readonly crc: number;
}

/** The sections of a file, as lists of chunks that are read when they are wanted. */
export class Chunks {
  private readonly source: ByteSource;
  private readonly bySection: ReadonlyMap<number, readonly Chunk[]>;

  /** Reads heads only. Throws HeapError where the file is no saved heap, of a newer version, cut short, or damaged. */
  constructor(source: ByteSource) {
    this.source = source;
    checkHead(source);
    this.bySection = listChunks(source);
    if (Buffer.concat([...this.contents('end')]).length > 0) throw damaged('its end makes no sense');
  }

  /** Bytes of a section's content. A number takes one at least. */
  contentBytes(section: Section): number {
    return this.chunksOf(section).reduce((sum, chunk) => sum + chunk.contentBytes, 0);
  }

  *contents(section: Section): Generator<Uint8Array> {
    for (const chunk of this.chunksOf(section)) yield this.contentOf(chunk, section);
  }

  /** The value of a section of JSON, which is parsed only where it is within its limits. */
  json(section: TextSection): unknown {
    const most = TEXT_LIMITS[section];
    if (this.contentBytes(section) > most.bytes) throw damaged(`its ${section} are too long`);
    const bytes = Buffer.concat([...this.contents(section)]);
    if (containersIn(bytes) > most.containers) throw damaged(`its ${section} make no sense`);
    const text = bytes.toString('utf8');
    try {
      return JSON.parse(text);
    } catch {
      throw damaged(`its ${section} are no JSON`);
    }
  }

  private chunksOf = (section: Section) => this.bySection.get(SECTIONS[section]) ?? [];

  private contentOf(chunk: Chunk, section: Section): Uint8Array {
    const stored = this.source.read(chunk.offset, chunk.storedBytes);
    const head = this.source.read(chunk.offset - CHUNK_HEAD_BYTES, 12);
    if (crc32(stored, crc32(head)) !== chunk.crc) throw damaged(`the checksum of its ${section} is wrong`);
    const content = decompressed(stored, chunk.contentBytes);
    if (content?.length !== chunk.contentBytes) throw damaged(`its ${section} cannot be unpacked`);
    return content;
  }
}

function decompressed(stored: Uint8Array, most: number): Uint8Array | undefined {
  try {
    return zstdDecompressSync(stored, { maxOutputLength: Math.max(1, most) });
  } catch {
    return undefined;
  }
}

export const damaged = (why: string): HeapError =>
  new HeapError('broken', `The saved heap is damaged: ${why}.`, 'Take it from where it was saved once more.');

/** Whether a file begins as a saved heap does. */
export const isHeapHead = (bytes: Uint8Array): boolean => MAGIC.every((byte, at) => bytes[at] === byte);

function checkHead(source: ByteSource): void {
  const head = source.read(0, HEAD_BYTES);
  if (!isHeapHead(head)) throw new HeapError('unsupported', 'This is no saved heap.', 'whyoom heap --save writes one.');
  if (head.length < HEAD_BYTES) throw damaged('it is cut short');
  const view = new DataView(head.buffer, head.byteOffset);
  const version = view.getUint32(MAGIC.length, true);
  if (version > VERSION) {
    throw new HeapError(
      'unsupported',
      `The saved heap has the format ${version}; this whyoom reads up to ${VERSION}.`,
      'Open it with a newer whyoom: npx whyoom@latest heap FILE',
    );
  }
  if (version !== VERSION || view.getUint32(MAGIC.length + 4, true) !== 0) throw damaged('its head makes no sense');
}

function listChunks(source: ByteSource): Map<number, Chunk[]> {
  const found = new Map<number, Chunk[]>();
  let section = 0;
  let count = 0;
  for (let offset = HEAD_BYTES; section !== SECTIONS.end; count += 1) {
    const head = source.read(offset, CHUNK_HEAD_BYTES);
    if (head.length < CHUNK_HEAD_BYTES) throw damaged('it is cut short');
    const view = new DataView(head.buffer, head.byteOffset);
    const next = view.getUint32(0, true);
    const chunk = {
      offset: offset + CHUNK_HEAD_BYTES,
      contentBytes: view.getUint32(4, true),
      storedBytes: view.getUint32(8, true),
      crc: view.getUint32(12, true),
    };
    offset = chunk.offset + chunk.storedBytes;
    if (next < section || next > SECTIONS.end || chunk.contentBytes > MOST_CHUNK_BYTES || count > MOST_CHUNKS) {
      throw damaged('a chunk of it makes no sense');
    }
    if (offset > source.size) throw damaged('it is cut short');
    section = next;
    const known = found.get(section);
    if (known) known.push(chunk);
    else found.set(section, [chunk]);
    if (section === SECTIONS.end && offset !== source.size) throw damaged('something follows its end');
  }
  return found;
}
