import type { HeapPathStep } from '../answer.ts';
import { HeapError } from '../heap-error.ts';
import type { HeapPath, HeapPaths, PathHop, PathObject } from './path-answer.ts';
import { pathText } from './path-text.ts';
import type { HeapRecord } from './record.ts';
import { depthWithout, type Hop, isReached, routeTo, type Shortest, shortestPaths } from './shortest.ts';
import { idsOfType, largestOf, typeNamed } from './wanted-type.ts';

/** Instances of a type that are followed. */
const MOST_INSTANCES = 2000;
/** Referrers of one object that are followed. */
const MOST_REFERRERS = 1000;
/** Dominators looked at above an object. */
const MOST_ABOVE = 1000;
/** Hops of a path that are shown at its beginning, and as many at its end. */
const AT_EACH_END = 100;

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
  const own = routeTo(shortest, id, AT_EACH_END);
  const first = own?.hops.at(-1)?.from;
  const further = referrersOf(record, id)
    .filter(({ from }) => from !== first)
    .flatMap((last) => throughReferrer(record, shortest, id, last))
    .sort((a, b) => a.depth - b.depth);
  const { paths, more } = grouped(record, shortest, [...(own ? [{ id }] : []), ...further], most);
  const same = paths.map((path) => ({ ...path, ownBytes: record.sizeOf(id), retainedBytes: record.retainedOf(id) }));
  return { target: { of: 'object', ...objectOf(record, id) }, paths: same, more };
}

/** The path to a referrer, and on to the object. None where it leads through the object: that is no reason for it to live. */
function throughReferrer(record: HeapRecord, shortest: Shortest, id: number, last: Hop): (Found & { depth: number })[] {
  if (isUnder(record, last.from, (above) => above === id)) return [];
  const depth = depthWithout(shortest, last.from, id);
  return depth === undefined ? [] : [{ id, last, depth }];
}

function pathsToType(record: HeapRecord, shortest: Shortest, wanted: string, most: number): HeapPaths {
  const type = typeNamed(record, wanted);
  const ids = idsOfType(record, type);
  const examined = largestOf(record, ids, MOST_INSTANCES);
  const found = examined.filter((id) => isReached(shortest, id)).map((id) => ({ id }));
  const { paths, more } = grouped(record, shortest, found, most, (a, b) => b.retainedBytes - a.retainedBytes);
  let bytes = 0;
  for (const id of ids) bytes += record.sizeOf(id);
  return { target: { of: 'type', type, count: ids.length, bytes, examined: examined.length }, paths, more };
}

/** The shortest path to an object, or the one through a referrer of it. */
interface Found {
  readonly id: number;
  readonly last?: Hop;
}

interface Grouped {
  readonly first: Found;
  readonly ids: number[];
}

/**
 * Paths that read the same are one, with the bytes of all their objects: one inside another counted once. A path may be
 * as long as the heap is large, so each is walked, told and forgotten; those that are answered are walked once more.
 */
function grouped(
  record: HeapRecord,
  shortest: Shortest,
  found: readonly Found[],
  most: number,
  order: (a: GroupBytes, b: GroupBytes) => number = () => 0,
): { paths: HeapPath[]; more: number } {
  const groups = new Map<string, Grouped>();
  const rootSteps = new Map([...record.roots].reverse().map((root) => [root.id, root]));
  const shownOf = (one: Found) => shownSteps(record, rootSteps, shortest, one);
  for (const one of found) {
    const text = pathText(shownOf(one).map(({ step }) => step));
    const group = groups.get(text);
    if (group) group.ids.push(one.id);
    else groups.set(text, { first: one, ids: [one.id] });
  }
  const all = [...groups].map(([text, group]) => ({ text, ...group, ...bytesOf(record, group) }));
  const paths = all
    .sort(order)
    .slice(0, most)
    .map(({ text, first, ids, ownBytes, retainedBytes }): HeapPath => {
      const hops = shownOf(first).map(({ step, to }): PathHop => ({ ...step, ...objectOf(record, to) }));
      return { text, count: ids.length, ownBytes, retainedBytes, hops };
    });
  return { paths, more: Math.max(0, all.length - most) };
}

type GroupBytes = Pick<HeapPath, 'ownBytes' | 'retainedBytes'>;

function bytesOf(record: HeapRecord, { ids }: Grouped): GroupBytes {
  const members = new Set(ids);
  const outermost = [...members].filter((id) => !isUnder(record, id, (above) => members.has(above)));
  return {
    ownBytes: [...members].reduce((sum, id) => sum + record.sizeOf(id), 0),
    retainedBytes: outermost.reduce((sum, id) => sum + record.retainedOf(id), 0),
  };
}

/** A step, and the object that it leads to. */
interface ShownStep {
  readonly step: HeapPathStep;
  readonly to: number;
}

function shownSteps(
  record: HeapRecord,
  roots: ReadonlyMap<number, HeapRecord['roots'][number]>,
  shortest: Shortest,
  { id, last }: Found,
): ShownStep[] {
  const route = routeTo(shortest, last?.from ?? id, AT_EACH_END);
  const hops = [...(route?.hops ?? []), ...(last ? [last] : [])];
  const rootId = hops[0]?.from ?? id;
  const first = roots.get(rootId)?.step;
  const shown: ShownStep[] = first === undefined ? [] : [{ step: first, to: rootId }];
  hops.forEach(({ from, edge }, at) => {
    if (route?.omitted && at === route.gapAt) shown.push({ step: moreStep(route.omitted), to: from });
    const step = record.stepOf(from, edge);
    if (step === undefined) return;
    // Everybody finds a module by its name: it does not matter who else refers to its variables.
    if (step.kind === 'module') shown.length = 0;
    shown.push({ step, to: record.edges[edge]! });
  });
  return shown;
}

const moreStep = (omitted: number): HeapPathStep => ({ kind: 'more', name: `… ${omitted} more …` });

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
