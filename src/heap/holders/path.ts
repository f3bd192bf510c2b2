import type { HeapPathStep } from '../answer.ts';
import { frameFacts } from './frame-names.ts';
import { finderOf, type HeapView, typeOfId } from './heap-view.ts';
import { isInstanceDict, linkOf } from './links.ts';
import type { HolderName } from './names.ts';
import { isCoroutine, isTask, taskName } from './tasks.ts';

/** Steps shown of a path at most; a longer one loses its middle. */
const MOST_STEPS = 12;

/** The way from a root to a named holder: that to its owner (the shortest one), then the links of its name. */
export function pathTo(view: HeapView, name: HolderName): HeapPathStep[] {
  const first = name.links[0];
  if (first === undefined) return [];
  const toOwner = first.how === 'name' ? wayTo(view, first.owner) : [];
  const own = name.links.map((link): HeapPathStep => {
    switch (link.how) {
      case 'name':
        return link.step;
      case 'element':
        return { kind: 'key', name: link.label };
      case 'field':
        return fieldStep(link);
      default:
        return link satisfies never;
    }
  });
  return shorten([...toOwner, ...own]);
}

/** The shortest path from a root to an object, in steps that a developer knows: hidden objects between are left out. */
function wayTo(view: HeapView, id: number): HeapPathStep[] {
  const chain: number[] = [];
  for (let at = id; at !== view.walked.graph.count && chain.length < 1000; at = finderOf(view, at)) chain.unshift(at);
  // How the event loop keeps its tasks, and an interpreter its modules, tells nothing of them.
  const start = chain.findLastIndex((node) => isTask(view, node) || view.modules.has(node));
  chain.splice(0, Math.max(0, start));
  const shown = chain.filter((node, at) => !isFrameOf(view, node, chain[at - 1]));
  return shown.flatMap((node, at) => (at === 0 ? rootStep(view, node) : stepBetween(view, shown[at - 1]!, node)));
}

/** Up to 3.10 the frame of a generator or coroutine is an object of its own; the generator stands for it. */
const isFrameOf = (view: HeapView, id: number, before: number | undefined): boolean =>
  before !== undefined && typeOfId(view, id).shape === 'frame' && typeOfId(view, before).shape === 'generator';

/** A reference that was found by scanning is marked: `~map`. */
const fieldStep = ({ type, scanned }: { type: string; scanned?: boolean }): HeapPathStep => ({
  kind: 'field',
  name: scanned ? `~${type}` : type,
});

function rootStep(view: HeapView, id: number): HeapPathStep[] {
  return namespaceStep(view, id) ?? [];
}

/** Steps that an object is by itself, however it was reached: a module, a function's frame, a class. */
function namespaceStep(view: HeapView, id: number): HeapPathStep[] | undefined {
  const module = view.modules.get(id);
  if (module) {
    const step = { kind: 'module', name: module.name, file: module.file };
    return module.interpreter === 0 ? [step] : [{ kind: 'interpreter', name: String(module.interpreter) }, step];
  }
  if (isTask(view, id)) return [{ kind: 'task', name: taskName(view, id) }];
  const frame = frameFacts(view, id);
  if (frame) return [{ kind: 'frame', name: frame.function, file: frame.file, line: frame.firstLine }];
  return undefined;
}

function stepBetween(view: HeapView, from: number, to: number): HeapPathStep[] {
  const own = namespaceStep(view, to);
  if (own)
    return isCoroutine(view, to) && isCoroutine(view, from) ? own.map((step) => ({ ...step, kind: 'await' })) : own;
  const type = typeOfId(view, to);
  // Neither a module (its dict is the step) nor the dict of an instance is something that one types.
  if (type.shape === 'module' || (type.shape === 'dict' && isInstanceDict(view, to))) return [];
  const link = linkOf(view, from, to);
  if (link === undefined) return [];
  if (link.how === 'field') return link.scanned ? [fieldStep(link)] : [];
  return [link.how === 'name' ? link.step : { kind: 'key', name: link.label }];
}

function shorten(steps: HeapPathStep[]): HeapPathStep[] {
  if (steps.length <= MOST_STEPS) return steps;
  const kept = MOST_STEPS / 2;
  return [
    ...steps.slice(0, kept),
    { kind: 'more', name: `… ${steps.length - MOST_STEPS} more …` },
    ...steps.slice(-kept),
  ];
}
