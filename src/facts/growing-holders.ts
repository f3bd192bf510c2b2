import type { Artifacts, Source } from '../core/artifacts.ts';
import { findUses, type SourceFile, type Uses } from '../source-code/index.ts';
import { type ItemTrend, itemTrend } from './item-trend.ts';

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
export function growingHolders(growth: Growth, source: Source | undefined): GrowingHolder[] {
  const before = known.get(growth);
  if (before) return before;
  const all = growth.holders
    .filter(({ holder }) => !isWeak(holder))
    .map((grown) => judgeHolder(grown, growth, source?.files ?? []));
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

function judgeHolder(grown: Growth['holders'][number], growth: Growth, files: readonly SourceFile[]): GrowingHolder {
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
    judgement: judgementOf(holder, items, uses, (held - heldBefore) / Math.max(1, growth.objectBytesGrown)),
  };
}

const FEWEST_GAINED = 3;

function costOfItem(holder: HeapHolder, itemsGained: number, bytesGained: number): number | undefined {
  if (itemsGained >= FEWEST_GAINED && bytesGained > 0) return bytesGained / itemsGained;
  return holder.items === 0 ? undefined : (holder.retainedBytes + holder.sharedBytes) / holder.items;
}

/** What grows with gaps must explain this part of what the heap gained. */
const MOSTLY_EXPLAINS = 0.5;

function judgementOf(holder: HeapHolder, items: ItemTrend, uses: Uses | undefined, explainedShare: number): Judgement {
  switch (items.shape) {
    case 'mostly-grows':
      return holder.bound === undefined && explainedShare >= MOSTLY_EXPLAINS ? 'leaks' : 'churns';
    case 'rises-and-falls':
      return 'churns';
    case 'settled':
      return 'settled';
    case 'unsure':
      return 'unsure';
    case 'only-grows':
      return holder.bound !== undefined || uses?.boundedWhereFed ? 'fills' : 'leaks';
    default:
      return items.shape satisfies never;
  }
}
