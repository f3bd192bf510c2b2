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
/** Content of a section of text at most. */
export const MOST_TEXT_BYTES = 1 << 27;
/** Steps that are told apart; further ones are all "some key". */
export const MOST_STEPS = 1 << 19;

export const SECTIONS = {
  /** JSON, made and checked by the caller. */
  summary: 1,
  /** How many objects and edges there are. */
  counts: 2,
  /** JSON: the names of the types. */
  typeNames: 3,
  /** JSON: id, kind, step of each root. */
  roots: 4,
  types: 5,
  sizes: 6,
  addresses: 7,
  dominators: 8,
  degrees: 9,
  targets: 10,
  /** Of each edge the number of its step in `stepTable`, counted from 1; 0 for none. */
  steps: 11,
  /** JSON: kind, name, file, line. */
  stepTable: 12,
  end: 13,
} as const;
export type Section = keyof typeof SECTIONS;
