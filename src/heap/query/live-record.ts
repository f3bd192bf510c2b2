import type { HeapPathStep } from '../answer.ts';
import { type HeapGraph, LEAF } from '../graph/heap-graph.ts';
import { ownBytesOf, retainedBytesOf, typeOfId, wordOfId } from '../holders/heap-view.ts';
import type { Look } from '../look-parts.ts';
import type { HeapRecord, RecordRoot } from './record.ts';
import { frameStep, moduleStep, StepReader } from './steps.ts';

/** The heap of a look as it is asked for paths: the only place that knows how a look keeps its graph. */
export function recordOf({ view }: Look): HeapRecord {
  const { graph, types, roots } = view.walked;
  const steps = new StepReader(view);
  const { count, firstEdge, edges, leaves, owners } = withLeaves(graph);
  // What the accessors of a view take: a node's id, or the edge to a leaf.
  const own = (id: number) => (id < graph.count ? id : leaves[id - graph.count]!);
  return {
    count,
    typeNames: types.all.map((type) => type.name),
    firstEdge,
    edges,
    roots: roots.map((root) => ({ id: root.id, kind: root.kind, step: rootStep(view, root) })),
    typeOf: (id) => typeOfId(view, own(id)).index,
    sizeOf: (id) => ownBytesOf(view, own(id)),
    addressOf: (id) => view.snapshot.address(wordOfId(view, own(id))),
    retainedOf: (id) => (id < graph.count ? retainedBytesOf(view, id) : ownBytesOf(view, own(id))),
    dominatorOf(id) {
      const over = id < graph.count ? view.dominators.dominator[id]! : owners[id - graph.count]!;
      return over === graph.count ? count : over;
    },
    idAt(address) {
      const word = address % 8 === 0 ? view.snapshot.word(address) : -1;
      if (word < 0 || !view.walked.has(word)) return -1;
      const node = view.walked.idOf(word);
      if (node >= 0) return node;
      const leaf = leaves.indexOf(LEAF + word);
      return leaf < 0 ? -1 : graph.count + leaf;
    },
    stepOf: (from, edge) => steps.stepOf(from, own(edges[edge]!)),
  };
}

/** A graph in which leaves are objects like others, with ids behind those of the nodes. */
function withLeaves(graph: HeapGraph) {
  const leafCount = graph.edges.reduce((sum, edge) => sum + (edge >= LEAF ? 1 : 0), 0);
  const count = graph.count + leafCount;
  const leaves = new Uint32Array(leafCount);
  const owners = new Uint32Array(leafCount);
  const firstEdge = new Uint32Array(count + 1).fill(graph.firstEdge[graph.count]!);
  firstEdge.set(graph.firstEdge.subarray(0, graph.count + 1));
  const edges = graph.edges.slice(0, graph.firstEdge[graph.count]!);
  let next = 0;
  for (let id = 0; id < graph.count; id += 1) {
    for (let at = firstEdge[id]!; at < firstEdge[id + 1]!; at += 1) {
      if (edges[at]! < LEAF) continue;
      leaves[next] = edges[at]!;
      owners[next] = id;
      edges[at] = graph.count + next;
      next += 1;
    }
  }
  return { count, firstEdge, edges, leaves, owners };
}

type Root = Look['view']['walked']['roots'][number];

function rootStep(view: Look['view'], root: Root): RecordRoot['step'] {
  const own = moduleStep(view, root.id) ?? frameStep(view, root.id);
  if (own !== undefined) return own;
  const thread = root.thread === undefined ? undefined : view.interpreter.threads[root.thread];
  return rootName(root.kind, thread?.nativeId ?? (root.thread ?? 0) + 1, typeOfId(view, root.id).name);
}

function rootName(kind: Root['kind'], thread: number, type: string): HeapPathStep | undefined {
  const root = (name: string): HeapPathStep => ({ kind: 'root', name });
  switch (kind) {
    case 'modules':
      return undefined;
    case 'frame':
      return root(`<stack of thread ${thread}>`);
    case 'thread':
      return root(`<thread ${thread}>`);
    case 'unreached':
      return root(`<nobody: ${type}>`);
    default:
      return root(`<${kind}: ${type}>`);
  }
}
