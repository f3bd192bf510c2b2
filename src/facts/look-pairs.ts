import type { Artifacts } from '../core/artifacts.ts';
import type { HeapHolder } from './growing-holders.ts';

type Look = Artifacts['heap'];

/** The containers that go by one name, in one look or in both, and the bytes by which they differ. */
export interface LookPair {
  readonly name: string;
  readonly before: HeapHolder | undefined;
  readonly now: HeapHolder | undefined;
  /** At least so many, where the name is in one look alone: what is too small to be listed has no number. */
  readonly itemsGained: number;
  readonly bytesGained: number;
}

/** What a look lists by name, and how far down the list is complete. */
interface Listing {
  readonly holders: ReadonlyMap<string, HeapHolder>;
  readonly leastBytes: number;
  readonly leastTogetherBytes: number;
}

/** Looks of a whyoom that kept only the largest: twelve names, each of containers that kept more than this. */
const LEAST_LISTED_BYTES = 4096;
const MOST_LISTED = 12;
/** What differs by less is the noise of tables that are made anew, and of strings that come and go. */
const LEAST_BYTES = 4096;
const LEAST_SHARE = 0.02;
/** Shared bytes above this part of what a holder keeps: the retained ones alone do not tell what an item costs. */
const MUCH_SHARED = 0.1;

/**
 * The holders of two looks by name, those that gained most bytes first. Addresses say nothing between two runs; within
 * one process, a container that is at the same place, of the same type, and goes by another name now, is the same.
 */
export function pairLooks(before: Look, now: Look, sameProcess: boolean): LookPair[] {
  const [listBefore, listNow] = [listingOf(before), listingOf(now)];
  const renamed = sameProcess ? samePlaces(listBefore, listNow) : new Map<string, HeapHolder>();
  const taken = new Set([...renamed.values()].map(({ name }) => name));
  const names = new Set([...listBefore.holders.keys(), ...listNow.holders.keys()].filter((name) => !taken.has(name)));
  return [...names]
    .map((name) => {
      const [earlier, later] = [listBefore.holders.get(name) ?? renamed.get(name), listNow.holders.get(name)];
      const bytesGained = bytesBetween(earlier, later, listBefore, listNow);
      return { name, before: earlier, now: later, bytesGained, itemsGained: itemsBetween(earlier, later, bytesGained) };
    })
    .sort((a, b) => b.bytesGained - a.bytesGained || compareText(a.name, b.name));
}

/** Whether so many bytes are a difference, and no noise. */
export function differs({ before, now, bytesGained }: LookPair): boolean {
  const larger = Math.max(heldBy(before), heldBy(now));
  return Math.abs(bytesGained) >= Math.max(LEAST_BYTES, larger * LEAST_SHARE);
}

export const heldBy = (holder: HeapHolder | undefined): number =>
  holder === undefined ? 0 : holder.retainedBytes + holder.sharedBytes;

/** What nobody reaches has no name by which it is known again. */
const isNamed = ({ kind }: HeapHolder): boolean => kind !== 'none';

function listingOf(look: Look): Listing {
  const shown = look.holders.filter(isNamed);
  const all = look.containers?.holders.filter(isNamed) ?? [];
  const full = new Map(shown.map((holder) => [holder.name, holder]));
  const holders = new Map(full);
  for (const holder of all) holders.set(holder.name, completed(holder, full.get(holder.name)));
  // Nothing is known of what a look that was not whole does not list.
  const unseen = look.partial === undefined ? 0 : Number.POSITIVE_INFINITY;
  if (look.containers) {
    const { leastBytes, leastTogetherBytes } = look.containers;
    return { holders, leastBytes, leastTogetherBytes: Math.max(unseen, leastTogetherBytes) };
  }
  const least = look.holders.length < MOST_LISTED ? LEAST_LISTED_BYTES : Math.min(...look.holders.map(heldBy));
  return { holders, leastBytes: least, leastTogetherBytes: Math.max(unseen, least) };
}

/** What the long list leaves out is in the short one, if that speaks of the same containers. */
function completed(holder: HeapHolder, full: HeapHolder | undefined): HeapHolder {
  if (full === undefined || full.instances !== holder.instances) return holder;
  return { ...holder, keeps: full.keeps, sharedBytes: full.sharedBytes };
}

/** Holders that go by a new name, each with what it was before. */
function samePlaces(before: Listing, now: Listing): Map<string, HeapHolder> {
  const gone = [...before.holders.values()].filter(({ name, instances }) => instances === 1 && !now.holders.has(name));
  const byPlace = new Map(gone.map((holder) => [placeOf(holder), holder]));
  const found = new Map<string, HeapHolder>();
  for (const holder of now.holders.values()) {
    const same = byPlace.get(placeOf(holder));
    if (same && holder.instances === 1 && !before.holders.has(holder.name)) found.set(holder.name, same);
  }
  return found;
}

const placeOf = ({ address, type }: HeapHolder): string => `${address} ${type}`;

/**
 * Bytes gained, or lost, as far as they are sure. A container that is listed in one look may have been there in the
 * other too, too small for the list: so much of the difference is not counted.
 */
function bytesBetween(
  before: HeapHolder | undefined,
  now: HeapHolder | undefined,
  listBefore: Listing,
  listNow: Listing,
): number {
  if (before === undefined) return Math.max(0, heldBy(now) - unlisted(now!.instances, listBefore));
  if (now === undefined) return Math.min(0, unlisted(before.instances, listNow) - heldBy(before)) + 0;
  const gained = gainedBytes(before, now) + 0;
  const more = now.instances - before.instances;
  if (gained > 0) return Math.max(0, gained - Math.max(0, more) * listBefore.leastBytes);
  return Math.min(0, gained + Math.max(0, -more) * listNow.leastBytes) + 0;
}

/** The most that so many containers of one name may keep without being listed. */
const unlisted = (instances: number, { leastBytes, leastTogetherBytes }: Listing): number =>
  Math.max(leastTogetherBytes, instances * leastBytes);

/** Where much is shared with others, what each item costs tells more than what the holder alone would free. */
function gainedBytes(before: HeapHolder, now: HeapHolder): number {
  const isShared = [before, now].some((holder) => holder.sharedBytes > heldBy(holder) * MUCH_SHARED);
  if (!isShared) return now.retainedBytes - before.retainedBytes;
  const dearest = Math.max(...[before, now].map((holder) => heldBy(holder) / Math.max(1, holder.items)));
  return (now.items - before.items) * dearest;
}

function itemsBetween(before: HeapHolder | undefined, now: HeapHolder | undefined, bytesGained: number): number {
  if (before !== undefined && now !== undefined) return now.items - before.items;
  const only = (now ?? before)!;
  const share = heldBy(only) === 0 ? 0 : bytesGained / heldBy(only);
  return Math.trunc(only.items * share) + 0;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
