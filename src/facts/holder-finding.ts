import type { Got } from '../core/artifacts.ts';
import type { Confidence, Evidence, Finding, Fix, Holder, SourcePlace } from '../core/report.ts';
import { findUses, proposeFix, type SourceFile, type Use, type Uses } from '../source-code/index.ts';
import { bytesText } from '../util/bytes.ts';
import { type GrowingHolder, growingHolders, type HeapHolder } from './growing-holders.ts';
import { causeOfHolder, type HolderCause } from './holder-cause.ts';
import { memoryTrend } from './memory-trend.ts';
import { shellWord } from './shell-word.ts';
import { relativeToRoot } from './source-root.ts';

/** What a finding about a holder is made from. */
export type HolderGot = Got<'heap', 'heap-growth' | 'source' | 'memory-series' | 'memory-limit' | 'processes'>;

type HolderFinding = Omit<Finding, 'cause'>;

const MOST_PLACES = 5;

/** Findings on the holders that leak and whose cause is the one asked for; what is merely big where growth is not known. */
export function holderFindings(got: HolderGot, cause: HolderCause): HolderFinding[] {
  const growth = got['heap-growth'];
  const files = got.source?.files ?? [];
  if (growth === undefined || growth.watched === 0) return suspects(got, files, cause);
  return growingHolders(growth, got.source, got['memory-series'])
    .filter((each) => each.judgement === 'leaks' && causeOfHolder(each.holder, each.uses) === cause)
    .map((each) => growingFinding(got, each, files));
}

function growingFinding(got: HolderGot, grown: GrowingHolder, files: readonly SourceFile[]): HolderFinding {
  const { holder, uses } = grown;
  return {
    confidence: confidenceIn(got, grown),
    summary: summaryOf(grown),
    explainsBytesPerSecond: explained(grown, got),
    holder: reportedHolder(grown),
    places: uses ? placesOf(uses) : [],
    evidence: [growthEvidence(got, grown), ...sourceEvidence(holder, uses), ...memoryEvidence(got)],
    fix: fixOf(got, holder, uses, files, grown.bytesPerItem),
  };
}

/** One sentence that names the holder, what it keeps and what an item costs. */
function summaryOf({ holder, uses, bytesPerItem, items }: GrowingHolder): string {
  const each = bytesPerItem === undefined ? '' : `, about ${bytesText(bytesPerItem)} each`;
  const rate = `${ratio(items.itemsPerSecond)} more a second`;
  const emptied = uses === undefined || uses.feeds.length === 0 ? '' : emptiedText(uses);
  return `${plainName(holder)} only grows: ${holder.items} ${itemWord(holder)} now, ${rate}${each}${emptied}.`;
}

function emptiedText({ empties, emptiedOnlyIn }: Uses): string {
  return empties.length === 0
    ? ', and nothing takes any out'
    : `, emptied only in ${emptiedOnlyIn.slice(0, 3).join(', ')}`;
}

/** A script's own names need no module. */
export const plainName = ({ name }: Pick<HeapHolder, 'name'>): string => name.replace(/^__main__\./, '');

function itemWord({ elementType, type }: HeapHolder): string {
  if (type === 'bytearray') return 'bytes';
  return elementType === undefined ? 'items' : `items (${elementType.replace(/^__main__\./, '')})`;
}

const ratio = (perSecond: number) =>
  perSecond >= 10 ? String(Math.round(perSecond)) : String(Number(perSecond.toPrecision(2)));

/** Growth that two holders of the same objects share is divided between them, so that the findings add up. */
function explained({ holder, bytesPerSecond }: GrowingHolder, got: HolderGot): number {
  const held = holder.retainedBytes + holder.sharedBytes;
  if (held === 0 || holder.sharedBytes === 0) return Math.round(bytesPerSecond);
  const sharers = growingHolders(got['heap-growth']!, got.source, got['memory-series']).filter(
    (each) => each.holder.sharedBytes > 0,
  );
  const own = holder.retainedBytes / held;
  return Math.round(bytesPerSecond * (own + (1 - own) / Math.max(1, sharers.length)));
}

/**
 * By rule, until it has been measured: high where the count rose again and again, the source shows a line that feeds
 * and none that empties, and the process's memory grows along; low where only a few rises were seen.
 */
function confidenceIn(got: HolderGot, { items, uses, readings }: GrowingHolder): Confidence {
  const series = got['memory-series'];
  const grows = series !== undefined && memoryTrend(series).shape === 'grows';
  const seen = items.rises >= 5 && readings >= 8;
  const inSource = uses !== undefined && uses.feeds.length > 0 && uses.empties.length === 0;
  const steady = items.shape === 'only-grows';
  const level = !seen ? 'low' : steady && inSource && grows ? 'high' : 'medium';
  return { level, value: null, basis: 'rule' };
}

function reportedHolder({ holder, items, bytesPerSecond, bytesPerItem }: GrowingHolder): Holder {
  return {
    ...plainHolder(holder),
    ...(bytesPerItem === undefined ? {} : { bytesPerItem: Math.round(bytesPerItem) }),
    growth: { itemsPerSecond: rounded(items.itemsPerSecond), bytesPerSecond: Math.round(bytesPerSecond) },
  };
}

const rounded = (value: number) => Number(value.toPrecision(4));

function plainHolder(holder: HeapHolder): Holder {
  const { name, kind, instances, path, type, items, elementType, ownBytes, retainedBytes, sharedBytes } = holder;
  const known = elementType === undefined ? {} : { elementType };
  return { name, kind, instances, path, type, items, ...known, ownBytes, retainedBytes, sharedBytes };
}

function placesOf(uses: Uses): SourcePlace[] {
  const places = [
    ...uses.feeds.slice(0, MOST_PLACES),
    ...uses.empties.slice(0, MOST_PLACES),
    ...uses.creates.slice(0, 1),
  ];
  return places.map(placeOf);
}

function placeOf({ role, file, line, function: inFunction, code }: Use): SourcePlace {
  const within = inFunction === undefined ? {} : { function: inFunction };
  return { role, file, line, ...within, code, how: 'heap+source' };
}

function growthEvidence(got: HolderGot, { holder, itemsBefore, seconds, readings, items }: GrowingHolder): Evidence {
  const counted = readings > 2 && items.falls === 0 ? `, never fewer in the ${readings - 2} counts between` : '';
  const kept = bytesText(holder.retainedBytes + holder.sharedBytes);
  return {
    says: `${itemsBefore} items at first, ${holder.items} after ${ratio(seconds)} s${counted}; they keep ${kept}.`,
    from: 'heap-growth',
    reproduce: lookAgain(got),
  };
}

const lookAgain = ({ processes }: HolderGot) => `whyoom --pid ${processes?.chosenPid ?? 'PID'} -o json`;

function sourceEvidence(holder: HeapHolder, uses: Uses | undefined): Evidence[] {
  const feed = uses?.feeds[0];
  if (uses === undefined || feed === undefined) return [];
  const name = holder.site.name ?? holder.site.functionName?.split('.').at(-1) ?? '';
  const says =
    uses.empties.length === 0
      ? 'Never emptied: no pop, del, clear, new assignment or bound in the files that were read.'
      : `Emptied only in ${uses.emptiedOnlyIn.join(', ')}, which did not happen while it was watched.`;
  return [{ says, from: 'source', reproduce: `grep -nw ${shellWord(name)} ${shellWord(feed.file)}` }];
}

function memoryEvidence(got: HolderGot): Evidence[] {
  const series = got['memory-series'];
  const trend = series && memoryTrend(series);
  if (series === undefined || trend?.slope === undefined || trend.shape !== 'grows') return [];
  const [first, last] = [series.samples[0]![1], series.samples.at(-1)![1]];
  const group = got['memory-limit']?.cgroup;
  return [
    {
      says: `Memory went from ${bytesText(first)} to ${bytesText(last)} in ${ratio(trend.seconds)} s.`,
      from: 'memory-series',
      reproduce:
        series.source === 'cgroup' && group
          ? `cat ${shellWord(`${group.path}/${group.version === 2 ? 'memory.current' : 'memory.usage_in_bytes'}`)}`
          : `grep ${series.measure === 'virtual' ? 'VmSize' : 'VmRSS'} /proc/${series.pid}/status`,
    },
  ];
}

function fixOf(
  got: HolderGot,
  holder: HeapHolder,
  uses: Uses | undefined,
  files: readonly SourceFile[],
  bytesPerItem?: number,
): Fix {
  if (uses === undefined) {
    const summary = `Find what puts items into ${plainName(holder)}, and bound it or take out what is no longer needed.`;
    return {
      summary,
      advice: ['The source could not be read; name its folder with --source DIR to see the line and a patch.'],
    };
  }
  const limit = got['memory-limit']?.limit;
  const last = got['memory-series']?.samples.at(-1)?.[1];
  const held = holder.retainedBytes + holder.sharedBytes;
  // The bound is one container's: there may be several of that name, and other holders that grow.
  const sharing = Math.max(1, holder.instances) * Math.max(1, leakingHolders(got));
  const fix = proposeFix(files, holder, uses, {
    items: holder.items,
    ...(bytesPerItem === undefined ? {} : { bytesPerItem: bytesPerItem * sharing }),
    ...(limit === undefined ? {} : { limitBytes: limit.bytes }),
    ...(last === undefined ? {} : { baselineBytes: Math.max(0, last - held) }),
  });
  return relativeToRoot(fix, got.heap.modules, files);
}

const leakingHolders = (got: HolderGot): number =>
  got['heap-growth'] === undefined
    ? 0
    : growingHolders(got['heap-growth'], got.source, got['memory-series']).filter((each) => each.judgement === 'leaks')
        .length;

/** A container that keeps this part of the process's objects deserves a look even where nothing shows that it grows. */
const SUSPECT_SHARE = 0.2;
const MOST_SUSPECTS = 3;

/** Where growth could not be seen, what is big already: a lead, no verdict. */
function suspects(got: HolderGot, files: readonly SourceFile[], cause: HolderCause): HolderFinding[] {
  return got.heap.holders
    .filter((holder) => holder.kind !== 'none' && holder.kind !== 'interpreter' && holder.bound === undefined)
    .filter((holder) => holder.retainedBytes + holder.sharedBytes > got.heap.objectBytes * SUSPECT_SHARE)
    .slice(0, MOST_SUSPECTS)
    .map((holder) => ({ holder, uses: files.length === 0 ? undefined : findUses(files, holder) }))
    .filter(({ holder, uses }) => causeOfHolder(holder, uses) === cause)
    .map(({ holder, uses }) => suspectFinding(got, holder, uses, files));
}

function suspectFinding(
  got: HolderGot,
  holder: HeapHolder,
  uses: Uses | undefined,
  files: readonly SourceFile[],
): HolderFinding {
  const held = holder.retainedBytes + holder.sharedBytes;
  const bytesPerItem = holder.items === 0 ? undefined : held / holder.items;
  const says = `${plainName(holder)} keeps ${bytesText(held)} in ${holder.items} ${itemWord(holder)}`;
  return {
    confidence: { level: 'low', value: null, basis: 'rule' },
    summary: `${says}; whether it grows was not seen.`,
    holder: {
      ...plainHolder(holder),
      ...(bytesPerItem === undefined ? {} : { bytesPerItem: Math.round(bytesPerItem) }),
    },
    places: uses ? placesOf(uses) : [],
    evidence: [{ says: `${says}.`, from: 'heap', reproduce: lookAgain(got) }],
    fix: fixOf(got, holder, uses, files, bytesPerItem),
  };
}
