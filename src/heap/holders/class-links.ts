import { COMMON } from '../cpython/layout.ts';
import { fieldOf, type HeapView, referrersOf, typeOfId } from './heap-view.ts';

/** A collection that the interpreter keeps for a class. */
export interface ClassField {
  readonly classId: number;
  readonly name: string;
}

/** Modules/_abc.c, struct _abc_data: sets of weak references to classes. */
const ABC_FIELDS: readonly [offset: number, name: string][] = [
  [16, '_abc_registry'],
  [24, '_abc_cache'],
  [32, '_abc_negative_cache'],
];

/**
 * What `referrer` keeps for a class: its subclasses, which classes that are made at run time pile up in, or what an abstract base
 * class has registered and remembers. Undefined for anything else.
 */
export function classFieldOf(view: HeapView, referrer: number, target: number): ClassField | undefined {
  const type = typeOfId(view, referrer);
  if (type.shape === 'type') {
    const isSubclasses = fieldOf(view, referrer, COMMON.type.subclasses) === target;
    return isSubclasses ? { classId: referrer, name: '__subclasses__' } : undefined;
  }
  if (!/(^|\.)_abc_data$/.test(type.name)) return undefined;
  const name = ABC_FIELDS.find(([offset]) => fieldOf(view, referrer, offset) === target)?.[1];
  const classId = classWith(view, referrer);
  return name === undefined || classId === undefined ? undefined : { classId, name };
}

/** The class in whose dict an object lies. */
function classWith(view: HeapView, id: number): number | undefined {
  for (const dict of referrersOf(view, id, 8)) {
    const classId = view.classes.get(dict);
    if (classId !== undefined) return classId;
  }
  return undefined;
}
