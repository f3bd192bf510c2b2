import { visible } from '../../util/text-escape.ts';
import { dictEntries } from '../cpython/dicts.ts';
import { attributeWord, dictOf, sharedKeys, valuesOf } from '../cpython/instances.ts';
import { COMMON } from '../cpython/layout.ts';
import { cString, isInterned, isStr, readName, readStr } from '../cpython/strings.ts';
import type { TypeInfo } from '../cpython/types.ts';
import { type HeapView, typeOfId, wordOfId } from './heap-view.ts';

/** Whether `dict` is the `__dict__` of the object `owner`. */
export function isDictOf(view: HeapView, owner: number, dict: number): boolean {
  const { snapshot, interpreter } = view;
  return dictOf(snapshot, interpreter.layout, wordOfId(view, owner), typeOfId(view, owner)) === wordOfId(view, dict);
}

/** The word of the value of an instance's attribute, from its dict or its own values; -1 where it has none of that name. */
export const attributeValue = (view: HeapView, id: number, name: string): number =>
  attributeWord(view.snapshot, view.interpreter.layout, wordOfId(view, id), typeOfId(view, id), name);

/** The attribute under which an instance itself (not its dict) keeps an object: an inline value or a slot. */
export function attributeOf(view: HeapView, owner: number, target: number): string | undefined {
  const type = typeOfId(view, owner);
  return inlineAttribute(view, owner, type, target) ?? slotOf(view, owner, type, target);
}

function inlineAttribute(view: HeapView, owner: number, type: TypeInfo, target: number): string | undefined {
  const { snapshot, interpreter } = view;
  const values = valuesOf(snapshot, interpreter.layout, wordOfId(view, owner), type);
  const table = values === 0 ? undefined : sharedKeys(snapshot, interpreter.layout, type.word);
  if (table === undefined) return undefined;
  const wanted = wordOfId(view, target);
  for (let at = 0; at < table.count; at += 1) {
    const value = snapshot.word(values + interpreter.layout.values.first + at * 8);
    if (value < 0 || snapshot.follow(value) !== wanted) continue;
    const key = snapshot.word(table.entries + at * table.entryBytes + table.keyOffset);
    return key < 0 ? undefined : variableName(view, snapshot.follow(key));
  }
  return undefined;
}

/** A slot's name: the member descriptor in the class or a base whose offset is where the pointer was found. */
function slotOf(view: HeapView, owner: number, type: TypeInfo, target: number): string | undefined {
  const word = wordOfId(view, owner);
  const wanted = wordOfId(view, target);
  for (let offset = COMMON.object.size; offset + 8 <= type.basicSize; offset += 8) {
    if (view.snapshot.follow(word + offset / 8) !== wanted) continue;
    const name = memberAt(view, type, offset);
    if (name !== undefined) return name;
  }
  return undefined;
}

/**
 * Whether an object was found to refer to another only by scanning: the pointer lies in a word that no table, and no member that
 * its type declares (`functools.partial.args`), accounts for.
 */
export function isScanned(view: HeapView, owner: number, target: number): boolean {
  const type = typeOfId(view, owner);
  const [word, wanted] = [wordOfId(view, owner), wordOfId(view, target)];
  for (let offset = type.scanFrom; offset + 8 <= type.scanTo; offset += 8) {
    if (offset === type.dictOffset || view.snapshot.follow(word + offset / 8) !== wanted) continue;
    if (memberAt(view, type, offset) === undefined) return true;
  }
  return false;
}

/** PyMemberDescrObject: head 16, type 16, name 24, qualname 32, then the PyMemberDef: name, kind, offset (16). */
const DESCRIPTOR_MEMBER = 40;

function memberAt(view: HeapView, type: TypeInfo, offset: number): string | undefined {
  const { snapshot, interpreter } = view;
  for (let at: TypeInfo | undefined = type; at !== undefined; at = at.base) {
    const dict = snapshot.follow(at.word + COMMON.type.dict / 8);
    if (dict < 0) continue;
    for (const { key, value } of dictEntries(snapshot, interpreter.layout, dict)) {
      if (view.walked.types.typeOf(value)?.name !== 'member_descriptor') continue;
      const definition = snapshot.unsigned(value + DESCRIPTOR_MEMBER / 8);
      const place = snapshot.slice(definition + 16, 8);
      if (place.length === 8 && new DataView(place.buffer, place.byteOffset).getUint32(0, true) === offset) {
        return readName(snapshot, interpreter.layout, key) ?? visible(cString(snapshot, definition));
      }
    }
  }
  return undefined;
}

const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}]{1,39}$/u;

/**
 * A key as it may be shown: an identifier that stands in the source (interned, and of a name's form) in quotes, data
 * only by its type.
 */
export function keyLabel(view: HeapView, key: number): string {
  const { snapshot, interpreter } = view;
  if (key >= 0 && isStr(snapshot, key) && isInterned(snapshot, key)) {
    const text = readStr(snapshot, interpreter.layout, key);
    if (text !== undefined && IDENTIFIER.test(text)) return `['${text}']`;
  }
  const type = key < 0 ? undefined : view.walked.types.typeOf(key);
  return `[${type?.name ?? '?'}]`;
}

const VARIABLE = /^[\p{ID_Start}_][\p{ID_Continue}]{0,99}$/u;

/**
 * The name under which a namespace (of a module, a class, an instance) keeps something: there short names are names too.
 * What stands in the source, and what `setattr` sets, is interned (PyObject_SetAttr, CPython's Objects/object.c); a key
 * put in through `__dict__` or `globals()` is data like that of any dict.
 */
export function variableName(view: HeapView, key: number): string {
  const { snapshot, interpreter } = view;
  const text = key >= 0 && isStr(snapshot, key) ? readStr(snapshot, interpreter.layout, key) : undefined;
  return text !== undefined && VARIABLE.test(text) && isInterned(snapshot, key) ? text : keyLabel(view, key);
}

/** How many entries of a dict are searched for one value; a dict of names never has more. */
const MOST_ENTRIES = 20_000;

/**
 * The key word under which a dict keeps an object; -1 where it is not a value of it. In a huge dict, whose keys are
 * data, the first key stands for all.
 */
export function keyOf(view: HeapView, dict: number, target: number): number {
  const wanted = wordOfId(view, target);
  let first = -1;
  let seen = 0;
  for (const { key, value } of dictEntries(view.snapshot, view.interpreter.layout, wordOfId(view, dict))) {
    if (value === wanted) return key;
    if (first < 0) first = key;
    seen += 1;
    if (seen > MOST_ENTRIES) return first;
  }
  return -1;
}
