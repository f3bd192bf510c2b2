import type { HeapHolder, HeapPathStep, HolderSite } from '../answer.ts';
import { freeVariableNames, variableNames } from '../cpython/frames.ts';
import { attributeOf, isDictOf, isScanned, keyLabel, keyOf, variableName } from './attributes.ts';
import { classFieldOf } from './class-links.ts';
import { cachedFunction, type FunctionFacts, frameFacts, functionFacts, localName } from './frame-names.ts';
import { fieldOf, type HeapView, referrersOf, typeOfId, wordOfId } from './heap-view.ts';
import { contextVariableIn, contextVariableName, threadLocalOf, variableOf } from './state-links.ts';

/** What a referrer is to the object that it refers to. */
export type Link =
  /** The referrer gives the object a name of its own. */
  | {
      readonly how: 'name';
      readonly kind: HeapHolder['kind'];
      readonly name: string;
      readonly step: HeapPathStep;
      readonly site: Omit<HolderSite, 'depth'>;
      /** The object from which the path to a root goes on: the module's dict, the instance, the frame. */
      readonly owner: number;
    }
  /** The object is an element: its name is that of the referrer, with a subscript. */
  | { readonly how: 'element'; readonly label: string; readonly of: number }
  /** A field of an object written in C, an iterator, a bound method. */
  | {
      readonly how: 'field';
      readonly type: string;
      readonly of: number;
      /** Found by scanning words whose meaning is not known: most likely a reference, not surely. */
      readonly scanned?: boolean;
    };

type NamedLink = Extract<Link, { how: 'name' }>;

/** How `referrer` holds `target`. */
export function linkOf(view: HeapView, referrer: number, target: number): Link | undefined {
  const type = typeOfId(view, referrer);
  switch (type.shape) {
    case 'dict':
      return dictLink(view, referrer, target);
    case 'list':
    case 'deque':
      return { how: 'element', label: '[int]', of: referrer };
    case 'tuple':
      return (
        defaultLink(view, referrer, target) ?? { how: 'element', label: placeIn(view, referrer, target), of: referrer }
      );
    case 'set':
      return { how: 'element', label: '[]', of: referrer };
    case 'lru-cache':
      return cacheLink(view, referrer);
    case 'frame':
    case 'generator':
    case 'interpreter-frame':
      return frameLink(view, referrer, target);
    case 'module':
      return undefined;
    default:
      return type.name === 'cell'
        ? cellLink(view, referrer)
        : (contextLink(view, referrer, target) ?? attributeLink(view, referrer, target));
  }
}

/** Places in a longer tuple are data. */
const MOST_PLACES = 10;

/** A tuple never changes: which of its few items it is says as much as an attribute's name. */
function placeIn(view: HeapView, tuple: number, target: number): string {
  const isShort = view.snapshot.signed(wordOfId(view, tuple) + 2) <= MOST_PLACES;
  const at = isShort ? itemsOfTuple(view, tuple).indexOf(wordOfId(view, target)) : -1;
  return at < 0 ? '[int]' : `[${at}]`;
}

function dictLink(view: HeapView, dict: number, target: number): Link | undefined {
  const key = keyOf(view, dict, target);
  if (key < 0) return undefined;
  const name = variableName(view, key);
  const module = view.modules.get(dict);
  if (module) {
    const step = { kind: 'variable', name };
    const site = { module: module.name, file: module.file, name };
    return { how: 'name', kind: 'module-variable', name: `${module.name}.${name}`, step, site, owner: dict };
  }
  const classId = view.classes.get(dict);
  if (classId !== undefined && classId >= 0) return classLink(view, classId, name);
  const owner = ownerOfDict(view, dict);
  if (owner !== undefined) return instanceLink(view, owner, name);
  const threadLocal = threadLocalOf(view, dict);
  if (threadLocal >= 0) return threadLocalLink(view, threadLocal, dict, name);
  const function_ = functionWith(view, dict, 'keywordDefaults');
  const facts = function_ < 0 ? undefined : functionFacts(view, function_);
  if (facts !== undefined) return local('default-argument', facts, name, function_);
  return { how: 'element', label: keyLabel(view, key), of: dict };
}

/** The instance or function whose `__dict__` this is. */
function ownerOfDict(view: HeapView, dict: number): number | undefined {
  for (const referrer of referrersOf(view, dict, 8)) {
    if (referrer < view.walked.graph.count && isDictOf(view, referrer, dict)) return referrer;
  }
  return undefined;
}

/** Whether a dict holds the attributes of an instance, of a function, or of a `threading.local` in one thread. */
export function isInstanceDict(view: HeapView, dict: number): boolean {
  return ownerOfDict(view, dict) !== undefined || threadLocalOf(view, dict) >= 0;
}

function classLink(view: HeapView, classId: number, name: string): Link {
  const type = view.walked.types.get(wordOfId(view, classId));
  const { module, className } = splitClassName(view, type?.name ?? '?');
  return {
    how: 'name',
    kind: 'class-attribute',
    name: `${type?.name ?? '?'}.${name}`,
    step: { kind: 'attribute', name },
    site: { module, file: module === undefined ? undefined : view.filesByModule.get(module), className, name },
    owner: classId,
  };
}

function attributeLink(view: HeapView, owner: number, target: number): Link {
  const field = classFieldOf(view, owner, target);
  if (field !== undefined) return classLink(view, field.classId, field.name);
  const name = typeOfId(view, owner).isHeapType ? attributeOf(view, owner, target) : undefined;
  return name === undefined
    ? { how: 'field', type: typeOfId(view, owner).name, of: owner, scanned: isScanned(view, owner, target) }
    : instanceLink(view, owner, name);
}

/** The value of a context variable goes by the variable of a module that has that, else by what it calls itself. */
function contextLink(view: HeapView, referrer: number, target: number): Link | undefined {
  const id = contextVariableIn(view, referrer, target);
  if (id < 0) return undefined;
  const variable = variableOf(view, id);
  const name = variable?.name ?? contextVariableName(view, id);
  const { name: module, file } = variable?.module ?? { name: undefined, file: undefined };
  return {
    how: 'name',
    kind: 'context-variable',
    name: module === undefined ? `<context>.${name}` : `${module}.${name}`,
    step: { kind: 'context-variable', name },
    site: variable === undefined ? {} : { module, file, name },
    owner: referrer,
  };
}

/** An attribute that every thread has for itself: named by the variable of the local, or by its class if it has one. */
function threadLocalLink(view: HeapView, local: number, dict: number, name: string): Link {
  const type = typeOfId(view, local);
  if (type.name !== '_thread._local') return { ...instanceLink(view, local, name), kind: 'thread-local' };
  const variable = variableOf(view, local);
  const { name: module, file } = variable?.module ?? { name: undefined, file: undefined };
  return {
    how: 'name',
    kind: 'thread-local',
    name: variable === undefined ? `threading.local.${name}` : `${module}.${variable.name}.${name}`,
    step: { kind: 'attribute', name },
    site: { module, file, name },
    owner: dict,
  };
}

function instanceLink(view: HeapView, owner: number, name: string): NamedLink {
  const function_ = functionFacts(view, owner);
  if (function_ !== undefined) return functionAttribute(function_, owner, name);
  const type = typeOfId(view, owner);
  const { module, className } = splitClassName(view, type.name);
  return {
    how: 'name',
    kind: 'instance-attribute',
    name: `${type.name}.${name}`,
    step: { kind: 'attribute', name },
    site: { module, file: module === undefined ? undefined : view.filesByModule.get(module), className, name },
    owner,
  };
}

/** `function.attribute`: the function is an object like others. */
function functionAttribute(facts: FunctionFacts, owner: number, name: string): NamedLink {
  const qualname = facts.module === undefined ? facts.qualname : `${facts.module}.${facts.qualname}`;
  const step = { kind: 'attribute', name };
  const site = { ...functionSite(facts), name };
  return { how: 'name', kind: 'instance-attribute', name: `${qualname}.${name}`, step, site, owner };
}

/** Splits `pkg.module.Outer.Inner` at the longest module that is loaded. */
function splitClassName(view: HeapView, fullName: string): { module: string | undefined; className: string } {
  for (let dot = fullName.lastIndexOf('.'); dot > 0; dot = fullName.lastIndexOf('.', dot - 1)) {
    const module = fullName.slice(0, dot);
    if (view.filesByModule.has(module)) return { module, className: fullName.slice(dot + 1) };
  }
  return { module: undefined, className: fullName };
}

function cacheLink(view: HeapView, cache: number): Link | undefined {
  const cached = cachedFunction(view, cache);
  if (cached === undefined) return { how: 'field', type: 'functools.lru_cache', of: cache };
  const name = cached.module === undefined ? cached.qualname : `${cached.module}.${cached.qualname}`;
  const step = { kind: 'cache', name: cached.qualname, file: cached.file, line: cached.firstLine };
  return { how: 'name', kind: 'cache-decorator', name, step, site: functionSite(cached), owner: cache };
}

function frameLink(view: HeapView, frameId: number, target: number): Link | undefined {
  const facts = frameFacts(view, frameId);
  const name = facts && localName(view, facts.frame, target);
  if (facts === undefined || name === undefined)
    return { how: 'field', type: typeOfId(view, frameId).name, of: frameId };
  return local('local', { ...facts, qualname: facts.function }, name, frameId);
}

/** A cell is held by the closure of a function; the name is at home in the function around it. */
function cellLink(view: HeapView, cell: number): Link | undefined {
  for (const tuple of referrersOf(view, cell, 32)) {
    if (tuple >= view.walked.graph.count) continue;
    const function_ = typeOfId(view, tuple).shape === 'tuple' ? functionWith(view, tuple, 'closure') : -1;
    const facts = function_ < 0 ? undefined : functionFacts(view, function_);
    if (facts === undefined) continue;
    const at = itemsOfTuple(view, tuple).indexOf(wordOfId(view, cell));
    const name = freeVariableNames(view.snapshot, view.interpreter.layout, facts.code)[at];
    if (name === undefined) continue;
    const outer = facts.qualname.replace(/\.<locals>\.[^.]*$/, '');
    return local('closure', { ...facts, qualname: outer }, name, function_);
  }
  return frameOfCell(view, cell);
}

/** A cell of a running function that made no closure of it yet, or whose closure was dropped. */
function frameOfCell(view: HeapView, cell: number): Link | undefined {
  for (const referrer of referrersOf(view, cell, 32)) {
    if (referrer < view.walked.graph.count && frameFacts(view, referrer)) return frameLink(view, referrer, cell);
  }
  return undefined;
}

/** A tuple may be the defaults of a function: then an item of it is the parameter that it is the default of. */
function defaultLink(view: HeapView, tuple: number, target: number): Link | undefined {
  const function_ = functionWith(view, tuple, 'defaults');
  const facts = function_ < 0 ? undefined : functionFacts(view, function_);
  if (facts === undefined) return undefined;
  const { snapshot, interpreter } = view;
  const items = itemsOfTuple(view, tuple);
  const at = items.indexOf(wordOfId(view, target));
  const parameters = snapshot.int32(facts.code, interpreter.layout.code.argCount);
  const name = variableNames(snapshot, interpreter.layout, facts.code)[parameters - items.length + at];
  return name === undefined || at < 0 ? undefined : local('default-argument', facts, name, function_);
}

function local(
  kind: 'local' | 'closure' | 'default-argument',
  facts: Pick<FunctionFacts, 'module' | 'qualname' | 'file' | 'firstLine'>,
  name: string,
  owner: number,
): Link {
  const where = facts.module === undefined ? facts.qualname : `${facts.module}.${facts.qualname}`;
  // A module's own frame has its variables in the module, not in locals.
  const full = facts.qualname === '<module>' ? `${facts.module ?? '?'}.${name}` : `${where}.<locals>.${name}`;
  return {
    how: 'name',
    kind,
    name: full,
    step: { kind: kind === 'default-argument' ? 'default' : kind, name },
    site: { ...functionSite(facts), name },
    owner,
  };
}

function functionSite(
  facts: Pick<FunctionFacts, 'module' | 'qualname' | 'file' | 'firstLine'>,
): Omit<HolderSite, 'depth'> {
  return {
    module: facts.module,
    file: facts.file,
    functionName: facts.qualname,
    functionFile: facts.file,
    functionLine: facts.firstLine,
  };
}

function functionWith(view: HeapView, tuple: number, field: 'closure' | 'defaults' | 'keywordDefaults'): number {
  for (const referrer of referrersOf(view, tuple, 8)) {
    if (referrer >= view.walked.graph.count || typeOfId(view, referrer).name !== 'function') continue;
    if (fieldOf(view, referrer, view.interpreter.layout.func[field]) === tuple) return referrer;
  }
  return -1;
}

function itemsOfTuple(view: HeapView, tuple: number): number[] {
  const word = wordOfId(view, tuple);
  const items = word + view.interpreter.layout.tuple.items / 8;
  const length = view.snapshot.run(items, Math.max(0, view.snapshot.signed(word + 2)));
  return Array.from({ length }, (_, at) => view.snapshot.follow(items + at));
}
