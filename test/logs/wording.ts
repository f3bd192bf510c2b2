import { seeded } from '../../src/stats/seeded.ts';

export const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

/** How a program says its numbers, drawn anew for each run. */
export interface Wording {
  /** `{n}` stands for the number. */
  readonly kept: string;
  readonly work: string;
  readonly keptField: string;
  readonly workField: string;
  readonly event: string;
  /** What the container is called in the code. */
  readonly name: string;
  /** The words say the opposite of what the number is, or nothing: only memory can tell. */
  readonly misleading: boolean;
}

const THINGS =
  'image order message session document profile shipment ticket invoice frame track page sensor reading answer customer token'
    .split(' ')
    .map((thing) => ({ thing, things: `${thing}s` }));
const PLACES = [
  'cache',
  'session store',
  'lookup table',
  'result registry',
  'history',
  'dedup set',
  'inbox',
  'pending map',
  'memo',
  'ledger',
  'pool',
  'archive',
  'catalogue',
  'shelf',
  'roster',
  'journal',
  'warehouse',
  'sink',
  'outbox',
  'watch list',
  'feed',
  'stash',
];
const NAMES = [
  'cache',
  'seen',
  'results',
  'history',
  'sessions',
  'pending',
  'registry',
  'memo',
  'entries',
  'store',
  'kept',
  'bag',
  'items_by_id',
  'buffer',
  'archive',
  'x',
];

const KEPT = [
  '{place} has {n} {things}',
  '{place} now holds {n} {things}',
  '{place} size: {n}',
  '{place} size is {n}',
  '{n} {things} in {place}',
  '{things} in {place}: {n}',
  '{place}: {n} entries',
  'keeping {n} {things}',
  'tracking {n} {things} in the {place}',
  '{n} {things} are open',
  'active {things}: {n}',
  '{place} length {n}',
  'remembered {things} = {n}',
  '{place} depth={n}',
  '{place} grew to {n} {things}',
  '{n} {things} live in the {place}',
  'we have {n} {things} now',
  '{place} count={n}',
  'stashed {things}: {n}',
  '{n} {things} waiting',
  '{place} now {n} {things} big',
  'number of {things} in {place}: {n}',
  'connected {things}: {n}',
  '{things} loaded: {n}',
  '{place} contains {n}',
  '{n} {things} on {place}',
  'resident {things} {n}',
  'len({place})={n}',
];
const WORK = [
  'Processed {n} {things} so far',
  '{n} {things} processed',
  'done with {n} {things}',
  'handled {n} {things} in total',
  'finished {things}: {n}',
  'completed={n}',
  'served {n} {things} since start',
  'progress: {n} {things} converted',
  'total {things} received: {n}',
  '{n} {things} sent',
  '{n} {things} so far',
  'finished {n} {things}',
  'shipped {n} {things}',
  '{things} done: {n}',
  'loop {n} over {things} complete',
  '{n} {things} delivered since boot',
  'accepted {n} {things}',
  'uploaded {things}: {n}',
  'rendered {n} {things}',
  'total {n} {things} ingested',
];
/** Of what is kept, as if it were done; and the other way round. */
const KEPT_LIKE_WORK = [
  '{things} total {n}',
  'processed {things}: {n}',
  'stats n={n}',
  'counter {place}={n}',
  '{things} handled: {n}',
  'state {n}',
];
const WORK_LIKE_KEPT = [
  'cache hits {n}',
  'queue: {n} {things} went through',
  'entries written: {n}',
  '{things} evicted from {place}: {n}',
  'cached answers given: {n}',
  'count {n}',
];

const KEPT_FIELDS = [
  'cache_size',
  'entries',
  'open_sessions',
  'store_len',
  'held',
  'pending',
  'registry_size',
  'queue_depth',
];
const WORK_FIELDS = ['processed', 'jobs_done', 'total_handled', 'images_converted', 'requests_served', 'completed'];
const KEPT_FIELDS_MISLEADING = ['n', 'total', 'processed_items', 'value'];
const WORK_FIELDS_MISLEADING = ['cache_hits', 'queue_total', 'entries_written', 'm'];
const EVENTS = ['status', 'heartbeat', 'stats', 'progress report', 'checkpoint', 'tick'];

/** One in four is misleading, as long as memory can tell the truth; `misleading` says which. */
export function wordingOf(seed: number, { mayMislead = true } = {}): Wording {
  const random = seeded(seed);
  const misleading = random() < 0.25 && mayMislead;
  const { things } = pick(random, THINGS);
  const other = pick(
    random,
    THINGS.filter((each) => each.things !== things),
  );
  const fill = (phrase: string, named = things) =>
    phrase.replace('{place}', pick(random, PLACES)).replace('{things}', named);
  return {
    kept: fill(pick(random, misleading ? KEPT_LIKE_WORK : KEPT)),
    // Else the two might be one text.
    work: fill(pick(random, misleading ? WORK_LIKE_KEPT : WORK), other.things),
    keptField: pick(random, misleading ? KEPT_FIELDS_MISLEADING : KEPT_FIELDS),
    workField: pick(random, misleading ? WORK_FIELDS_MISLEADING : WORK_FIELDS),
    event: pick(random, EVENTS),
    name: pick(random, NAMES),
    misleading,
  };
}

/** The text of a program with its wording filled in: `@kept:%d@` becomes `cache has %d images`. */
export const worded = (source: string, wording: Wording): string =>
  source
    .replaceAll('@name@', wording.name)
    .replaceAll('@event@', wording.event)
    .replaceAll('@keptfield@', wording.keptField)
    .replaceAll('@workfield@', wording.workField)
    .replaceAll(/@(kept|work):([^@\n]*)@/g, (_, role: 'kept' | 'work', place: string) =>
      wording[role].replace('{n}', place),
    );

/** All values that a log tells of a number, in its order, found by its words alone. */
export function toldValues(text: string, phrase: string, field: string): number[] {
  const words = phrase.split('{n}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const plain = text.replace(/\u001b\[[\d;]*m/g, '');
  const pattern = new RegExp(`${words.join('(\\d+)')}(?!\\d)|(?<![\\w])"?${field}"?(?:=|: )(\\d+)`, 'g');
  return [...plain.matchAll(pattern)].map((found) => Number(found[1] ?? found[2]));
}
