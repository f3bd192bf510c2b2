import type { HeapHolder, HeapLook, HeapMemory } from './answer.ts';
import { countOffset, itemsOf } from './cpython/containers.ts';
import type { TypeInfo } from './cpython/types.ts';
import { top } from './graph/top.ts';
import { isChainHead } from './holders/chains.ts';
import { describeHolder } from './holders/describe.ts';
import { groupByName, type NamedGroup, outermost } from './holders/groups.ts';
import { type HeapView, heldInView, ownBytesOf, typeOfId, wordOfId } from './holders/heap-view.ts';
import { isInstanceDict } from './holders/links.ts';
import { Namer } from './holders/names.ts';
import { largeContainers } from './large-containers.ts';
import type { Look } from './look-parts.ts';
import { occupancy } from './native/occupancy.ts';
import { knownModules, readStacks } from './stacks/read-stacks.ts';

/** Rows of a look at most. */
export interface LookRows {
  readonly types: number;
  readonly holders: number;
}
/** More types than anybody reads: a later look is compared with them. */
const ROWS: LookRows = { types: 200, holders: 12 };
/** How many of the largest objects are named to find those: many that go by one name may each be small. */
const EXAMINED = 4000;
/** A single object (no container) of this size is worth a line of its own. */
const LARGE_OBJECT_BYTES = 1 << 20;
/** A tuple cannot grow; one that keeps this is worth a line. */
const LARGE_TUPLE_BYTES = 1 << 16;

/** What one look tells by itself: the types, and what is big already. */
export function describeLook(look: Look, rows = ROWS): HeapLook {
  const { view } = look;
  const namer = new Namer(view);
  return {
    atUnixSeconds: look.atUnixSeconds,
    python: view.interpreter.version,
    pauseMs: look.pauseMs,
    copiedBytes: look.copiedBytes,
    missedBytes: look.missedBytes,
    objects: view.walked.objects,
    objectBytes: view.walked.objectBytes,
    references: view.walked.graph.edges.length,
    refused: view.walked.lost,
    ...(look.partial === undefined ? {} : { partial: look.partial }),
    types: census(view).slice(0, rows.types),
    holders: largestHolders(view, namer, rows.holders),
    // Who asks for a number of rows reads them; what is kept is compared.
    ...(rows === ROWS ? { containers: largeContainers(look, namer) } : {}),
    modules: [...view.filesByModule].map(([name, file]) => ({ name, file })),
    memory: memoryOf(look),
    ...stacksIn(look),
  };
}

/** Frozen objects are on a list: all of them were copied, and can be counted. */
const MOST_FROZEN = 10_000_000;

function stacksIn({ view, threads }: Look): Pick<HeapLook, 'threads' | 'tasks' | 'collector'> {
  const { snapshot, interpreter } = view;
  return readStacks(snapshot, interpreter, knownModules(snapshot, interpreter), threads, MOST_FROZEN);
}

function memoryOf({ view, maps, kernel }: Look): HeapMemory {
  const native = occupancy(view, maps, kernel?.stackPointers ?? []);
  return kernel === undefined ? { native } : { native, kernel: kernel.memory };
}

/** Number and bytes of the objects of each type, most bytes first. */
export function census(view: HeapView): { type: string; count: number; bytes: number }[] {
  const { types, countByType, bytesByType } = view.walked;
  const rows = new Map<string, { type: string; count: number; bytes: number }>();
  for (const { index, name } of types.all) {
    if (!countByType[index]) continue;
    const row = rows.get(name) ?? { type: name, count: 0, bytes: 0 };
    row.count += countByType[index];
    row.bytes += bytesByType[index]!;
    rows.set(name, row);
  }
  return [...rows.values()].sort((a, b) => b.bytes - a.bytes);
}

/** The holders that keep most, from the outermost container that is no mere namespace. */
function largestHolders(view: HeapView, namer: Namer, most: number): HeapHolder[] {
  const examined = largest(view);
  const ids = outermost(
    view,
    examined.filter((id) => !isNamespace(view, id)),
  );
  const shown = mostKept(view, groupByName(namer, ids), most);
  const held = heldInView(
    view,
    shown.map((group) => group.ids),
  );
  // Whatever is smaller than the last that was examined may go by the name of several, too.
  const isCut = examined.length === EXAMINED;
  return shown
    .map((group, at) => ({
      ...describeHolder(view, group, held[at]!),
      items: group.ids.reduce((sum, id) => sum + itemsIn(view, id), 0),
      ...(isCut && group.ids.length > 1 ? { truncated: true } : {}),
    }))
    .sort((a, b) => b.retainedBytes + b.sharedBytes - (a.retainedBytes + a.sharedBytes));
}

/** Items of a container, those of a tuple, too. */
const itemsIn = (view: HeapView, id: number): number =>
  itemsOf(view.snapshot, wordOfId(view, id), typeOfId(view, id), ownBytesOf(view, id));

/** None of them is inside another: what they keep adds up. */
function mostKept(view: HeapView, groups: readonly NamedGroup[], most: number): NamedGroup[] {
  return groups
    .map((group) => ({ group, bytes: group.ids.reduce((sum, id) => sum + view.dominators.retained[id]!, 0) }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, most)
    .map(({ group }) => group);
}

function largest(view: HeapView): number[] {
  const { graph, types } = view.walked;
  const { retained } = view.dominators;
  const leastBytes = types.all.map(leastOfContainer);
  return top(graph.count, EXAMINED, (id) => {
    const least = leastBytes[graph.type[id]!];
    if (least !== undefined) return retained[id]! > least ? retained[id]! : 0;
    const isLarge = graph.weight[id]! >= LARGE_OBJECT_BYTES && ownBytesOf(view, id) >= LARGE_OBJECT_BYTES;
    return isLarge || isChainHead(view, id) ? retained[id]! : 0;
  });
}

/** What a container of a type keeps at least to be examined; undefined for what is no container. */
function leastOfContainer(type: TypeInfo): number | undefined {
  if (type.shape === 'tuple') return LARGE_TUPLE_BYTES;
  return countOffset(type) === undefined ? undefined : 4096;
}

/**
 * Whether a dict only gives names to things: of a module, a class, an instance, or the interpreter itself. What
 * hangs in it is held by its names, not by it.
 */
export function isNamespace(view: HeapView, id: number): boolean {
  const type = typeOfId(view, id);
  if (type.shape !== 'dict') return false;
  if (view.modules.has(id) || view.classes.has(id)) return true;
  return isModules(view, id) || isInstanceDict(view, id);
}

/** Whether this is `sys.modules`, which names what lies in it, but may grow itself where modules are made at run time. */
export const isModules = (view: HeapView, id: number): boolean => id === view.walked.idOf(view.interpreter.modules);
