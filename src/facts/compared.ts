import type { Artifacts, Baseline } from '../core/artifacts.ts';
import type { Compared, Difference, Finding } from '../core/report.ts';
import { LEAST_SECONDS } from './item-trend.ts';
import { differs, heldBy, type LookPair } from './look-pairs.ts';
import type { SinceBaseline } from './since-baseline.ts';

type Look = Artifacts['heap'];

const MOST_LISTED = 20;
/** Processes of about one age can be compared by what they hold; this much older or younger, they can not. */
const SAME_AGE = 1.5;
/** A leak that would have shown so many items in the time watched, and showed none, is fixed. */
const FEWEST_EXPECTED = 5;
const LEAST_TYPE_BYTES = 4096;

/** What a verdict is compared by: the growth in this case, and whether it was watched for long enough to speak of none. */
export interface SeenNow {
  readonly look: Look;
  readonly findings: readonly Finding[];
  readonly watchedSeconds: number;
  /** Whether the process did anything while it was watched. */
  readonly idle: boolean;
}

/** What grew, what is new and what was fixed since an earlier case, by holder and by type. */
export function comparedOf(since: SinceBaseline, now: SeenNow): Compared {
  const { baseline, sameProcess, seconds, ages } = since;
  const isShown = shownFor(since);
  const differing = since.pairs.filter((pair) => differs(pair) && isShown(pair) && !isCut(pair, since, now.look));
  const pairs = differing.filter((pair) => !differing.some((outer) => comesAlong(pair, outer)));
  const list = (some: readonly LookPair[]) =>
    some.slice(0, MOST_LISTED).map((pair) => differenceOf(pair, sameProcess ? seconds : undefined));
  return {
    with: { name: baseline.name, collectedAt: baseline.collectedAt, tool: baseline.tool },
    seconds,
    sameProcess,
    ...(ages ? { ageBefore: ages.before, ageNow: ages.now } : {}),
    grew: list(pairs.filter(({ before, bytesGained }) => before !== undefined && bytesGained > 0)),
    shrank: list(pairs.filter(({ bytesGained }) => bytesGained < 0).toReversed()),
    new: list(pairs.filter(({ before, bytesGained }) => before === undefined && bytesGained > 0)),
    fixed: fixedLeaks(baseline, now).filter(({ name }) =>
      sameProcess ? hasNoMore(since, name) : since.sameCommand || isThere(since, name),
    ),
    types: typeDifferences(baseline.look, now.look, sameProcess ? seconds : undefined),
  };
}

/** Below this no container is listed; a look that was cut says more. */
const LEAST_LISTED_BYTES = 4096;

/** Of many containers that go by one name, a look that was cut lists some: they cannot be compared with those of another. */
function isCut({ before, now }: LookPair, { baseline }: SinceBaseline, look: Look): boolean {
  if (before === undefined || now === undefined || before.instances === now.instances) return false;
  return [baseline.look, look].some(({ containers }) => (containers?.leastBytes ?? 0) > LEAST_LISTED_BYTES);
}

/** What lies in a container that gained items came with them, and is in its bytes. */
const comesAlong = ({ name, bytesGained }: LookPair, outer: LookPair): boolean =>
  name.startsWith(`${outer.name}[`) && bytesGained * outer.itemsGained > 0;

/** Where a program was started otherwise and has nothing of that name, the code that leaked may just not have run. */
const isThere = ({ pairs }: SinceBaseline, name: string): boolean =>
  pairs.some((pair) => pair.name === name && pair.now !== undefined);

/** A process in which a leak rests for a while still has what came in before. */
const hasNoMore = ({ pairs }: SinceBaseline, name: string): boolean =>
  pairs.every((pair) => pair.name !== name || pair.itemsGained <= 0);

/** Of two runs, what one holds says something only at the same age, or where the younger holds more. */
function shownFor({ sameProcess, ages }: SinceBaseline): (pair: LookPair) => boolean {
  if (sameProcess) return () => true;
  if (ages === undefined) return ({ before, now }) => before === undefined || now === undefined;
  const older = ages.now > ages.before * SAME_AGE;
  const younger = ages.before > ages.now * SAME_AGE;
  return ({ bytesGained }) => (bytesGained > 0 ? !older : !younger);
}

function differenceOf(
  { name, before, now, itemsGained, bytesGained }: LookPair,
  seconds: number | undefined,
): Difference {
  return {
    name,
    type: (now ?? before)!.type,
    ...(before ? { itemsBefore: before.items, bytesBefore: heldBy(before) } : {}),
    ...(now ? { itemsNow: now.items, bytesNow: heldBy(now) } : {}),
    ...ratesOf(itemsGained, bytesGained, seconds),
  };
}

const ratesOf = (items: number, bytes: number, seconds: number | undefined) =>
  seconds === undefined || seconds < LEAST_SECONDS
    ? {}
    : { itemsPerSecond: Number((items / seconds).toPrecision(4)), bytesPerSecond: Math.round(bytes / seconds) + 0 };

/** Leaks of the earlier case that this one had the time to show, and did not. */
function fixedLeaks({ leaks }: Baseline, { findings, watchedSeconds, idle }: SeenNow): Compared['fixed'] {
  if (idle) return [];
  const growing = new Set(findings.flatMap(({ holder }) => (holder?.growth ? [holder.name] : [])));
  return leaks.filter(
    ({ name, itemsPerSecond }) => !growing.has(name) && itemsPerSecond * watchedSeconds >= FEWEST_EXPECTED,
  );
}

/** Types of which there are more bytes or fewer; only those that both looks list, for the lists are cut. */
function typeDifferences(before: Look, now: Look, seconds: number | undefined): Difference[] {
  const earlier = new Map(before.types.map((row) => [row.type, row]));
  return now.types
    .flatMap((row) => {
      const known = earlier.get(row.type);
      return known && isFar(known.bytes, row.bytes) ? [typeDifference(known, row, seconds)] : [];
    })
    .sort((a, b) => Math.abs(gainOf(b)) - Math.abs(gainOf(a)))
    .slice(0, MOST_LISTED);
}

const isFar = (before: number, now: number): boolean =>
  Math.abs(now - before) >= Math.max(LEAST_TYPE_BYTES, Math.max(before, now) * 0.02);

const gainOf = ({ bytesBefore = 0, bytesNow = 0 }: Difference): number => bytesNow - bytesBefore;

function typeDifference(
  before: Look['types'][number],
  now: Look['types'][number],
  seconds: number | undefined,
): Difference {
  return {
    name: now.type,
    itemsBefore: before.count,
    itemsNow: now.count,
    bytesBefore: before.bytes,
    bytesNow: now.bytes,
    ...ratesOf(now.count - before.count, now.bytes - before.bytes, seconds),
  };
}
