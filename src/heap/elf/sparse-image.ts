import type { ReadAt } from './names.ts';

const HEAD_BYTES = 4096;
const SECTION_BYTES = 64;
const MOST_SECTIONS = 4096;
/** No library's symbols and their names take more; what is beyond is left out. */
const MOST_BYTES = 64 * 1024 * 1024;
const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const SHT_DYNSYM = 11;

/**
 * An ELF file (elf(5)) with nothing in it but its headers, its symbols and their names, and zeros elsewhere: enough to find a
 * symbol in a file that is far away. What is no ELF of 64 bits comes as its first bytes.
 */
export function sparseImage(readAt: ReadAt): Uint8Array {
  const head = readAt(0, HEAD_BYTES);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 64 || view.getUint32(0) !== 0x7f454c46 || head[4] !== 2) return head;
  const tableAt = number64(view, 40);
  const tableBytes = Math.min(view.getUint16(60, true), MOST_SECTIONS) * SECTION_BYTES;
  const table = readAt(tableAt, tableBytes);
  const sections = sectionsIn(table);
  const ends = [head.length, tableAt + table.length, ...sections.map(({ offset, bytes }) => offset + bytes)];
  const size = Math.max(...ends);
  if (!(size < 2 ** 31)) return head;
  const image = new Uint8Array(size);
  image.set(head);
  image.set(table, tableAt);
  for (const { offset, bytes } of sections) image.set(readAt(offset, bytes), offset);
  return image;
}

function sectionsIn(table: Uint8Array): { offset: number; bytes: number }[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  let left = MOST_BYTES;
  const found = [];
  for (let from = 0; from + SECTION_BYTES <= table.length; from += SECTION_BYTES) {
    const type = view.getUint32(from + 4, true);
    const bytes = number64(view, from + 32);
    if ((type !== SHT_SYMTAB && type !== SHT_STRTAB && type !== SHT_DYNSYM) || bytes > left) continue;
    left -= bytes;
    found.push({ offset: number64(view, from + 24), bytes });
  }
  return found;
}

/** Exact below 2^53, which every offset of a real file is. */
const number64 = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
