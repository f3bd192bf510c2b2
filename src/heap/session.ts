import type { HeapGrowth, HeapLook } from './answer.ts';
import { compareLooks, growthFromCounts, rememberLook } from './growth.ts';
import { HeapError } from './heap-error.ts';
import type { LiveTarget, Stopper } from './live-target.ts';
import { createLooker } from './look.ts';
import type { Look } from './look-parts.ts';
import { recordOf } from './query/live-record.ts';
import type { HeapPaths } from './query/path-answer.ts';
import { pathsTo } from './query/paths.ts';
import { describeLook, type LookRows } from './rank.ts';
import { encodeHeap } from './saved/encode.ts';
import { overviewOf, type SavedAbout, summaryOf } from './saved/summary.ts';
import type { Stacks } from './stacks/answer.ts';
import { takeStacks } from './stacks/take-stacks.ts';
import { CountWatch, MOST_WATCHED_REMOTELY } from './watch.ts';

export interface CountsNow {
  atUnixSeconds: number;
  watched: number;
  growing: number;
  itemsGained: number;
  bytesGained: number;
  alive: boolean;
}

export interface HeapReading {
  first(): HeapLook;
  counts(): CountsNow;
  /** What the counts alone tell: names and bytes are those of the first look. Stops nothing. */
  grownByCounts(): HeapGrowth;
  /** Looks again and compares. Where the target has ended, what the counts tell. */
  growth(): HeapGrowth;
  /** Stops the target and reads its stacks alone. */
  stacks(): Stacks;
  /** One look, taken at the first of these questions: types and holders, as many as are wanted. */
  overview(rows: LookRows): HeapLook;
  /** Who keeps an object or the objects of a type; at most so many paths. */
  pathsTo(wanted: string, most: number): HeapPaths;
  /** That look as the pieces of a file, with what the caller wants to say about it. */
  encoded(about: SavedAbout): Iterable<Uint8Array>;
}

/**
 * Reads the heap of one target: a first look, counts between, and a last look that is compared with the first.
 * Nothing is read before it is asked for; `counts` and `growth` come after `first`. The calls throw HeapError.
 */
export function createHeapReading(target: LiveTarget, stop: Stopper, maxPauseMs: number): HeapReading {
  const looker = createLooker(target, stop, maxPauseMs);
  let first: { look: Look; watch: CountWatch } | undefined;
  const afterFirst = () => {
    if (first === undefined) throw new HeapError('absent', 'There was no first look at the heap.');
    return first;
  };
  const forgetFirst = () => {
    const { look } = afterFirst();
    const earlier = rememberLook(look);
    looker.forget(look);
    first = undefined;
    return earlier;
  };
  let asked: Look | undefined;
  const lookAsked = () => {
    asked ??= looker.look();
    return asked;
  };
  return {
    first() {
      const look = looker.look();
      first = { look, watch: new CountWatch(look, target.remote ? MOST_WATCHED_REMOTELY : undefined) };
      return describeLook(look);
    },
    stacks: () => takeStacks(target, stop, maxPauseMs),
    overview: (rows) => overviewOf(lookAsked(), rows),
    pathsTo: (wanted, most) => pathsTo(recordOf(lookAsked()), wanted, most),
    encoded: (about) => encodeHeap(recordOf(lookAsked()), summaryOf(lookAsked(), about)),
    counts() {
      const { watch } = afterFirst();
      const atUnixSeconds = target.nowUnixSeconds();
      const alive = target.alive();
      if (alive) watch.read(target.reader(), atUnixSeconds);
      return { atUnixSeconds, watched: watch.watched, ...watch.summary(), alive };
    },
    grownByCounts() {
      const { look, watch } = afterFirst();
      return growthFromCounts(look, watch, target.nowUnixSeconds() - look.atUnixSeconds);
    },
    growth() {
      const { watch } = afterFirst();
      if (!target.alive()) return this.grownByCounts();
      // The first look must be gone before the second is taken: both would not fit.
      const earlier = forgetFirst();
      return compareLooks(earlier, looker.look(), watch);
    },
  };
}
