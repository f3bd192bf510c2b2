import { HeapError } from '../heap-error.ts';
import type { HeapRecord } from './record.ts';

/** The full name of the type that is meant: as it is given, or the only one that ends in it (`User`). Throws HeapError. */
export function typeNamed({ typeNames }: HeapRecord, wanted: string): string {
  if (typeNames.includes(wanted)) return wanted;
  const ending = [...new Set(typeNames.filter((name) => name.endsWith(`.${wanted}`)))];
  if (ending.length === 1) return ending[0]!;
  if (ending.length > 1) {
    throw new HeapError(
      'absent',
      `There are several types "${wanted}".`,
      `Give one of: ${ending.slice(0, 5).join(', ')}`,
    );
  }
  throw new HeapError(
    'absent',
    `There is no object of a type "${wanted}" in this heap.`,
    'Give a type as whyoom heap lists it, with its module, or an address (of a holder: the ADDRESS column).',
  );
}

/** The ids of all objects of a type; several types may have one name. */
export function idsOfType(record: HeapRecord, name: string): Uint32Array {
  const isWanted = record.typeNames.map((each) => each === name);
  let count = 0;
  for (let id = 0; id < record.count; id += 1) if (isWanted[record.typeOf(id)]) count += 1;
  const ids = new Uint32Array(count);
  let next = 0;
  for (let id = 0; id < record.count; id += 1) {
    if (!isWanted[record.typeOf(id)]) continue;
    ids[next] = id;
    next += 1;
  }
  return ids;
}

/** Those that keep most, at most `most` of them; of those that keep as much, the first found. */
export function largestOf(record: HeapRecord, ids: Uint32Array, most: number): number[] {
  const byRetained = (a: number, b: number) => record.retainedOf(b) - record.retainedOf(a) || a - b;
  if (ids.length <= most) return [...ids].sort(byRetained);
  const sizes = Float64Array.from(ids, (id) => record.retainedOf(id)).sort();
  const least = sizes[sizes.length - most]!;
  const above = [...ids.filter((id) => record.retainedOf(id) > least)];
  const equal = ids.filter((id) => record.retainedOf(id) === least).subarray(0, most - above.length);
  return [...above, ...equal].sort(byRetained);
}
