import type { Artifacts, MemorySeries, Source } from '../core/artifacts.ts';
import { findUses, type SourceFile, type Uses } from '../source-code/index.ts';
import { type ItemTrend, itemTrend } from './item-trend.ts';
import { memoryTrend } from './memory-trend.ts';

type Growth = Artifacts['heap-growth'];
export type HeapHolder = Growth['holders'][number]['holder'];

/** A holder that has more items than at the first look, and what its source says. */
export interface GrowingHolder {
  readonly holder: HeapHolder;
  readonly itemsBefore: number;
  readonly heldBefore: number;
  readonly seconds: number;
  readonly readings: number;
  readonly items: ItemTrend;
  /** Retained and shared bytes gained a second. */
  readonly bytesPerSecond: number;
  /** What one more item costs; undefined where too few came to say. */
  readonly bytesPerItem: number | undefined;
  /** Undefined where no source could be read. */
  readonly uses: Uses | undefined;
  readonly judgement: Judgement;
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

const known = new WeakMap<Growth, GrowingHolder[]>();

/** The holders that grew and matter, most bytes a second first. Judged once for each growth, asked by several detectors. */
export function growingHolders(
  growth: Growth,
  source: Source | undefined,
  memory: MemorySeries | undefined,
): GrowingHolder[] {
  const before = known.get(growth);
  if (before) return before;
  const all = growth.holders
    .filter(({ holder }) => !isWeak(holder))
    .map((grown) => judgeHolder(grown, growth, source?.files ?? [], memory));
  const fastest = Math.max(0, ...all.map((each) => each.bytesPerSecond));
  const least = Math.max(LEAST_BYTES_PER_SECOND, fastest * LEAST_SHARE);
  const judged = withoutEchoes(
    all.filter((each) => each.bytesPerSecond >= least).sort((a, b) => b.bytesPerSecond - a.bytesPerSecond),
  );
  known.set(growth, judged);
  return judged;
}

/** What the interpreter keeps for itself (interned names, a thread's locals) grows along with what a program keeps. */
function withoutEchoes(holders: GrowingHolder[]): GrowingHolder[] {
  const isOwn = ({ holder }: GrowingHolder) => holder.kind !== 'interpreter' && holder.kind !== 'thread-local';
  const leads = holders.findIndex((each) => isOwn(each) && each.judgement === 'leaks');
  return leads < 0 ? holders : holders.filter((each, at) => at <= leads || isOwn(each));
}

/** A registry of weak references follows what others keep; it keeps nothing itself. */
function isWeak({ elementType }: HeapHolder): boolean {
  return elementType?.startsWith('weakref') ?? false;
}

function judgeHolder(
  grown: Growth['holders'][number],
  growth: Growth,
  files: readonly SourceFile[],
  memory: MemorySeries | undefined,
): GrowingHolder {
  const { holder, itemsBefore, heldBefore, counts } = grown;
  const gained = holder.items - itemsBefore;
  const items = itemTrend(counts, gained, growth.seconds);
  const held = holder.retainedBytes + holder.sharedBytes;
  const bytesPerItem = costOfItem(holder, gained, held - heldBefore);
  const measured = growth.second && growth.seconds > 0 ? (held - heldBefore) / growth.seconds : undefined;
  const uses = files.length === 0 ? undefined : findUses(files, holder);
  return {
    holder,
    itemsBefore,
    heldBefore,
    seconds: growth.seconds,
    readings: counts.length,
    items,
    bytesPerSecond: Math.max(0, measured ?? items.itemsPerSecond * (bytesPerItem ?? 0)),
    bytesPerItem,
    uses,
    judgement: judgementOf(holder, items, uses, explainsMemory(held - heldBefore, growth, memory)),
  };
}

const FEWEST_GAINED = 3;

function costOfItem(holder: HeapHolder, itemsGained: number, bytesGained: number): number | undefined {
  if (itemsGained >= FEWEST_GAINED && bytesGained > 0) return bytesGained / itemsGained;
  return holder.items === 0 ? undefined : (holder.retainedBytes + holder.sharedBytes) / holder.items;
}

/** A holder of this part of what the heap gained, while memory rose and rose, is what memory rose for. */
const MOST_OF_GROWTH = 0.5;

function explainsMemory(bytesGained: number, growth: Growth, memory: MemorySeries | undefined): boolean {
  if (memory === undefined || memoryTrend(memory).shape !== 'grows') return false;
  return bytesGained > growth.objectBytesGrown * MOST_OF_GROWTH;
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
