import { lookUp } from '../cpython/dicts.ts';
import { type Interpreter, loadedModules } from '../cpython/interpreter.ts';
import { COMMON } from '../cpython/layout.ts';
import { readName, readStr } from '../cpython/strings.ts';
import type { TypeInfo } from '../cpython/types.ts';
import type { Walked } from '../cpython/walk.ts';
import type { Dominators } from '../graph/dominators.ts';
import type { Referrers } from '../graph/heap-graph.ts';
import type { Snapshot } from '../memory/snapshot.ts';

export interface ModuleFacts {
  readonly name: string;
  readonly file: string | undefined;
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

export function typeOfId(view: Pick<HeapView, 'walked'>, id: number): TypeInfo {
  return view.walked.types.all[view.walked.graph.type[id]!]!;
}

export function wordOfId(view: Pick<HeapView, 'walked'>, id: number): number {
  return view.walked.words[id]!;
}

/** The id of the object that the pointer at `offset` bytes in the object leads to; -1 where there is none. */
export function fieldOf(view: HeapView, id: number, offset: number): number {
  const target = view.snapshot.follow(wordOfId(view, id) + offset / 8);
  return target < 0 ? -1 : view.walked.idOf(target);
}

/** Who refers to an object, at most `most` of them; the virtual root (the id `graph.count`) may be among them. */
export function referrersOf(view: HeapView, id: number, most: number): Uint32Array {
  const { first, referrers } = view.referrers;
  return referrers.subarray(first[id]!, Math.min(first[id + 1]!, first[id]! + most));
}

function moduleDicts(snapshot: Snapshot, interpreter: Interpreter, walked: Walked): Map<number, ModuleFacts> {
  const { layout } = interpreter;
  const found = new Map<number, ModuleFacts>();
  for (const { name, module } of loadedModules(snapshot, interpreter)) {
    const dict = snapshot.follow(module + COMMON.module.dict / 8);
    const id = dict < 0 ? -1 : walked.idOf(dict);
    // One module can be loaded under two names (`os.path`): its own is the one it says.
    if (id < 0 || found.has(id)) continue;
    const at = (key: string) => lookUp(snapshot, layout, dict, key);
    found.set(id, {
      name: readName(snapshot, layout, at('__name__')) ?? name,
      file: readStr(snapshot, layout, at('__file__')),
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
