import { type HeapView, retainedBytesOf } from './heap-view.ts';
import type { HolderName, Namer } from './names.ts';

/** Containers that go by one name. */
export interface NamedGroup {
  readonly name: HolderName;
  readonly ids: readonly number[];
}

/** Containers by the name that they go by, in the order in which the names come first. */
export function groupByName(namer: Namer, ids: readonly number[]): NamedGroup[] {
  const groups = new Map<string, NamedGroup & { ids: number[] }>();
  for (const id of ids) {
    const name = namer.nameOf(id);
    const group = groups.get(name.name);
    if (group === undefined) groups.set(name.name, { name, ids: [id] });
    else group.ids.push(id);
  }
  return [...groups.values()];
}

/** Those that lie in none of the others: what they retain adds up. */
export function outermost(view: DominatedView, ids: readonly number[]): number[] {
  const isIn = insideOf(view, new Set(ids));
  return ids.filter((id) => !isIn(id));
}

/** Bytes dominated by the containers, one inside another counted once. */
export function retainedBy(view: DominatedView, ids: readonly number[]): number {
  return outermost(view, ids).reduce((sum, id) => sum + retainedBytesOf(view, id), 0);
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
