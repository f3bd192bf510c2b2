import type { Snapshot } from '../memory/snapshot.ts';
import type { Layout } from './layout.ts';
import type { TypeTable } from './types.ts';

/** From 3.12 on an int's digits are counted above three bits of its tag (Include/internal/pycore_long.h). */
const TAG_SINCE = 12;

/** An int of up to two digits of 30 bits, as an address is and no negative number; undefined for anything else. */
export function intValue(snapshot: Snapshot, layout: Layout, types: TypeTable, word: number): number | undefined {
  if (word < 0 || types.typeOf(word)?.shape !== 'int') return undefined;
  const digits = layout.minor >= TAG_SINCE ? Math.floor(snapshot.unsigned(word + 2) / 8) : snapshot.signed(word + 2);
  if (digits < 1 || digits > 2) return undefined;
  const upper = digits === 2 ? (snapshot.int32(word, 28) >>> 0) * 2 ** 30 : 0;
  return upper + (snapshot.int32(word, 24) >>> 0);
}
