/**
 * Reads of an ELF file only what `readElf` looks at: header, segment and section tables, and the dynamic symbols with their names. An
 * interpreter of 20 MB has about 300 KB of that.
 */
const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
/** No executable or library comes near it. */
const MOST_FILE_BYTES = 1 << 30;
/** Together: what is more is damage. */
const MOST_READ_BYTES = 64 << 20;

interface Part {
  readonly offset: number;
  readonly bytes: number;
}

type ReadParts = (parts: readonly Part[]) => readonly Uint8Array[];

/** The file as `readElf` takes it, with zeros for what was not read. Empty where it is no ELF file that can be read. */
export function readElfParts(read: ReadParts): Uint8Array {
  const [head] = read([{ offset: 0, bytes: 4096 }]);
  if (head === undefined || head.length < HEADER_BYTES) return new Uint8Array();
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const table = { offset: number64(view, 40), bytes: view.getUint16(60, true) * SECTION_BYTES };
  const segments = { offset: number64(view, 32), bytes: view.getUint16(56, true) * SEGMENT_BYTES };
  const tables = [table, segments].filter(isSane);
  const inTables = read(tables);
  const wanted = partsOf(inTables[tables.indexOf(table)] ?? new Uint8Array(), view.getUint16(62, true));
  return assemble([{ offset: 0, bytes: 4096 }, ...tables, ...wanted], [head, ...inTables, ...read(wanted)]);
}

const isSane = ({ offset, bytes }: Part) => bytes > 0 && offset + bytes <= MOST_FILE_BYTES;

/** Symbol tables with their names, and the names of the sections. Where there are dynamic symbols the others are not needed. */
function partsOf(table: Uint8Array, names: number): Part[] {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const sections = Array.from({ length: Math.floor(table.length / SECTION_BYTES) }, (_, at) => {
    const from = at * SECTION_BYTES;
    const part = { offset: number64(view, from + 24), bytes: number64(view, from + 32) };
    return { type: view.getUint32(from + 4, true), link: view.getUint32(from + 40, true), part };
  });
  const dynamic = sections.filter(({ type }) => type === SHT_DYNSYM);
  const symbols = dynamic.length > 0 ? dynamic : sections.filter(({ type }) => type === SHT_SYMTAB);
  const parts = symbols.flatMap(({ part, link }) => [part, sections[link]?.part]);
  let left = MOST_READ_BYTES;
  return [...parts, sections[names]?.part].flatMap((part) => {
    if (part === undefined || !isSane(part) || part.bytes > left) return [];
    left -= part.bytes;
    return [part];
  });
}

function assemble(parts: readonly Part[], pieces: readonly Uint8Array[]): Uint8Array {
  const ends = parts.map(({ offset }, at) => offset + pieces[at]!.length);
  const file = new Uint8Array(Math.max(...ends));
  parts.forEach(({ offset }, at) => {
    file.set(pieces[at]!, offset);
  });
  return file;
}

/** Exact below 2^53, which every offset of a real file is. */
const number64 = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
