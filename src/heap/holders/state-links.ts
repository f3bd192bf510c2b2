import { lookUp } from '../cpython/dicts.ts';
import { readName } from '../cpython/strings.ts';
import type { TypeInfo } from '../cpython/types.ts';
import { keyOf, variableName } from './attributes.ts';
import { type HeapView, type ModuleFacts, referrersOf, typeOfId, wordOfId } from './heap-view.ts';

/** Referrers looked at when an object's variable is searched for. */
const MOST_REFERRERS = 32;

/** The variable of a module that an object is bound to. */
export interface Variable {
  readonly module: ModuleFacts;
  readonly name: string;
}

/** The first variable of a module that refers to an object; undefined where none does. */
export function variableOf(view: HeapView, id: number): Variable | undefined {
  for (const dict of referrersOf(view, id, MOST_REFERRERS)) {
    const module = view.modules.get(dict);
    const key = module === undefined ? -1 : keyOf(view, dict, id);
    if (module !== undefined && key >= 0) return { module, name: variableName(view, key) };
  }
  return undefined;
}

/**
 * The context variable whose value a node of a context's map is (Python/hamt.c): keys and values take turns in the
 * arrays of bitmap and collision nodes, which begin behind a 32-bit number. A variable itself remembers the value that
 * was asked for last (Python/context.c, var_cached). -1 where it is neither.
 */
export function contextVariableIn(view: HeapView, referrer: number, target: number): number {
  const type = typeOfId(view, referrer);
  if (type.isHeapType) return -1;
  if (/(^|\.)ContextVar$/.test(type.name)) return referrer;
  if (type.name !== 'hamt_bitmap_node' && type.name !== 'hamt_collision_node') return -1;
  const { snapshot, walked } = view;
  const first = wordOfId(view, referrer) + HAMT_ARRAY / 8;
  const length = snapshot.run(first, Math.min(HAMT_MOST, Math.max(0, snapshot.signed(wordOfId(view, referrer) + 2))));
  for (let at = 1; at < length; at += 2) {
    const key = snapshot.follow(first + at) === wordOfId(view, target) ? snapshot.follow(first + at - 1) : -1;
    if (key >= 0) return walked.idOf(key);
  }
  return -1;
}

const HAMT_ARRAY = 32;
/** A bitmap node has up to 16 pairs, a collision node as many as there are equal hashes. */
const HAMT_MOST = 4096;
/** Python/context.c: ContextVar is named by its first field. */
const CONTEXT_VARIABLE_NAME = 16;

/** What a context variable calls itself. */
export const contextVariableName = (view: HeapView, id: number): string =>
  readName(
    view.snapshot,
    view.interpreter.layout,
    view.snapshot.follow(wordOfId(view, id) + CONTEXT_VARIABLE_NAME / 8),
  ) ?? '?';

/**
 * The `threading.local` whose attributes in one thread a dict holds; -1 where it is no such dict. The object has a dict
 * of these, one a thread (Modules/_threadmodule.c, localobject).
 */
export function threadLocalOf(view: HeapView, dict: number): number {
  for (const dummies of referrersOf(view, dict, 8)) {
    if (dummies >= view.walked.graph.count || typeOfId(view, dummies).shape !== 'dict') continue;
    for (const owner of referrersOf(view, dummies, 8)) {
      if (owner < view.walked.graph.count && isThreadLocal(typeOfId(view, owner))) return owner;
    }
  }
  return -1;
}

export function isThreadLocal(type: TypeInfo): boolean {
  for (let at: TypeInfo | undefined = type; at !== undefined; at = at.base)
    if (at.name === '_thread._local') return true;
  return false;
}

/**
 * What the interpreter itself calls one of its own objects, as far as that can be told without a table: the list of
 * functions that find codecs is followed by two dicts, the second with the handlers of encoding errors
 * (Include/internal/pycore_interp.h and pycore_codecs.h, the same from 3.8 to 3.14).
 */
export function interpreterField(view: HeapView, id: number): string | undefined {
  const { snapshot, interpreter } = view;
  if (typeOfId(view, id).shape !== 'list') return undefined;
  const length = snapshot.run(interpreter.state, interpreter.layout.interpreter.size / 8) - 2;
  for (let at = interpreter.state; at < interpreter.state + length; at += 1) {
    if (snapshot.follow(at) !== wordOfId(view, id)) continue;
    const [cache, handlers] = [at + 1, at + 2].map((field) => idAt(view, snapshot.follow(field)));
    const areDicts = [cache, handlers].every((each) => each! >= 0 && typeOfId(view, each!).shape === 'dict');
    if (areDicts && hasStrict(view, handlers!)) return 'codec_search_path';
  }
  return undefined;
}

const hasStrict = (view: HeapView, handlers: number): boolean =>
  lookUp(view.snapshot, view.interpreter.layout, wordOfId(view, handlers), 'strict') >= 0;

const idAt = (view: HeapView, word: number): number => (word < 0 ? -1 : view.walked.idOf(word));
