import type { HeapHolder } from '../answer.ts';
import { boundOf } from '../cpython/containers.ts';
import { dictEntries } from '../cpython/dicts.ts';
import { LEAF } from '../graph/heap-graph.ts';
import { type NamedGroup, retainedBy } from './groups.ts';
import { type HeapView, itemsOfId, retainedBytesOf, typeOfId, wordOfId } from './heap-view.ts';
import type { Held } from './held.ts';
import type { HolderName } from './names.ts';
import { pathTo } from './path.ts';

/** Elements looked at to say what a container holds. */
const SAMPLE = 1000;
/** Types listed of what a holder keeps. */
const KEPT_TYPES = 6;

/** A group of containers as the answer gives it. */
export function describeHolder(view: HeapView, group: NamedGroup, held: Held): HeapHolder {
  const largest = group.ids.reduce((a, b) => (retainedBytesOf(view, a) >= retainedBytesOf(view, b) ? a : b));
  const shown = shownObject(group.name, largest);
  const retained = Math.min(held.bytes, retainedBy(view, group.ids));
  const bound = boundOf(view.snapshot, wordOfId(view, shown), typeOfId(view, shown));
  const elementType = commonElement(view, largest);
  return {
    address: `0x${view.snapshot.address(wordOfId(view, shown)).toString(16)}`,
    name: group.name.name,
    kind: group.name.kind,
    instances: group.ids.length,
    path: pathTo(view, group.name),
    type: typeOfId(view, shown).name,
    items: group.ids.reduce((sum, id) => sum + itemsOfId(view, id), 0),
    ...(bound === undefined ? {} : { bound }),
    ...(elementType === undefined ? {} : { elementType }),
    ownBytes: held.ownBytes,
    retainedBytes: retained,
    sharedBytes: held.bytes - retained,
    keeps: [...held.byType]
      .map(([type, { count, bytes }]) => ({ type: view.walked.types.all[type]!.name, count, bytes }))
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, KEPT_TYPES),
    site: group.name.site,
  };
}

/** The object that a person knows: the lru_cache rather than the dict inside it. */
function shownObject(name: HolderName, container: number): number {
  const first = name.links[0];
  return name.kind === 'cache-decorator' && first?.how === 'name' ? first.owner : container;
}

/** The type of most elements (values of a dict); undefined for an empty container or a buffer of bytes. */
function commonElement(view: HeapView, id: number): string | undefined {
  const counts = new Map<string, number>();
  for (const element of elementsOf(view, id)) {
    const type = view.walked.typeAt(element)?.name;
    if (type !== undefined) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Places of the first elements. */
function elementsOf(view: HeapView, id: number): number[] {
  const { graph, words } = view.walked;
  if (typeOfId(view, id).shape !== 'dict') {
    const end = Math.min(graph.firstEdge[id + 1]!, graph.firstEdge[id]! + SAMPLE);
    return Array.from(graph.edges.subarray(graph.firstEdge[id]!, end), (edge) =>
      edge >= LEAF ? edge - LEAF : words[edge]!,
    );
  }
  const values: number[] = [];
  for (const { value } of dictEntries(view.snapshot, view.interpreter.layout, wordOfId(view, id))) {
    if (view.walked.has(value)) values.push(value);
    if (values.length >= SAMPLE) break;
  }
  return values;
}
