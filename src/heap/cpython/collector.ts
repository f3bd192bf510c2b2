import type { Snapshot } from '../memory/snapshot.ts';
import { type Interpreter, pointerAt } from './interpreter.ts';
import { COMMON } from './layout.ts';

/**
 * Calls `visit` with the place of each object on the collector's lists (without the permanent generation). Returns how
 * many of the lists end in nowhere.
 */
export function trackedBy(snapshot: Snapshot, interpreter: Interpreter, visit: (word: number) => void): number {
  return interpreter.generations.filter((head) => !followList(snapshot, head, visit)).length;
}

/** The two low bits are flags in 3.14.0–3.14.4 (Include/internal/pycore_gc.h). */
function followLink(snapshot: Snapshot, word: number): number {
  const low = snapshot.words[2 * word]!;
  return (low & 4) !== 0 ? -1 : snapshot.wordAt(low, snapshot.words[2 * word + 1]!);
}

/**
 * Visits the objects of a list of the collector, by the address of its head, as long as `visit` does not say false. False for
 * a list that was left, or does not lead back to its head. One that leads back into itself elsewhere is told by R. Brent's
 * method (1980).
 */
export function followList(snapshot: Snapshot, head: number, visit: (word: number) => unknown): boolean {
  const first = pointerAt(snapshot, head);
  if (first === head) return true;
  // A head that lies at no multiple of 8 has no word: `follow` gives -1 for a pointer to it, as for damage.
  const headWord = head % 8 === 0 ? snapshot.word(head) : -1;
  let count = 0;
  let mark = headWord;
  let marked = 0;
  let last = -1;
  for (let at = first % 8 === 0 ? snapshot.word(first) : -1; at !== headWord; at = followLink(snapshot, at)) {
    if (at < 0 || at === mark) return false;
    if (visit(at + COMMON.gc.headBytes / 8) === false) return false;
    last = at;
    count += 1;
    if (count < 2 * marked + 64) continue;
    mark = at;
    marked = count;
  }
  return headWord >= 0 || (last >= 0 && snapshot.unsigned(last) === head);
}
