import type { HeapPathStep } from '../answer.ts';
import { typeOfId, wordOfId } from '../holders/heap-view.ts';
import type { Look } from '../look.ts';
import type { HeapRecord, RecordRoot } from './record.ts';
import { frameStep, moduleStep, StepReader } from './steps.ts';

/** The heap of a look as it is asked for paths: the only place that knows how a look keeps its graph. */
export function recordOf({ view }: Look): HeapRecord {
  const { graph, types, roots } = view.walked;
  const steps = new StepReader(view);
  return {
    count: graph.count,
    typeNames: types.all.map((type) => type.name),
    firstEdge: graph.firstEdge,
    edges: graph.edges,
    roots: roots.map((root) => ({ id: root.id, kind: root.kind, step: rootStep(view, root) })),
    typeOf: (id) => graph.type[id]!,
    sizeOf: (id) => graph.size[id]!,
    addressOf: (id) => view.snapshot.address(wordOfId(view, id)),
    retainedOf: (id) => view.dominators.retained[id]!,
    dominatorOf: (id) => view.dominators.dominator[id]!,
    idAt(address) {
      const word = address % 8 === 0 ? view.snapshot.word(address) : -1;
      return word < 0 ? -1 : view.walked.idOf(word);
    },
    stepOf: (from, edge) => steps.stepOf(from, graph.edges[edge]!),
  };
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
