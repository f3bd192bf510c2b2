import type { Baseline } from '../core/artifacts.ts';
import { courseOf } from '../core/baseline.ts';
import { findUses, type SourceFile, type Uses } from '../source-code/index.ts';
import type { GrowingHolder, HeapHolder, Judgement } from './growing-holders.ts';
import { LEAST_SECONDS } from './item-trend.ts';
import { differs, heldBy, type LookPair } from './look-pairs.ts';
import type { SinceBaseline } from './since-baseline.ts';

/** What a look of long before says of a holder. */
export interface GrownSince {
  readonly seconds: number;
  readonly itemsBefore: number;
  /** It was not listed then: it had at most so many. */
  readonly atMost: boolean;
  /** Whether this is what the holder is judged by; else it only agrees with what was seen while it was watched. */
  readonly decides: boolean;
  /** The process was so young at the first look that it may have loaded what it then kept. */
  readonly sinceStart: boolean;
}

/** Below this nobody will ever miss it: 1.4 MB a day. */
const LEAST_BYTES_PER_SECOND = 16;
const FEWEST_GAINED = 3;
/** Each of several containers of one name must have more by this part, or there only are more of them. */
const EACH_GREW = 0.1;
/** A holder of this part of what memory and the heap gained between the looks is what they grew for. */
const PART_OF_MEMORY = 0.3;
const MOST_OF_HEAP = 0.5;
/** At this age a process may still have been loading. */
const YOUNG_SECONDS = 60;

/**
 * The holders that gained since a look of long before, judged by two points in time and the counts around each. Two
 * points alone do not tell growth from a cache that fills or is emptied now and then: the source, or the memory of the
 * process, must speak for it too.
 */
export function grownSince(
  since: SinceBaseline,
  watched: readonly GrowingHolder[],
  files: readonly SourceFile[],
): GrowingHolder[] {
  if (!since.sameProcess || since.seconds < LEAST_SECONDS) return [];
  const live = new Map(watched.map((each) => [each.holder.name, each]));
  return innermost(since.pairs.filter((pair) => hasGrown(pair, since.seconds))).map((pair) => {
    const seen = live.get(pair.name);
    const uses = seen?.uses ?? (files.length === 0 ? undefined : findUses(files, pair.now!));
    return holderSince(pair, since, seen, uses);
  });
}

function hasGrown(pair: LookPair, seconds: number): boolean {
  const { before, now, itemsGained, bytesGained } = pair;
  if (now === undefined || now.elementType?.startsWith('weakref')) return false;
  if (itemsGained < FEWEST_GAINED || bytesGained < LEAST_BYTES_PER_SECOND * seconds || !differs(pair)) return false;
  if (before === undefined || before.instances === now.instances) return before !== undefined || now.instances === 1;
  return now.items / now.instances > (before.items / before.instances) * (1 + EACH_GREW);
}

/** Of a container in a container, the inner one where it explains most of what the outer gained, else the outer. */
function innermost(pairs: readonly LookPair[]): LookPair[] {
  const left = new Set<LookPair>();
  for (const outer of pairs) {
    const inner = pairs.filter(({ name }) => name.startsWith(`${outer.name}[`));
    const explained = inner.reduce((sum, { bytesGained }) => sum + bytesGained, 0);
    if (inner.length === 0) continue;
    if (explained >= outer.bytesGained / 2) left.add(outer);
    else for (const each of inner) left.add(each);
  }
  return pairs.filter((pair) => !left.has(pair));
}

function holderSince(
  pair: LookPair,
  since: SinceBaseline,
  seen: GrowingHolder | undefined,
  uses: Uses | undefined,
): GrowingHolder {
  const holder = pair.now!;
  const { seconds } = since;
  const itemsBefore = Math.max(0, holder.items - pair.itemsGained);
  const rises = (seen?.items.rises ?? 0) + 1;
  return {
    holder,
    itemsBefore,
    itemsNow: holder.items,
    heldNow: heldBy(holder),
    seenAgain: true,
    seconds,
    countsBetween: seen?.countsBetween ?? 0,
    items: {
      shape: 'unsure',
      rises,
      falls: fallsOf(pair.name, since.baseline, seen),
      itemsPerSecond: pair.itemsGained / seconds,
    },
    bytesPerSecond: pair.bytesGained / seconds,
    bytesPerItem: pair.bytesGained / pair.itemsGained,
    uses,
    judgement: judgementOf(pair, since, seen, uses),
    counts: seen?.counts ?? [],
    since: { seconds, itemsBefore, atMost: pair.before === undefined, decides: true, sinceStart: isYoung(since) },
  };
}

const isYoung = ({ ages }: SinceBaseline): boolean => ages !== undefined && ages.before < YOUNG_SECONDS;

const fallsOf = (name: string, { counted }: Baseline, seen: GrowingHolder | undefined): number =>
  (seen?.items.falls ?? 0) + (counted.find((each) => each.name === name)?.falls ?? 0);

function judgementOf(
  pair: LookPair,
  since: SinceBaseline,
  seen: GrowingHolder | undefined,
  uses: Uses | undefined,
): Judgement {
  if (pair.now!.bound !== undefined || uses?.boundedWhereFed === true) return isFull(pair.now!) ? 'settled' : 'fills';
  const isExplaining = explainsMemory(pair, since);
  if (fallsOf(pair.name, since.baseline, seen) > 0)
    return isExplaining && floorRose(pair, since, seen) ? 'leaks' : 'churns';
  if (uses !== undefined && uses.feeds.length > 0) return uses.empties.length === 0 ? 'leaks' : 'unsure';
  return isExplaining && !isYoung(since) ? 'leaks' : 'unsure';
}

const isFull = ({ bound, items }: HeapHolder): boolean => bound !== undefined && items >= bound;

/** What is filled and emptied grows only where it has more at its least than it had at its most. */
function floorRose({ name, before }: LookPair, { baseline }: SinceBaseline, seen: GrowingHolder | undefined): boolean {
  const most = Math.max(before?.items ?? 0, baseline.counted.find((each) => each.name === name)?.most ?? 0);
  return seen !== undefined && courseOf(seen.counts).least > most;
}

function explainsMemory({ bytesGained }: LookPair, { memory, seconds, objectBytesGained }: SinceBaseline): boolean {
  if (memory === undefined || memory.bytesPerSecond.low <= 0) return false;
  return (
    bytesGained >= objectBytesGained * MOST_OF_HEAP &&
    bytesGained >= memory.bytesPerSecond.value * seconds * PART_OF_MEMORY
  );
}

/** Containers watched for less than this part of the time between the looks may go up and down more slowly than that. */
const WATCHED_PART = 0.2;

/**
 * What both looks and the counts say together. What grew while it was watched, and has no more than long before, is
 * filled and emptied in a longer time: unless nothing in the source empties it.
 */
export function withPast(holder: GrowingHolder, since: SinceBaseline, past: GrowingHolder | undefined): GrowingHolder {
  if (past !== undefined) return holder.judgement === 'leaks' ? agreed(holder, past) : decided(holder, past);
  const before = since.pairs.find(({ name }) => name === holder.holder.name);
  const isEmptied = holder.uses === undefined || holder.uses.feeds.length === 0 || holder.uses.empties.length > 0;
  const hasBeenMore =
    before?.before !== undefined &&
    before.before.instances >= holder.holder.instances &&
    before.before.items >= holder.itemsNow &&
    holder.seconds < since.seconds * WATCHED_PART;
  return since.sameProcess && hasBeenMore && isEmptied && holder.judgement === 'leaks'
    ? { ...holder, judgement: 'churns' }
    : holder;
}

/** What grew all the while it was watched has its rate from there: that is what it does now. */
const agreed = (holder: GrowingHolder, past: GrowingHolder): GrowingHolder => ({
  ...holder,
  since: { ...past.since!, decides: false },
});

/** Of what has a bound, or goes up and down, the watch says more than two points. */
const decided = (holder: GrowingHolder, past: GrowingHolder): GrowingHolder =>
  past.judgement === 'leaks' || holder.judgement === 'unsure' || holder.judgement === 'settled' ? past : holder;
