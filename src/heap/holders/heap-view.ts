import { countOffset, itemsOf } from '../cpython/containers.ts';
import { lookUp } from '../cpython/dicts.ts';
import { type Interpreter, loadedModules } from '../cpython/interpreter.ts';
import { COMMON } from '../cpython/layout.ts';
import { readName, readStr } from '../cpython/strings.ts';
import type { TypeInfo } from '../cpython/types.ts';
import type { Walked } from '../cpython/walked.ts';
import type { Dominators } from '../graph/dominators.ts';
import { LEAF, type Referrers } from '../graph/heap-graph.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import { type Held, type Holdings, holdings } from './held.ts';

export interface ModuleFacts {
  readonly name: string;
  readonly file: string | undefined;
  /** Which interpreter it is loaded in: 0 for the main one, then sub-interpreters by their age. */
  readonly interpreter: number;
}

/** A walked heap with what names are made of, while its snapshot is at hand. */
export interface HeapView {
  readonly snapshot: Snapshot;
  readonly interpreter: Interpreter;
  readonly walked: Walked;
  readonly referrers: Referrers;
  readonly dominators: Dominators;
  /** The module of each module dictionary. */
  readonly modules: ReadonlyMap<number, ModuleFacts>;
  readonly filesByModule: ReadonlyMap<string, string>;
  /** The class of each class dictionary. */
  readonly classes: ReadonlyMap<number, number>;
}

/** Gathers what the naming of holders looks up again and again. */
export function viewHeap(
  snapshot: Snapshot,
  interpreter: Interpreter,
  walked: Walked,
  referrers: Referrers,
  dominators: Dominators,
): HeapView {
  const modules = moduleDicts(snapshot, interpreter, walked);
  const filesByModule = new Map(
    [...modules.values()].flatMap(({ name, file }) => (file ? [[name, file] as const] : [])),
  );
  return {
    snapshot,
    interpreter,
    walked,
    referrers,
    dominators,
    modules,
    filesByModule,
    classes: classDicts(snapshot, walked),
  };
}

/** The type of a node, or of what an edge leads to (a node or a leaf). */
export function typeOfId(view: Pick<HeapView, 'walked'>, id: number): TypeInfo {
  if (id >= LEAF) return view.walked.typeAt(id - LEAF) ?? view.walked.types.all[0]!;
  return view.walked.types.all[view.walked.graph.type[id]!]!;
}

/** The place of a node, or of what an edge leads to. */
export function wordOfId(view: Pick<HeapView, 'walked'>, id: number): number {
  return id >= LEAF ? id - LEAF : view.walked.words[id]!;
}

/** The id of the object that the pointer at `offset` bytes in the object leads to; -1 where there is none. */
export function fieldOf(view: HeapView, id: number, offset: number): number {
  const target = view.snapshot.follow(wordOfId(view, id) + offset / 8);
  return target < 0 ? -1 : view.walked.idOf(target);
}

/** Bytes of the object itself, without what it keeps. */
export function ownBytesOf(view: Pick<HeapView, 'walked'>, id: number): number {
  return view.walked.sizeAt(wordOfId(view, id));
}

/** What would be freed with the object. */
export function retainedBytesOf(view: Pick<HeapView, 'dominators'>, id: number): number {
  return view.dominators.retained[id]!;
}

/** Items of a container; 0 of any other object. */
export function itemsOfId(view: Pick<HeapView, 'walked' | 'snapshot'>, id: number): number {
  const type = typeOfId(view, id);
  return countOffset(type) === undefined ? 0 : itemsOf(view.snapshot, wordOfId(view, id), type, ownBytesOf(view, id));
}

/** What each group of containers holds, alone or with the other groups: see `holdings`. */
export function heldInView(
  view: Pick<HeapView, 'walked' | 'snapshot'>,
  groups: readonly (readonly number[])[],
): Held[] {
  const held = holdingsInView(view, groups);
  return groups.map((_, index) => held.of(index));
}

/** The same for many groups of which few are shown. */
export function holdingsInView(
  { walked, snapshot }: Pick<HeapView, 'walked' | 'snapshot'>,
  groups: readonly (readonly number[])[],
): Holdings {
  return holdings(walked.graph, groups, {
    words: walked.words,
    places: snapshot.places,
    typeIndexAt: (word) => walked.typeAt(word)?.index ?? 0,
    sizeAt: walked.sizeAt,
  });
}

/**
 * Who found an object first: a shortest path leads up from here to the virtual root (the id `graph.count`). Where the
 * heap is deeper than depths are told, the path ends there.
 */
export function finderOf(view: Pick<HeapView, 'walked' | 'referrers'>, id: number): number {
  const { count, depth } = view.walked.graph;
  const { first, referrers } = view.referrers;
  let finder = count;
  let least = depth[id]!;
  for (let at = first[id]!; at < first[id + 1]!; at += 1) {
    const referrer = referrers[at]!;
    if (referrer === count || depth[referrer]! >= least) continue;
    finder = referrer;
    least = depth[referrer]!;
  }
  return finder;
}

/** Who refers to an object, at most `most` of them; the virtual root (the id `graph.count`) may be among them. */
export function referrersOf(view: HeapView, id: number, most: number): Uint32Array {
  const { first, referrers } = view.referrers;
  return referrers.subarray(first[id]!, Math.min(first[id + 1]!, first[id]! + most));
}

function moduleDicts(snapshot: Snapshot, interpreter: Interpreter, walked: Walked): Map<number, ModuleFacts> {
  const { layout } = interpreter;
  const found = new Map<number, ModuleFacts>();
  for (const { name, module, interpreter: number } of loadedModules(snapshot, interpreter)) {
    const dict = snapshot.follow(module + COMMON.module.dict / 8);
    const id = dict < 0 ? -1 : walked.idOf(dict);
    // One module can be loaded under two names (`os.path`): its own is the one it says.
    if (id < 0 || found.has(id)) continue;
    const at = (key: string) => lookUp(snapshot, layout, dict, key);
    found.set(id, {
      name: readName(snapshot, layout, at('__name__')) ?? name,
      file: readStr(snapshot, layout, at('__file__')),
      interpreter: number,
    });
  }
  return found;
}

function classDicts(snapshot: Snapshot, walked: Walked): Map<number, number> {
  const found = new Map<number, number>();
  const isType = walked.types.all.map((type) => type.shape === 'type');
  // Not only classes that have instances: a registry of classes may be one without.
  for (let type = 0; type < walked.graph.count; type += 1) {
    if (!isType[walked.graph.type[type]!]) continue;
    const dict = snapshot.follow(walked.words[type]! + COMMON.type.dict / 8);
    const id = dict < 0 ? -1 : walked.idOf(dict);
    if (id >= 0) found.set(id, type);
  }
  return found;
}
