import type { HeapLook } from './answer.ts';
import { countOffset } from './cpython/containers.ts';
import { top } from './graph/top.ts';
import { describeHolder } from './holders/describe.ts';
import { groupByName, outermost, retainedBy } from './holders/groups.ts';
import { ownBytesOf } from './holders/heap-view.ts';
import type { Namer } from './holders/names.ts';
import type { Look } from './look-parts.ts';
import { isModules, isNamespace } from './rank.ts';

/** A container that keeps less is not named: thousands of such are in every program, and naming them takes seconds. */
const LEAST_BYTES = 1024;
/** Containers named at most, and names kept: those that keep most. */
const MOST_NAMED = 4000;
const MOST_NAMES = 200;
/** Containers looked at for those; many of them are namespaces. */
const MOST_EXAMINED = 3 * MOST_NAMED;

/**
 * The containers of a look by name, whatever holds them: what a look of hours later is compared with. A slow leak is
 * none of the largest at first, and may lie in a larger container; so these are many more than are ever shown. What
 * each keeps is what it dominates (`sharedBytes` is 0, `keeps` empty): more would take a walk of the heap for each.
 */
export function largeContainers(look: Look, namer: Namer): NonNullable<HeapLook['containers']> {
  const { ids, leastBytes } = largestIds(look);
  const groups = groupByName(namer, ids)
    // What nobody reaches has no name by which it is known again.
    .filter(({ name }) => name.kind !== 'none')
    // What lies in a cached function goes by its name, as the cache does: that is the one.
    .map(({ name, ids: all }) => ({ name, ids: outermost(look.view, all) }))
    .map((group) => ({ group, bytes: retainedBy(look.view, group.ids) }))
    .sort((a, b) => b.bytes - a.bytes);
  const kept = groups.slice(0, MOST_NAMES);
  return {
    leastBytes,
    leastTogetherBytes: groups.length > kept.length ? kept.at(-1)!.bytes : 0,
    holders: kept.map(({ group, bytes }) => {
      const ownBytes = group.ids.reduce((sum, id) => sum + ownBytesOf(look.view, id), 0);
      return describeHolder(look.view, group, { ownBytes, bytes, byType: new Map() });
    }),
  };
}

/** Ids of the containers worth a name, most retained bytes first, and the bytes below which none was taken. */
function largestIds({ view }: Look): { ids: number[]; leastBytes: number } {
  const { graph, types } = view.walked;
  const { retained } = view.dominators;
  const isContainer = types.all.map((type) => countOffset(type) !== undefined);
  const isWorthIt = (id: number) => isContainer[graph.type[id]!] === true && retained[id]! >= LEAST_BYTES;
  const largest = top(graph.count, MOST_EXAMINED, (id) => (isWorthIt(id) ? retained[id]! : 0));
  const ids = largest.filter((id) => isModules(view, id) || !isNamespace(view, id));
  const last = ids.length > MOST_NAMED ? ids[MOST_NAMED - 1] : largest[MOST_EXAMINED - 1];
  return { ids: ids.slice(0, MOST_NAMED), leastBytes: last === undefined ? LEAST_BYTES : retained[last]! };
}
