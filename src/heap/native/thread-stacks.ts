import { indexAt, joined, type Range } from '../memory/ranges.ts';
import type { MemoryMap } from '../memory/reader.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import { isAnonymous } from './present-pages.ts';

/** How far below the end of its stack the structure of a thread can lie: its size, and what is thread-local beside it. */
const FROM_END_BYTES = 64 << 10;

/**
 * The stacks of threads: the kernel's own for the first one; mappings behind a guard page that end in glibc's structure of a
 * thread (those that glibc keeps for the next thread too); and mappings into which a stack pointer leads.
 */
export function findStacks(snapshot: Snapshot, maps: readonly MemoryMap[], stackPointers: readonly number[]): Range[] {
  const sorted = [...maps].sort((a, b) => a.start - b.start);
  const possible = sorted.filter((map) => isAnonymous(map) && map.path !== '[heap]');
  const pointedTo = new Set(stackPointers.map((address) => indexAt(possible, address)));
  const guarded = new Set(sorted.filter((map, at) => at > 0 && isGuard(sorted[at - 1]!, map)));
  return joined(
    possible.filter(
      (map, at) =>
        map.path.startsWith('[stack') || pointedTo.has(at) || (guarded.has(map) && endsInThread(snapshot, map)),
    ),
  );
}

const isGuard = (below: MemoryMap, map: MemoryMap): boolean =>
  below.end === map.start && below.inode === 0 && !below.readable && !below.writable;

/** sysdeps/x86_64/nptl/tls.h, tcbhead_t: the first and the third word point to the structure itself. */
function endsInThread(snapshot: Snapshot, { start, end }: Range): boolean {
  const from = Math.max(start, end - FROM_END_BYTES);
  for (let at = end - 64; at >= from; at -= 64) {
    const word = snapshot.word(at);
    if (word >= 0 && snapshot.unsigned(word) === at && snapshot.unsigned(word + 2) === at) return true;
  }
  return false;
}
