/**
 * From the place of an instruction to its line, as PyCode_Addr2Line says (Objects/codeobject.c). The tables come from the
 * process: each is read to its end at most.
 */

/** Bytes of an instruction. */
const UNIT_BYTES = 2;

export type LineTable = 'lnotab' | 'linetable' | 'locations';

/** The line of the instruction at `offset` bytes; before the first one that of the function. Undefined: it belongs to none. */
export function lineAt(table: LineTable, bytes: Uint8Array, firstLine: number, offset: number): number | undefined {
  if (offset < 0) return firstLine;
  switch (table) {
    case 'lnotab':
      return inLnotab(bytes, firstLine, offset);
    case 'linetable':
      return inLinetable(bytes, firstLine, offset);
    case 'locations':
      return inLocations(bytes, firstLine, offset);
    default:
      return table satisfies never;
  }
}

const signed = (byte: number) => (byte << 24) >> 24;

/** Up to 3.9, co_lnotab: pairs of bytes to go on and lines to go on (Objects/lnotab_notes.txt). */
function inLnotab(bytes: Uint8Array, firstLine: number, offset: number): number {
  let line = firstLine;
  let start = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    start += bytes[at]!;
    if (start > offset) break;
    line += signed(bytes[at + 1]!);
  }
  return line;
}

/** The line delta of instructions that belong to none. */
const NO_LINE = -128;

/** 3.10, co_linetable: pairs of the length of a range and its line, from that of the range before (PEP 626). */
function inLinetable(bytes: Uint8Array, firstLine: number, offset: number): number | undefined {
  let line = firstLine;
  let end = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const delta = signed(bytes[at + 1]!);
    end += bytes[at]!;
    if (delta !== NO_LINE) line += delta;
    if (offset < end) return delta === NO_LINE ? undefined : line;
  }
  return undefined;
}

/** Kinds of entries of a location table: `no location`, `long form`, `no column info`; 10 to 12 are lines to go on. */
const KIND = { none: 15, long: 14, noColumns: 13, oneLine: 10 } as const;

/** From 3.11 on, co_linetable: entries that begin with a byte whose highest bit is set (Objects/locations.md). */
function inLocations(bytes: Uint8Array, firstLine: number, offset: number): number | undefined {
  let line = firstLine;
  let end = 0;
  for (let at = 0; at < bytes.length; at = nextEntry(bytes, at)) {
    const kind = (bytes[at]! >> 3) & 15;
    line += lineDelta(bytes, at, kind);
    end += ((bytes[at]! & 7) + 1) * UNIT_BYTES;
    if (offset < end) return kind === KIND.none ? undefined : line;
  }
  return undefined;
}

function nextEntry(bytes: Uint8Array, at: number): number {
  let next = at + 1;
  while (next < bytes.length && bytes[next]! < 0x80) next += 1;
  return next;
}

function lineDelta(bytes: Uint8Array, at: number, kind: number): number {
  if (kind === KIND.long || kind === KIND.noColumns) return signedVarint(bytes, at + 1);
  return kind >= KIND.oneLine && kind < KIND.noColumns ? kind - KIND.oneLine : 0;
}

/** Six bits a byte, the lowest first; bit 6 says that more come. The lowest bit of the whole is the sign. */
function signedVarint(bytes: Uint8Array, from: number): number {
  let value = 0;
  let factor = 1;
  for (let at = from; at < bytes.length && factor < 2 ** 36; at += 1, factor *= 64) {
    value += (bytes[at]! & 63) * factor;
    if ((bytes[at]! & 64) === 0) break;
  }
  const half = Math.floor(value / 2);
  return value % 2 === 1 ? -half : half;
}
