import {
  codeFacts,
  followStackReference,
  frameCode,
  frameOfObject,
  frameSlots,
  generatorFrame,
  variableNames,
} from '../cpython/frames.ts';
import { COMMON } from '../cpython/layout.ts';
import { readName } from '../cpython/strings.ts';
import { fieldOf, type HeapView, referrersOf, typeOfId, wordOfId } from './heap-view.ts';

/** The function that a frame runs. */
export interface FrameFacts {
  readonly module: string | undefined;
  readonly function: string;
  readonly file: string;
  readonly firstLine: number;
  /** The place of the frame that `frameSlots` takes. */
  readonly frame: number;
}

/** The function behind a node that is a frame, a frame object or a generator; undefined for anything else. */
export function frameFacts(view: HeapView, id: number): FrameFacts | undefined {
  const { snapshot, interpreter } = view;
  const frame = framePlace(view, id);
  if (frame < 0) return undefined;
  const { layout } = interpreter;
  const code = frameCode(snapshot, layout, frame);
  if (code < 0 || view.walked.types.typeOf(code)?.name !== 'code') return undefined;
  const facts = codeFacts(snapshot, layout, code);
  const globals = snapshot.follow(frame + layout.frame.globals / 8);
  const globalsId = globals < 0 ? -1 : view.walked.idOf(globals);
  return {
    module: view.modules.get(globalsId)?.name,
    function: facts.qualname ?? qualnameOfCode(view, code) ?? facts.name,
    file: facts.file,
    firstLine: facts.firstLine,
    frame,
  };
}

function framePlace(view: HeapView, id: number): number {
  const { snapshot, interpreter } = view;
  const word = wordOfId(view, id);
  switch (typeOfId(view, id).shape) {
    case 'interpreter-frame':
      return word;
    case 'frame':
      return frameOfObject(snapshot, interpreter.layout, word);
    case 'generator':
      return generatorFrame(snapshot, interpreter.layout, word);
    default:
      return -1;
  }
}

/** The variable of a frame that refers to an object; undefined where only its value stack does. */
export function localName(view: HeapView, frame: number, target: number): string | undefined {
  const { snapshot, interpreter } = view;
  const slots = frameSlots(snapshot, interpreter.layout, frame);
  const code = frameCode(snapshot, interpreter.layout, frame);
  if (slots === undefined || code < 0) return undefined;
  const wanted = wordOfId(view, target);
  const names = variableNames(snapshot, interpreter.layout, code);
  const at = names.findIndex(
    (_, index) => followStackReference(snapshot, frame + slots.localsplus / 8 + index) === wanted,
  );
  return at < 0 ? undefined : names[at];
}

/** Up to 3.10 a code object does not know its qualified name; a function made from it does. */
function qualnameOfCode(view: HeapView, code: number): string | undefined {
  const id = view.walked.idOf(code);
  if (id < 0) return undefined;
  for (const referrer of referrersOf(view, id, 16)) {
    if (referrer < view.walked.graph.count && typeOfId(view, referrer).name === 'function') {
      return functionFacts(view, referrer)?.qualname;
    }
  }
  return undefined;
}

/** What a function object says of itself. */
export interface FunctionFacts {
  readonly module: string | undefined;
  readonly qualname: string;
  readonly code: number;
  readonly file: string;
  readonly firstLine: number;
}

export function functionFacts(view: HeapView, id: number): FunctionFacts | undefined {
  const { snapshot, interpreter } = view;
  const { layout } = interpreter;
  const word = wordOfId(view, id);
  const code = snapshot.follow(word + layout.func.code / 8);
  if (typeOfId(view, id).name !== 'function' || code < 0) return undefined;
  const facts = codeFacts(snapshot, layout, code);
  return {
    module: readName(snapshot, layout, snapshot.follow(word + layout.func.module / 8)),
    qualname: readName(snapshot, layout, snapshot.follow(word + layout.func.qualname / 8)) ?? facts.name,
    code,
    file: facts.file,
    firstLine: facts.firstLine,
  };
}

/** The function that is wrapped by an lru_cache; undefined where it is not written in Python. */
export function cachedFunction(view: HeapView, cache: number): FunctionFacts | undefined {
  const id = fieldOf(view, cache, COMMON.lruCache.func);
  return id < 0 ? undefined : functionFacts(view, id);
}
