import type { HeapHolder } from '../answer.ts';
import { describeHolder } from './describe.ts';
import { type HeapView, heldInView, referrersOf, wordOfId } from './heap-view.ts';
import type { Held } from './held.ts';

/** Objects whose reference count says that somebody refers to them, and nobody was found. */
export interface Unowned {
  readonly ids: readonly number[];
  readonly held: Held | undefined;
}

/** Fewer of them are what C code keeps to itself in any program. */
const FEWEST = 16;
/** An immortal object (3.12 and later) has a count that counts nothing. */
const IMMORTAL = 2 ** 30;

/**
 * What C code keeps or forgot to release: tracked by the collector, reached from nowhere, and with a higher reference
 * count than there are references. Cycles that wait for the collector have none too many.
 */
export function unownedObjects(view: HeapView): Unowned {
  const unreached = view.walked.roots.filter(({ kind }) => kind === 'unreached').map(({ id }) => id);
  const ids = unreached.filter((id) => isKept(view, id));
  if (ids.length < FEWEST) return { ids, held: undefined };
  const kept = new Set(ids);
  const others = unreached.filter((id) => !kept.has(id));
  return { ids, held: heldInView(view, [ids, others])[0] };
}

function isKept(view: HeapView, id: number): boolean {
  const count = view.snapshot.int32(wordOfId(view, id), 0);
  if (count <= 0 || count >= IMMORTAL) return false;
  let referrers = 0;
  for (const referrer of referrersOf(view, id, count + 1)) if (referrer !== view.walked.graph.count) referrers += 1;
  return count > referrers;
}

/** All of them as one holder, each an item of it. */
export function describeUnowned(view: HeapView, { ids, held }: Unowned): HeapHolder | undefined {
  if (held === undefined) return undefined;
  const name = { kind: 'none', name: '<nobody>', site: { depth: 0 }, links: [], cost: 0 } as const;
  const described = describeHolder(view, { name, ids }, held);
  return { ...described, items: ids.length, instances: 1, elementType: described.type, type: 'objects', path: [] };
}
