/** Bytes of a file from an offset on; fewer at its end, none where it cannot be read. */
export type ReadAt = (offset: number, bytes: number) => Uint8Array;

const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const MOST_SECTIONS = 4096;
/** Of names of symbols: a CPython has some tens of kilobytes of those that it exports. */
const MOST_NAME_BYTES = 4 * 1024 * 1024;
const MOST_SECTION_NAME_BYTES = 64 * 1024;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;

/**
 * Whether a 64-bit little-endian ELF file (elf(5)) has a section of this name, or the symbol's name among those of its
 * symbols. Reads its headers and tables of names alone, for the file may be large and far away.
 */
export function holdsName(readAt: ReadAt, symbol: string, section: string): boolean {
  const sections = readSections(readAt);
  if (sections === undefined) return false;
  const names = sections.table[sections.namesAt];
  if (names && hasString(readAt, names, MOST_SECTION_NAME_BYTES, section)) return true;
  const linked = sections.table
    .filter(({ type }) => type === SHT_DYNSYM || type === SHT_SYMTAB)
    .map(({ link }) => sections.table[link]);
  return [...new Set(linked)].some((strings) => strings && hasString(readAt, strings, MOST_NAME_BYTES, symbol));
}

interface Strings {
  readonly type: number;
  readonly offset: number;
  readonly bytes: number;
  readonly link: number;
}

function readSections(readAt: ReadAt): { table: Strings[]; namesAt: number } | undefined {
  const header = viewOf(readAt(0, HEADER_BYTES));
  if (header.byteLength < HEADER_BYTES || header.getUint32(0) !== 0x7f454c46) return undefined;
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1 || header.getUint16(58, true) !== SECTION_BYTES)
    return undefined;
  const count = Math.min(header.getUint16(60, true), MOST_SECTIONS);
  const start = number64(header, 40);
  if (count === 0 || start === 0) return undefined;
  const view = viewOf(readAt(start, count * SECTION_BYTES));
  const table = Array.from({ length: Math.floor(view.byteLength / SECTION_BYTES) }, (_, at) => {
    const from = at * SECTION_BYTES;
    return {
      type: view.getUint32(from + 4, true),
      offset: number64(view, from + 24),
      bytes: number64(view, from + 32),
      link: view.getUint32(from + 40, true),
    };
  });
  return { table, namesAt: header.getUint16(62, true) };
}

/** Strings end with a zero; one may be the end of a longer one, which a linker stores once. */
const hasString = (readAt: ReadAt, { offset, bytes }: Strings, most: number, wanted: string): boolean =>
  bytes > 0 && Buffer.from(readAt(offset, Math.min(bytes, most))).includes(`${wanted}\0`);

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Exact below 2^53, which every offset of a real file is. */
const number64 = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
