/**
 * Dynamic symbols of a 64-bit little-endian ELF file (System V ABI; elf(5)). Section headers are used where there are
 * some, since a stripped file keeps `.dynsym`; everything is bounds-checked, for the file is the target's.
 */
export interface ElfFile {
  /** Address relative to the load bias of each wanted symbol that is defined. */
  readonly symbols: ReadonlyMap<string, number>;
  /** The lowest virtual address of a loadable segment: 0 for a shared object or PIE. */
  readonly loadAddress: number;
  /** Virtual address of a section by its name. */
  readonly sections: ReadonlyMap<string, number>;
}

const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;
const SEGMENT_BYTES = 56;
const PT_LOAD = 1;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;

interface Section {
  readonly name: number;
  readonly type: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** Reads the wanted symbols; undefined where the bytes are no 64-bit little-endian ELF. */
export function readElf(file: Uint8Array, wanted: ReadonlySet<string>): ElfFile | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 64 || view.getUint32(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return undefined;
  const sections = readSections(view);
  const names = sections[view.getUint16(62, true)];
  return {
    symbols: readSymbols(file, view, sections, wanted),
    loadAddress: lowestLoad(view),
    sections: new Map(
      names ? sections.map((section) => [stringAt(file, names.offset + section.name), section.address] as const) : [],
    ),
  };
}

function readSections(view: DataView): Section[] {
  const start = number64(view, 40);
  const size = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  if (size !== SECTION_BYTES || start + count * size > view.byteLength) return [];
  return Array.from({ length: count }, (_, at) => {
    const from = start + at * size;
    return {
      name: view.getUint32(from, true),
      type: view.getUint32(from + 4, true),
      address: number64(view, from + 16),
      offset: number64(view, from + 24),
      size: number64(view, from + 32),
      link: view.getUint32(from + 40, true),
    };
  });
}

function readSymbols(file: Uint8Array, view: DataView, sections: Section[], wanted: ReadonlySet<string>) {
  const found = new Map<string, number>();
  // No more symbols than the file has room for, twice: tables laid over one another are damage.
  let left = (2 * file.length) / SYMBOL_BYTES;
  for (const section of sections) {
    const strings = sections[section.link];
    if ((section.type !== SHT_DYNSYM && section.type !== SHT_SYMTAB) || !strings) continue;
    const end = Math.min(section.offset + section.size, view.byteLength - SYMBOL_BYTES);
    for (let at = section.offset; at <= end && found.size < wanted.size && left > 0; at += SYMBOL_BYTES) {
      left -= 1;
      if (view.getUint16(at + 6, true) === 0) continue;
      const name = stringAt(file, strings.offset + view.getUint32(at, true));
      if (wanted.has(name) && !found.has(name)) found.set(name, number64(view, at + 8));
    }
  }
  return found;
}

function lowestLoad(view: DataView): number {
  const starts = [...loadSegments(view)].map((segment) => segment.start);
  return starts.length === 0 ? 0 : Math.min(...starts);
}

/** Part of an image in memory, relative to its load bias. */
interface Segment {
  readonly start: number;
  readonly end: number;
  readonly writable: boolean;
}

const PF_W = 2;

function* loadSegments(view: DataView): Generator<Segment> {
  const start = number64(view, 32);
  const end = Math.min(start + view.getUint16(56, true) * SEGMENT_BYTES, view.byteLength);
  for (let at = start; at + SEGMENT_BYTES <= end; at += SEGMENT_BYTES) {
    if (view.getUint32(at, true) !== PT_LOAD) continue;
    const address = number64(view, at + 16);
    const writable = (view.getUint32(at + 4, true) & PF_W) !== 0;
    yield { start: address, end: address + number64(view, at + 40), writable };
  }
}

/** Bytes at the start of an image that hold its header and segment table, in any sane file. */
export const ELF_HEAD_BYTES = 4096;

/**
 * The writable segments of an image whose first bytes are given, in addresses of the process: initialised data and
 * the zeroed data (.bss) behind it. `mappedAt` is where the file's offset 0 is mapped.
 */
export function dataSegments(head: Uint8Array, mappedAt: number): { start: number; end: number }[] {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 64 || view.getUint32(0) !== 0x7f454c46 || head[4] !== 2) return [];
  const lowest = lowestLoad(view);
  const bias = mappedAt - (lowest - (lowest % 4096));
  return [...loadSegments(view)]
    .filter((segment) => segment.writable)
    .map(({ start, end }) => ({ start: bias + start, end: bias + end }));
}

/** Longest symbol or section name looked at. */
const NAME_BYTES = 64;

function stringAt(file: Uint8Array, offset: number): string {
  let end = offset;
  while (end < file.length && end - offset < NAME_BYTES && file[end] !== 0) end += 1;
  return String.fromCharCode(...file.subarray(offset, end));
}

/** Exact below 2^53, which every offset of a real file is. */
function number64(view: DataView, at: number): number {
  return at + 8 > view.byteLength ? 0 : view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
