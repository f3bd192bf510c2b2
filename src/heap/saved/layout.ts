/**
 * The file of a saved heap, version 1 (docs/heap-file.md): a head, then chunks. A chunk is its section's number, the
 * length of its content, the length as it is stored (compressed with zstd), and the CRC-32 of these three and what is
 * stored, each 32 bits from the lowest; then what is stored. The chunks of a section follow one another, sections are in
 * the order of their numbers, and nothing is behind the last chunk, the one of `END`.
 */
export const MAGIC = Uint8Array.from([0x89, 0x77, 0x68, 0x79, 0x6f, 0x6f, 0x6d, 0x0a]); // \x89whyoom\n
export const VERSION = 1;
/** Magic, version, and four bytes that are 0. */
export const HEAD_BYTES = 16;
export const CHUNK_HEAD_BYTES = 16;
/** Content of a chunk at most: what a reader must be ready to hold at once. */
export const MOST_CHUNK_BYTES = 1 << 20;
/** More than the largest copy of a process can make. */
export const MOST_CHUNKS = 1 << 17;
/** Steps that are told apart; further ones are all "some key". */
export const MOST_STEPS = 1 << 19;
/** Kinds of roots, with their steps, that are told apart; further ones have no step. */
export const MOST_ROOT_ROWS = 1 << 16;

/** What a section of text may hold: a reader must be ready to take it apart at once. */
export interface TextLimit {
  readonly bytes: number;
  /** Lists and objects in it, itself among them. */
  readonly containers: number;
}

const MIB = 1 << 20;
export const TEXT_LIMITS = {
  summary: { bytes: 32 * MIB, containers: 1 << 20 },
  typeNames: { bytes: 32 * MIB, containers: 1 },
  rootTable: { bytes: 32 * MIB, containers: 2 * MOST_ROOT_ROWS + 1000 },
  stepTable: { bytes: 128 * MIB, containers: MOST_STEPS + 1 },
} as const satisfies Record<string, TextLimit>;
export type TextSection = keyof typeof TEXT_LIMITS;

/** Lists and objects in a text of JSON: what a parser makes of a few bytes each. Counted without parsing it. */
export function containersIn(json: Uint8Array): number {
  let containers = 0;
  let isQuoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === 0x22) isQuoted = !isQuoted;
    else if (isQuoted && byte === 0x5c) at += 1;
    else if (!isQuoted && (byte === 0x5b || byte === 0x7b)) containers += 1;
  }
  return containers;
}

export const SECTIONS = {
  /** JSON, made and checked by the caller. */
  summary: 1,
  /** How many objects, edges and roots there are. */
  counts: 2,
  /** JSON: the names of the types. */
  typeNames: 3,
  /** Of each root its id and the number of its row in `rootTable`, counted from 0. */
  roots: 4,
  /** JSON: kind, step of roots. */
  rootTable: 5,
  types: 6,
  sizes: 7,
  addresses: 8,
  dominators: 9,
  degrees: 10,
  targets: 11,
  /** Of each edge the number of its step in `stepTable`, counted from 1; 0 for none. */
  steps: 12,
  /** JSON: kind, name, file, line. */
  stepTable: 13,
  end: 14,
} as const;
export type Section = keyof typeof SECTIONS;
