import type { HeapHolder } from '../answer.ts';
import { boundOf } from '../cpython/containers.ts';
import { dictEntries } from '../cpython/dicts.ts';
import { LEAF } from '../graph/heap-graph.ts';
import { type HeapView, itemsOfId, retainedBytesOf, typeOfId, wordOfId } from './heap-view.ts';
import type { Held } from './held.ts';
import type { HolderName } from './names.ts';
import { pathTo } from './path.ts';

/** Containers that go by one name. */
export interface NamedGroup {
  readonly name: HolderName;
  readonly ids: readonly number[];
}

/** Elements looked at to say what a container holds. */
const SAMPLE = 1000;
/** Types listed of what a holder keeps. */
const KEPT_TYPES = 6;

/** A group of containers as the answer gives it. */
export function describeHolder(view: HeapView, group: NamedGroup, held: Held): HeapHolder {
  const largest = group.ids.reduce((a, b) => (retainedBytesOf(view, a) >= retainedBytesOf(view, b) ? a : b));
  const shown = shownObject(group.name, largest);
  const retained = Math.min(held.bytes, retainedBy(view, group.ids));
  const bound = boundOf(view.snapshot, wordOfId(view, shown), typeOfId(view, shown));
  const elementType = commonElement(view, largest);
  return {
    address: `0x${view.snapshot.address(wordOfId(view, shown)).toString(16)}`,
    name: group.name.name,
    kind: group.name.kind,
    instances: group.ids.length,
    path: pathTo(view, group.name),
    type: typeOfId(view, shown).name,
    items: group.ids.reduce((sum, id) => sum + itemsOfId(view, id), 0),
    ...(bound === undefined ? {} : { bound }),
    ...(elementType === undefined ? {} : { elementType }),
    ownBytes: held.ownBytes,
    retainedBytes: retained,
    sharedBytes: held.bytes - retained,
    keeps: [...held.byType]
      .map(([type, { count, bytes }]) => ({ type: view.walked.types.all[type]!.name, count, bytes }))
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, KEPT_TYPES),
    site: group.name.site,
  };
}

/** The object that a person knows: the lru_cache rather than the dict inside it. */
function shownObject(name: HolderName, container: number): number {
  const first = name.links[0];
  return name.kind === 'cache-decorator' && first?.how === 'name' ? first.owner : container;
}

/** Bytes dominated by the group's containers, one inside another counted once. */
export function retainedBy(view: HeapView, ids: readonly number[]): number {
  const isIn = insideOf(view, new Set(ids));
  return ids.filter((id) => !isIn(id)).reduce((sum, id) => sum + retainedBytesOf(view, id), 0);
}

/** Whether an object is dominated by a member of a set (other than itself). For many questions of one set: `insideOf`. */
export function isInside(view: DominatedView, id: number, members: ReadonlySet<number>): boolean {
  return insideOf(view, members)(id);
}

type DominatedView = Pick<HeapView, 'dominators' | 'walked'>;
/** What is asked less deep than this is cheaper to walk again than to remember. */
const REMEMBERED_DEPTH = 1000;

/**
 * Tells for one set of objects after another whether a member (other than itself) dominates it. Chains of dominators may be as deep as
 * the heap: what was learned on the way up is remembered, so that no part of one is walked twice.
 */
export function insideOf({ dominators, walked }: DominatedView, members: ReadonlySet<number>): (id: number) => boolean {
  const { dominator } = dominators;
  const root = walked.graph.count;
  let lowest = root;
  for (const member of members) if (member < lowest) lowest = member;
  // 1: nothing above it is a member, 2: something is.
  let known: Uint8Array | undefined;
  return (id) => {
    let deep = 0;
    let at = dominator[id]!;
    // A dominator has a lower id than what it dominates.
    while (at !== root && at >= lowest && !members.has(at) && !known?.[at]) {
      at = dominator[at]!;
      deep += 1;
    }
    const isIn = at !== root && at >= lowest && (members.has(at) || known?.[at] === 2);
    if (deep < REMEMBERED_DEPTH) return isIn;
    known ??= new Uint8Array(root);
    for (let below = dominator[id]!; below !== at; below = dominator[below]!) known[below] = isIn ? 2 : 1;
    return isIn;
  };
}

/** The type of most elements (values of a dict); undefined for an empty container or a buffer of bytes. */
function commonElement(view: HeapView, id: number): string | undefined {
  const counts = new Map<string, number>();
  for (const element of elementsOf(view, id)) {
    const type = view.walked.typeAt(element)?.name;
    if (type !== undefined) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Places of the first elements. */
function elementsOf(view: HeapView, id: number): number[] {
  const { graph, words } = view.walked;
  if (typeOfId(view, id).shape !== 'dict') {
    const end = Math.min(graph.firstEdge[id + 1]!, graph.firstEdge[id]! + SAMPLE);
    return Array.from(graph.edges.subarray(graph.firstEdge[id]!, end), (edge) =>
      edge >= LEAF ? edge - LEAF : words[edge]!,
    );
  }
  const values: number[] = [];
  for (const { value } of dictEntries(view.snapshot, view.interpreter.layout, wordOfId(view, id))) {
    if (view.walked.has(value)) values.push(value);
    if (values.length >= SAMPLE) break;
  }
  return values;
}
