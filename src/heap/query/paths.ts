import { HeapError } from '../heap-error.ts';
import type { HeapPath, HeapPaths, PathHop, PathObject } from './path-answer.ts';
import { pathText } from './path-text.ts';
import type { HeapRecord } from './record.ts';
import { type Hop, hopsTo, type Shortest, shortestPaths } from './shortest.ts';
import { idsOfType, largestOf, typeNamed } from './wanted-type.ts';

/** Instances of a type that are followed. */
const MOST_INSTANCES = 2000;
/** Referrers of one object that are followed. */
const MOST_REFERRERS = 1000;
/** Dominators looked at above an object. */
const MOST_ABOVE = 1000;

/**
 * Who keeps an object (`0x7f…`, or the number that `id(…)` gave), or the objects of a type (`app.models.User`): paths
 * from roots, those that read the same as one. Throws HeapError where there is no such thing.
 */
export function pathsTo(record: HeapRecord, wanted: string, most: number): HeapPaths {
  const shortest = shortestPaths(record);
  return /^(0x[0-9a-f]+|\d+)$/i.test(wanted)
    ? pathsToObject(record, shortest, Number(wanted), most)
    : pathsToType(record, shortest, wanted, most);
}

function pathsToObject(record: HeapRecord, shortest: Shortest, address: number, most: number): HeapPaths {
  const id = record.idAt(address);
  if (id < 0) {
    throw new HeapError(
      'absent',
      `There is no object at 0x${address.toString(16)} in this heap.`,
      'Take an address from the answer of whyoom heap, or what hex(id(…)) gives in the program.',
    );
  }
  const own = hopsTo(record, shortest, id);
  const further = referrersOf(record, id)
    .filter((hop) => hop.edge !== own?.at(-1)?.edge && hop.from !== own?.at(-1)?.from)
    .flatMap((hop) => throughReferrer(record, shortest, hop, id))
    .sort((a, b) => a.length - b.length);
  const found = [...(own ? [own] : []), ...further].map((hops) => ({ id, hops }));
  const { paths, more } = grouped(record, found, most);
  const same = paths.map((path) => ({ ...path, ownBytes: record.sizeOf(id), retainedBytes: record.retainedOf(id) }));
  return { target: { of: 'object', ...objectOf(record, id) }, paths: same, more };
}

/** The path to a referrer, and on to the object. None where it leads through the object: that is no reason for it to live. */
function throughReferrer(record: HeapRecord, shortest: Shortest, hop: Hop, id: number): Hop[][] {
  if (isUnder(record, hop.from, (above) => above === id)) return [];
  const hops = hopsTo(record, shortest, hop.from);
  return hops === undefined || hops.some(({ from }) => from === id) ? [] : [[...hops, hop]];
}

function pathsToType(record: HeapRecord, shortest: Shortest, wanted: string, most: number): HeapPaths {
  const type = typeNamed(record, wanted);
  const ids = idsOfType(record, type);
  const examined = largestOf(record, ids, MOST_INSTANCES);
  const found = examined.flatMap((id) => {
    const hops = hopsTo(record, shortest, id);
    return hops === undefined ? [] : [{ id, hops }];
  });
  const { paths, more } = grouped(record, found, most, (a, b) => b.retainedBytes - a.retainedBytes);
  let bytes = 0;
  for (const id of ids) bytes += record.sizeOf(id);
  return { target: { of: 'type', type, count: ids.length, bytes, examined: examined.length }, paths, more };
}

interface Found {
  readonly id: number;
  readonly hops: readonly Hop[];
}

interface Grouped {
  readonly hops: PathHop[];
  readonly ids: number[];
}

/** Paths that read the same are one, with the bytes of all their objects: one inside another counted once. */
function grouped(
  record: HeapRecord,
  found: readonly Found[],
  most: number,
  order: (a: HeapPath, b: HeapPath) => number = () => 0,
): { paths: HeapPath[]; more: number } {
  const groups = new Map<string, Grouped>();
  const rootSteps = new Map([...record.roots].reverse().map((root) => [root.id, root]));
  for (const { id, hops } of found) {
    const shown = shownHops(record, rootSteps, id, hops);
    const text = pathText(shown);
    const group = groups.get(text) ?? { hops: shown, ids: [] };
    group.ids.push(id);
    groups.set(text, group);
  }
  const all = [...groups].map(([text, { hops, ids }]): HeapPath => {
    const members = new Set(ids);
    const outermost = [...members].filter((id) => !isUnder(record, id, (above) => members.has(above)));
    return {
      text,
      count: ids.length,
      ownBytes: [...members].reduce((sum, id) => sum + record.sizeOf(id), 0),
      retainedBytes: outermost.reduce((sum, id) => sum + record.retainedOf(id), 0),
      hops,
    };
  });
  return { paths: all.sort(order).slice(0, most), more: Math.max(0, all.length - most) };
}

function shownHops(
  record: HeapRecord,
  roots: ReadonlyMap<number, HeapRecord['roots'][number]>,
  id: number,
  hops: readonly Hop[],
): PathHop[] {
  const rootId = hops[0]?.from ?? id;
  const first = roots.get(rootId)?.step;
  const shown: PathHop[] = first === undefined ? [] : [{ ...first, ...objectOf(record, rootId) }];
  for (const { from, edge } of hops) {
    const step = record.stepOf(from, edge);
    if (step === undefined) continue;
    // Everybody finds a module by its name: it does not matter who else refers to its variables.
    if (step.kind === 'module') shown.length = 0;
    shown.push({ ...step, ...objectOf(record, record.edges[edge]!) });
  }
  return shown;
}

function objectOf(record: HeapRecord, id: number): PathObject {
  return {
    address: `0x${record.addressOf(id).toString(16)}`,
    type: record.typeNames[record.typeOf(id)] ?? '?',
    ownBytes: record.sizeOf(id),
    retainedBytes: record.retainedOf(id),
  };
}

/** Whether an object is dominated by one of which `test` holds (other than itself). */
function isUnder(record: HeapRecord, id: number, test: (above: number) => boolean): boolean {
  let above = record.dominatorOf(id);
  for (let steps = 0; above !== record.count && steps < MOST_ABOVE; steps += 1) {
    if (test(above)) return true;
    above = record.dominatorOf(above);
  }
  return false;
}

/** Who refers to an object, each once. Reads all edges: cheaper than to keep them turned round. */
function referrersOf(record: HeapRecord, id: number): Hop[] {
  const found: Hop[] = [];
  let from = 0;
  for (let edge = record.edges.indexOf(id); edge >= 0; edge = record.edges.indexOf(id, edge + 1)) {
    while (record.firstEdge[from + 1]! <= edge) from += 1;
    if (from >= record.count) break;
    if (found.at(-1)?.from !== from) found.push({ from, edge });
    if (found.length >= MOST_REFERRERS) break;
  }
  return found;
}
