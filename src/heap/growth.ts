import type { GrownHolder, HeapGrowth } from './answer.ts';
import type { Bytes } from './graph/heap-graph.ts';
import { Top, top } from './graph/top.ts';
import { describeHolder } from './holders/describe.ts';
import { groupByName, insideOf, type NamedGroup } from './holders/groups.ts';
import {
  type HeapView,
  heldInView,
  holdingsInView,
  itemsOfId,
  retainedBytesOf,
  typeOfId,
  wordOfId,
} from './holders/heap-view.ts';
import { bytesHeldBy, type Held } from './holders/held.ts';
import { Namer } from './holders/names.ts';
import { describeUnowned, unownedObjects } from './holders/unowned.ts';
import type { Look } from './look-parts.ts';
import { census, describeLook, isModules, isNamespace } from './rank.ts';
import type { CountWatch } from './watch.ts';

/** Grown containers named at most; those that gained most come first. */
const EXAMINED = 400;
const SHOWN = 12;
/** What one more item costs at the least, in bytes: its pointer and a small object. Orders by items what shares its bytes. */
const ITEM_BYTES = 16;

/** What is kept of the first look after its snapshot was given back. */
export interface EarlierLook {
  readonly atUnixSeconds: number;
  readonly graph: HeapView['walked']['graph'];
  readonly retained: Bytes;
  /** Items of each node; of very many, as many as 32 bits hold. */
  readonly items: Uint32Array;
  readonly typeNames: readonly string[];
  /** The node at an address; -1 where there was none. */
  idAt(address: number): number;
  readonly census: ReturnType<typeof census>;
  readonly objectBytes: number;
  /** Containers by name, for those that the program replaces by a larger copy. */
  readonly byName: ReadonlyMap<string, { items: number; ids: number[] }>;
  /** What nobody refers to, and is kept all the same. */
  readonly unowned: { readonly items: number; readonly bytes: number };
}

/** Takes from a look what the comparison needs; afterwards its snapshot can go. */
export function rememberLook(look: Look): EarlierLook {
  const { view } = look;
  const { graph } = view.walked;
  const { ids, held } = unownedObjects(view);
  const items = itemsById(view);
  return {
    atUnixSeconds: look.atUnixSeconds,
    graph,
    retained: view.dominators.retained,
    items,
    idAt: finder(view),
    typeNames: view.walked.types.all.map((type) => type.name),
    census: census(view),
    objectBytes: view.walked.objectBytes,
    byName: nameLargest(view, items),
    unowned: { items: ids.length, bytes: held?.bytes ?? 0 },
  };
}

/** Holds on to no more of the look than it needs. */
function finder({ snapshot, walked: { idOf } }: HeapView): EarlierLook['idAt'] {
  return (address) => {
    const word = snapshot.word(address);
    return word < 0 ? -1 : idOf(word);
  };
}

interface Grown {
  readonly id: number;
  /** Its id in the earlier look; undefined for a container that is new. */
  readonly earlierId: number | undefined;
  readonly itemsBefore: number;
  readonly items: number;
  readonly score: number;
}

interface GrownGroup extends NamedGroup {
  readonly members: Grown[];
  readonly itemsBefore: number;
  readonly earlierIds: number[];
}

/** Compares two looks, with the counts read between them. */
export function compareLooks(before: EarlierLook, look: Look, watch: CountWatch): HeapGrowth {
  const { view } = look;
  const groups = groupGrown(view, grownContainers(before, view), before);
  const after = holdingsInView(
    view,
    groups.map((group) => group.ids),
  );
  const earlier = bytesHeldBy(
    before.graph,
    groups.map((group) => group.earlierIds),
  );
  const gained = groups.map((_, at) => after.bytesOf(at) - earlier[at]!);
  const kept = innermostGrowers(view, groups, gained).sort((a, b) => gained[b]! - gained[a]!);
  // Only what can be shown is told in full: that reads its objects.
  const named = kept.slice(0, SHOWN).map((at) => grownHolder(view, groups[at]!, after.of(at), earlier[at]!, watch));
  const holders = [...named, ...grownUnowned(before, view)].sort((a, b) => gainOf(b) - gainOf(a)).slice(0, SHOWN);
  const second = describeLook(look);
  return {
    seconds: look.atUnixSeconds - before.atUnixSeconds,
    second,
    objectBytesGrown: second.objectBytes - before.objectBytes,
    types: censusDifference(before.census, census(view)),
    holders,
    watched: watch.watched,
  };
}

/** What nobody refers to, where there is more of it than before. */
function grownUnowned({ unowned }: EarlierLook, view: HeapView): GrownHolder[] {
  const holder = describeUnowned(view, unownedObjects(view));
  if (holder === undefined || holder.items <= unowned.items) return [];
  return [{ holder, itemsBefore: unowned.items, heldBefore: unowned.bytes, counts: [] }];
}

const gainOf = ({ holder, heldBefore }: GrownHolder) => holder.retainedBytes + holder.sharedBytes - heldBefore;

function itemsById(view: HeapView): Uint32Array {
  const items = new Uint32Array(view.walked.graph.count);
  for (let id = 0; id < items.length; id += 1) items[id] = Math.min(itemsOfId(view, id), 0xffffffff);
  return items;
}

/** Containers with more items than before: the same object, or one that is new. Most gained first. */
function grownContainers(before: EarlierLook, view: HeapView): Grown[] {
  // What was there before and grew tells more than what is new: the new are only matched by name.
  const known = new Top(EXAMINED);
  const fresh = new Top(EXAMINED / 4);
  for (let id = 0; id < view.walked.graph.count; id += 1) {
    const container = grownContainer(before, view, id);
    if (container) (container.earlierId === undefined ? fresh : known).offer(id, container.score);
  }
  return [...known.ids(), ...fresh.ids()].map((id) => grownContainer(before, view, id)!);
}

function grownContainer(before: EarlierLook, view: HeapView, id: number): Grown | undefined {
  const items = itemsOfId(view, id);
  if (items === 0) return undefined;
  const at = before.idAt(view.snapshot.address(wordOfId(view, id)));
  const earlierId = at >= 0 && before.typeNames[before.graph.type[at]!] === typeOfId(view, id).name ? at : undefined;
  const itemsBefore = earlierId === undefined ? 0 : before.items[earlierId]!;
  if (items <= itemsBefore) return undefined;
  const bytes = retainedBytesOf(view, id) - (earlierId === undefined ? 0 : before.retained[earlierId]!);
  return { id, earlierId, itemsBefore, items, score: Math.max(0, bytes) + ITEM_BYTES * (items - itemsBefore) };
}

/** Grown containers by the name that they go by, namespaces left out. */
function groupGrown(view: HeapView, grown: readonly Grown[], before: EarlierLook): GrownGroup[] {
  const namer = new Namer(view);
  const groups = new Map<string, GrownGroup & { ids: number[] }>();
  for (const container of grown) {
    if (isNamespace(view, container.id) && !isModules(view, container.id)) continue;
    const name = namer.nameOf(container.id);
    const replaced = container.earlierId === undefined ? before.byName.get(name.name) : undefined;
    if (container.earlierId === undefined && (replaced === undefined || container.items <= replaced.items)) continue;
    const known = groups.get(name.name);
    const itemsBefore = replaced ? replaced.items : container.itemsBefore;
    const earlierIds = replaced ? replaced.ids : [container.earlierId!];
    if (known === undefined) {
      groups.set(name.name, {
        name,
        ids: [container.id],
        members: [container],
        itemsBefore,
        earlierIds: [...earlierIds],
      });
      continue;
    }
    if (replaced) continue;
    groups.set(name.name, {
      ...known,
      ids: [...known.ids, container.id],
      members: [...known.members, container],
      itemsBefore: known.itemsBefore + itemsBefore,
      earlierIds: [...known.earlierIds, ...earlierIds],
    });
  }
  return [...groups.values()];
}

/**
 * Indices of the groups to report. Where containers grow inside a container that grows, either the inner ones explain
 * most of it (lists under a few fixed keys) or the outer one does (ever new keys): the other is left out.
 */
function innermostGrowers(view: HeapView, groups: readonly GrownGroup[], gained: readonly number[]): number[] {
  const left = new Set<number>();
  groups.forEach((outer, at) => {
    const members = new Set(outer.ids);
    const isIn = insideOf(view, members);
    const inner = groups.flatMap((group, index) => {
      return index !== at && group.ids.some((id) => !members.has(id) && isIn(id)) ? [index] : [];
    });
    const explained = inner.reduce((sum, index) => sum + Math.max(0, gained[index]!), 0);
    if (inner.length === 0) return;
    if (explained >= gained[at]! / 2) left.add(at);
    else for (const index of inner) left.add(index);
  });
  return groups.flatMap((_, at) => (left.has(at) ? [] : [at]));
}

function grownHolder(
  view: HeapView,
  group: GrownGroup,
  after: Held,
  heldBefore: number,
  watch: CountWatch,
): GrownHolder {
  const addresses = group.ids.map((id) => view.snapshot.address(wordOfId(view, id)));
  const holder = describeHolder(view, group, after);
  return { holder, itemsBefore: group.itemsBefore, heldBefore, counts: watch.series(addresses) };
}

/** Names of the largest containers, by which a copy that replaces one is known again. */
function nameLargest(view: HeapView, itemsOf: Uint32Array): Map<string, { items: number; ids: number[] }> {
  const namer = new Namer(view);
  const named = new Map<string, { items: number; ids: number[] }>();
  const score = (id: number) => (itemsOf[id] ? retainedBytesOf(view, id) + ITEM_BYTES * itemsOf[id] : 0);
  for (const id of top(itemsOf.length, EXAMINED, score)) {
    if (isNamespace(view, id)) continue;
    const { name } = namer.nameOf(id);
    const known = named.get(name) ?? { items: 0, ids: [] };
    known.items += itemsOf[id]!;
    known.ids.push(id);
    named.set(name, known);
  }
  return named;
}

const SHOWN_TYPES = 25;

function censusDifference(
  before: ReturnType<typeof census>,
  after: ReturnType<typeof census>,
): ReturnType<typeof census> {
  const earlier = new Map(before.map((row) => [row.type, row]));
  return after
    .map(({ type, count, bytes }) => ({
      type,
      count: count - (earlier.get(type)?.count ?? 0),
      bytes: bytes - (earlier.get(type)?.bytes ?? 0),
    }))
    .filter((row) => row.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, SHOWN_TYPES);
}

/** What the counts alone tell, where there could be no second look: names and bytes are those of the first. */
export function growthFromCounts(look: Look, watch: CountWatch, seconds: number): HeapGrowth {
  const { view } = look;
  const grown = watch.grown().slice(0, EXAMINED);
  const ids = grown
    .map((address) => view.walked.idOf(view.snapshot.word(address)))
    .filter((id) => id >= 0 && !isNamespace(view, id));
  const shown = groupByName(new Namer(view), ids).slice(0, SHOWN);
  const held = heldInView(
    view,
    shown.map((group) => group.ids),
  );
  const holders = shown.map((group, at) => {
    const addresses = group.ids.map((id) => view.snapshot.address(wordOfId(view, id)));
    const holder = describeHolder(view, group, held[at]!);
    return { holder, itemsBefore: holder.items, heldBefore: held[at]!.bytes, counts: watch.series(addresses) };
  });
  return { seconds, objectBytesGrown: 0, types: [], holders, watched: watch.watched };
}
