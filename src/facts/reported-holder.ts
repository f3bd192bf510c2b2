import type { Holder, SourcePlace } from '../core/report.ts';
import type { Use, Uses } from '../source-code/index.ts';
import type { GrowingHolder, HeapHolder } from './growing-holders.ts';

const MOST_PLACES = 5;

/**
 * The holder as the report gives it, with its growth, of which memory shows no more than `inMemory` bytes a second. Where
 * there was no second look, items and bytes are the first's.
 */
export function growingReported(grown: GrowingHolder, inMemory: number | undefined): Holder {
  const { holder, items, bytesPerItem } = grown;
  const bytesPerSecond = Math.min(grown.bytesPerSecond, inMemory ?? grown.bytesPerSecond);
  return {
    ...reported(holder, bytesPerItem),
    growth: { itemsPerSecond: Number(items.itemsPerSecond.toPrecision(4)), bytesPerSecond: Math.round(bytesPerSecond) },
  };
}

/** The holder as the report gives it: without what only the search for its source needs. */
export function reported(holder: HeapHolder, bytesPerItem: number | undefined): Holder {
  const { name, kind, instances, path, type, items, elementType, ownBytes, retainedBytes, sharedBytes } = holder;
  const known = elementType === undefined ? {} : { elementType };
  const cost = bytesPerItem === undefined ? {} : { bytesPerItem: Math.round(bytesPerItem) };
  return { name, kind, instances, path, type, items, ...known, ownBytes, retainedBytes, sharedBytes, ...cost };
}

/** The lines that feed it, those that empty it and the one that makes it; none without source. */
export function placesOf(uses: Uses | undefined, how: SourcePlace['how'] = 'heap+source'): SourcePlace[] {
  if (uses === undefined) return [];
  const places = [
    ...uses.feeds.slice(0, MOST_PLACES),
    ...uses.empties.slice(0, MOST_PLACES),
    ...uses.creates.slice(0, 1),
  ];
  return places.map((use) => placeOf(use, how));
}

function placeOf({ role, file, line, function: inFunction, code }: Use, how: SourcePlace['how']): SourcePlace {
  const within = inFunction === undefined ? {} : { function: inFunction };
  return { role, file, line, ...within, code, how };
}
