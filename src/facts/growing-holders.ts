import type { Artifacts, MemorySeries, Source } from '../core/artifacts.ts';
import { findUses, type SourceFile, type Uses } from '../source-code/index.ts';
import { type GrownSince, grownSince, withPast } from './baseline-growth.ts';
import { type ItemTrend, itemTrend, LEAST_SECONDS } from './item-trend.ts';
import { memoryTrend } from './memory-trend.ts';
import type { SinceBaseline } from './since-baseline.ts';

type Growth = Artifacts['heap-growth'];
type Grown = Growth['holders'][number];
export type HeapHolder = Grown['holder'];

/** A holder that has more items than at the first look, and what its source says. */
export interface GrowingHolder {
  readonly holder: HeapHolder;
  readonly itemsBefore: number;
  /** At the last look; as last counted where there was none. */
  readonly itemsNow: number;
  /** Retained and shared bytes at the last look; where there was none, what so many items keep. */
  readonly heldNow: number;
  /** Whether it was seen at a second look. If not, `holder` is as in the first, and only the items were counted since. */
  readonly seenAgain: boolean;
  readonly seconds: number;
  /** Times at which its items were counted between the looks. */
  readonly countsBetween: number;
  readonly items: ItemTrend;
  /** Retained and shared bytes gained a second. */
  readonly bytesPerSecond: number;
  /** What one more item costs; undefined where too few came to say. */
  readonly bytesPerItem: number | undefined;
  /** Undefined where no source could be read. */
  readonly uses: Uses | undefined;
  readonly judgement: Judgement;
  /** Items by time, as they were counted. */
  readonly counts: Grown['counts'];
  /** Where there is an earlier case of the process, and it had fewer items then. */
  readonly since?: GrownSince;
}

export type Judgement =
  /** Grows without a bound in sight. */
  | 'leaks'
  /** Grows, and has a bound that it has not reached: in the object (maxlen, maxsize) or in the source. */
  | 'fills'
  | 'settled'
  | 'churns'
  | 'unsure';

/** Below this, over a day, no container of any size is filled: 22 MB. */
const LEAST_BYTES_PER_SECOND = 256;
/** What grows by less than this part of the fastest is beside the point. */
const LEAST_SHARE = 0.01;

interface Judged {
  readonly source: Source | undefined;
  readonly memory: MemorySeries | undefined;
  readonly since: SinceBaseline | undefined;
  readonly holders: readonly GrowingHolder[];
}
const judged = new WeakMap<object, Judged>();

/**
 * The holders that grew and matter, most bytes a second first: while they were watched, and since an earlier case where
 * there is one. Judged once for each gathering, asked by several detectors.
 */
export function growingHolders(
  growth: Growth | undefined,
  source: Source | undefined,
  memory: MemorySeries | undefined,
  since?: SinceBaseline,
): readonly GrowingHolder[] {
  const key = growth ?? since;
  if (key === undefined) return [];
  const before = judged.get(key);
  if (before && before.source === source && before.memory === memory && before.since === since) return before.holders;
  const holders = judgeAll(growth, source, memory, since);
  judged.set(key, { source, memory, since, holders });
  return holders;
}

function judgeAll(
  growth: Growth | undefined,
  source: Source | undefined,
  memory: MemorySeries | undefined,
  since: SinceBaseline | undefined,
): GrowingHolder[] {
  const files = source?.files ?? [];
  const watched = (growth?.holders ?? [])
    .filter(({ holder }) => !isWeak(holder))
    .map((grown) => judgeHolder(grown, growth!, files, memory));
  const all = since ? withBaseline(watched, since, files) : watched;
  const fastest = all.reduce((most, each) => Math.max(most, each.bytesPerSecond), 0);
  return withoutEchoes(
    all
      .filter((each) => each.bytesPerSecond >= Math.max(leastOf(each), fastest * LEAST_SHARE))
      .sort((a, b) => b.bytesPerSecond - a.bytesPerSecond),
  );
}

/** Hours show what seconds cannot: the least that counts is what `grownSince` lets through. */
const leastOf = ({ since }: GrowingHolder): number => (since?.decides ? 0 : LEAST_BYTES_PER_SECOND);

/** The holders that were watched, with what an earlier case says of them, and those that only it tells of. */
function withBaseline(
  watched: readonly GrowingHolder[],
  since: SinceBaseline,
  files: readonly SourceFile[],
): GrowingHolder[] {
  const past = new Map(grownSince(since, watched, files).map((each) => [each.holder.name, each]));
  const both = watched.map((each) => withPast(each, since, past.get(each.holder.name)));
  const named = new Set(watched.map(({ holder }) => holder.name));
  return [...both, ...[...past.values()].filter(({ holder }) => !named.has(holder.name))];
}

/** What the interpreter keeps for itself (interned names, a thread's locals) grows along with what a program keeps. */
function withoutEchoes(holders: GrowingHolder[]): GrowingHolder[] {
  const isOwn = ({ holder }: GrowingHolder) => !/^<(interpreter|thread)\b/.test(holder.name);
  const leads = holders.findIndex((each) => isOwn(each) && each.judgement === 'leaks');
  return leads < 0 ? holders : holders.filter((each, at) => at <= leads || isOwn(each));
}

/** A registry of weak references follows what others keep; it keeps nothing itself. */
function isWeak({ elementType }: HeapHolder): boolean {
  return elementType?.startsWith('weakref') ?? false;
}

function judgeHolder(
  grown: Grown,
  growth: Growth,
  files: readonly SourceFile[],
  memory: MemorySeries | undefined,
): GrowingHolder {
  const { holder, itemsBefore, counts } = grown;
  const { seconds } = growth;
  const seenAgain = growth.second !== undefined;
  const uses = files.length === 0 ? undefined : findUses(files, holder);
  const gains = gainsOf(grown, growth);
  const items = itemTrend(counts, gains.itemsNow - itemsBefore, seconds);
  const measured = seenAgain && seconds >= LEAST_SECONDS ? gains.bytes / seconds : undefined;
  return {
    holder,
    itemsBefore,
    itemsNow: gains.itemsNow,
    heldNow: gains.heldNow,
    seenAgain,
    seconds,
    // The first count is that of the first look; without a second one, the last count is what is now.
    countsBetween: Math.max(0, counts.length - (seenAgain ? 1 : 2)),
    items,
    bytesPerSecond: Math.max(0, measured ?? items.itemsPerSecond * (gains.bytesPerItem ?? 0)),
    bytesPerItem: gains.bytesPerItem,
    uses,
    judgement: judgementOf(holder, items, uses, explainsMemory(gains.bytes, growth, memory)),
    counts,
  };
}

interface Gains {
  readonly itemsNow: number;
  readonly heldNow: number;
  readonly bytes: number;
  readonly bytesPerItem: number | undefined;
}

function gainsOf({ holder, itemsBefore, heldBefore, counts }: Grown, { second }: Growth): Gains {
  const held = holder.retainedBytes + holder.sharedBytes;
  if (second !== undefined) {
    const bytesPerItem = costOfItem(holder, holder.items - itemsBefore, held - heldBefore);
    return { itemsNow: holder.items, heldNow: held, bytes: held - heldBefore, bytesPerItem };
  }
  const bytesPerItem = averageCost(holder);
  const itemsNow = counts.at(-1)?.[1] ?? holder.items;
  const bytes = (itemsNow - itemsBefore) * (bytesPerItem ?? 0);
  return { itemsNow, heldNow: Math.max(0, held + bytes), bytes, bytesPerItem };
}

const FEWEST_GAINED = 3;

function costOfItem(holder: HeapHolder, itemsGained: number, bytesGained: number): number | undefined {
  return itemsGained >= FEWEST_GAINED && bytesGained > 0 ? bytesGained / itemsGained : averageCost(holder);
}

const averageCost = ({ items, retainedBytes, sharedBytes }: HeapHolder): number | undefined =>
  items === 0 ? undefined : (retainedBytes + sharedBytes) / items;

/**
 * A holder of this part of what the heap gained, while memory rose and rose, is what memory rose for: if it accounts for
 * a part of that too, and the heap is not merely where something small happens while C code leaks.
 */
const MOST_OF_GROWTH = 0.5;
const PART_OF_MEMORY = 0.1;

function explainsMemory(bytesGained: number, growth: Growth, memory: MemorySeries | undefined): boolean {
  if (memory === undefined || growth.second === undefined) return false;
  const { shape, slope } = memoryTrend(memory);
  if (shape !== 'grows' || slope === undefined) return false;
  const memoryGained = slope.slope * growth.seconds;
  return bytesGained > Math.max(0, growth.objectBytesGrown * MOST_OF_GROWTH, memoryGained * PART_OF_MEMORY);
}

function judgementOf(
  holder: HeapHolder,
  { shape }: ItemTrend,
  uses: Uses | undefined,
  explainsMost: boolean,
): Judgement {
  const bounded = holder.bound !== undefined || uses?.boundedWhereFed === true;
  switch (shape) {
    case 'rises-and-falls':
      return explainsMost && !bounded ? 'leaks' : 'churns';
    case 'settled':
      return 'settled';
    case 'unsure':
      return explainsMost && !bounded ? 'leaks' : 'unsure';
    case 'only-grows':
      return bounded ? 'fills' : 'leaks';
    default:
      return shape satisfies never;
  }
}
