import type { Snapshot } from '../memory/snapshot.ts';
import type { Layout } from './layout.ts';
import { readName, readStr } from './strings.ts';

/** No function has more variables, and no stack is deeper, than this. */
const MAX_SLOTS = 1 << 16;

/** The references of a frame, as offsets in bytes from its start. */
export interface FrameSlots {
  /** Single pointers: code, function, namespaces. */
  readonly fields: readonly number[];
  readonly localsplus: number;
  /** Slots that hold an object or null. */
  readonly certain: number;
  /** Slots up to here may hold one (the value stack of a frame that runs). */
  readonly possible: number;
  /** Slots that there is room for. */
  readonly capacity: number;
}

/**
 * The least owner of an entry of the interpreter loop in `enum _frameowner` (Include/internal/pycore_frame.h):
 * FRAME_OWNED_BY_CSTACK in 3.12 and 3.13, FRAME_OWNED_BY_INTERPRETER from 3.14 on.
 */
const OWNED_BY_INTERPRETER = 3;

/** What `followStackReference` gives for a place that holds no object. */
export const NO_OBJECT = -2;

/**
 * The word that a pointer in a frame leads to, NO_OBJECT for null and what is no object, -1 for a pointer that leads nowhere.
 * From 3.14 on such a pointer is a `_PyStackRef` (Include/internal/pycore_stackref.h): the two low bits are 0, or 1 where the
 * frame only borrows the object (null too); 2 and 3 mark pointers of the interpreter's own, and plain numbers.
 */
export function followStackReference(snapshot: Snapshot, word: number): number {
  const low = snapshot.words[2 * word]!;
  const high = snapshot.words[2 * word + 1]!;
  if ((low & 2) !== 0 || (high === 0 && (low & ~1) === 0)) return NO_OBJECT;
  return (low & 4) !== 0 ? -1 : snapshot.wordAt(low, high);
}

/** FRAME_OWNED_BY_FRAME_OBJECT of the same (3.11 too): its function has ended. */
const OWNED_BY_OBJECT = 2;

/** Whether what a frame refers to is held by its frame object, which outlived the call; up to 3.10 it always is. */
export function isOwnedByObject(snapshot: Snapshot, layout: Layout, frame: number): boolean {
  return layout.frame.how === 'object' || snapshot.uint8(frame, layout.frame.owner) === OWNED_BY_OBJECT;
}

/** What a frame refers to; undefined where its code object makes no sense, and for the entry of the interpreter loop. */
export function frameSlots(snapshot: Snapshot, layout: Layout, frame: number): FrameSlots | undefined {
  const shape = layout.frame;
  // An entry lies on the C stack, and of its fields hardly any is ever set.
  if (shape.how === 'struct' && snapshot.uint8(frame, shape.owner) >= OWNED_BY_INTERPRETER) return undefined;
  const code = frameCode(snapshot, layout, frame);
  if (code < 0) return undefined;
  const variables = variableCount(snapshot, layout, code);
  const stack = snapshot.int32(code, layout.code.stackSize);
  if (variables < 0 || variables > MAX_SLOTS || stack < 0 || stack > MAX_SLOTS) return undefined;
  const capacity = variables + stack;
  const top = stackTop(snapshot, layout, frame);
  const certain = top < 0 ? variables : Math.min(Math.max(top, variables), capacity);
  return {
    fields:
      shape.how === 'object'
        ? [shape.code, shape.code + 8, shape.globals, shape.locals]
        : // Its global variables and built-ins are those of its function, and borrowed.
          [shape.code, shape.func, shape.locals, shape.frameObject],
    localsplus: shape.localsplus,
    certain,
    possible: top < 0 ? capacity : certain,
    capacity,
  };
}

/** Slots in use from localsplus on, or -1 while the frame runs and only the interpreter's registers know. */
function stackTop(snapshot: Snapshot, layout: Layout, frame: number): number {
  const shape = layout.frame;
  const { how, offset } = shape.stackTop;
  const localsplus = snapshot.address(frame) + shape.localsplus;
  // From 3.14 on it is never unset: a running frame has the top of its last call (_PyFrame_GetStackPointer).
  if (how === 'pointer' && shape.how === 'struct' && isRunning(snapshot, layout, frame, shape.owner)) return -1;
  if (how === 'pointer') {
    const top = snapshot.unsigned(frame + offset / 8);
    return top === 0 ? -1 : (top - localsplus) / 8;
  }
  const said = snapshot.int32(frame, offset);
  if (said < 0 || shape.how === 'struct') return said;
  return said + (snapshot.unsigned(frame + shape.valueStack / 8) - localsplus) / 8;
}

/** FRAME_OWNED_BY_THREAD and FRAME_OWNED_BY_GENERATOR of enum _frameowner. */
const [OWNED_BY_THREAD, OWNED_BY_GENERATOR] = [0, 1];

/** Whether a function is in the midst of this frame, or calls from it. A generator's frame lies in the generator. */
function isRunning(snapshot: Snapshot, { generator }: Layout, frame: number, ownerOffset: number): boolean {
  const owner = snapshot.uint8(frame, ownerOffset);
  if (owner !== OWNED_BY_GENERATOR || generator.how !== 'inline') return owner === OWNED_BY_THREAD;
  const state = snapshot.address(frame) - generator.frame + generator.state;
  const word = snapshot.word(state);
  // FRAME_EXECUTING is the last state before the generator has ended.
  return word >= 0 && (snapshot.uint8(word, state % 8) << 24) >> 24 === generator.ended - 1;
}

/** The code object of a frame; -1 where there is none. */
export function frameCode(snapshot: Snapshot, layout: Layout, frame: number): number {
  return Math.max(-1, followStackReference(snapshot, frame + layout.frame.code / 8));
}

/** Locals, cells and free variables together. */
function variableCount(snapshot: Snapshot, layout: Layout, code: number): number {
  const { names } = layout.code;
  if (names.how === 'localsplus') return snapshot.int32(code, names.count);
  const lengthOf = (offset: number) => {
    const tuple = snapshot.follow(code + offset / 8);
    return tuple < 0 ? 0 : snapshot.signed(tuple + 2);
  };
  return snapshot.int32(code, names.nlocals) + lengthOf(names.cellvars) + lengthOf(names.freevars);
}

/** The frame inside a generator, while it has one (3.11+): created, suspended or running; -1 once it has ended. */
export function generatorFrame(snapshot: Snapshot, layout: Layout, generator: number): number {
  const how = layout.generator;
  if (how.how === 'frame-object') return snapshot.follow(generator + how.frame / 8);
  const state = (snapshot.uint8(generator, how.state) << 24) >> 24;
  return state < how.ended ? generator + how.frame / 8 : -1;
}

/** The frame that a frame object stands for, as a place that `frameSlots` takes; -1 where there is none. */
export function frameOfObject(snapshot: Snapshot, layout: Layout, frameObject: number): number {
  return layout.frame.how === 'object' ? frameObject : snapshot.follow(frameObject + layout.frame.objectFrame / 8);
}

/** The names of a code object's locals, cells and free variables, in the order of the slots. */
export function variableNames(snapshot: Snapshot, layout: Layout, code: number): string[] {
  const { names } = layout.code;
  if (names.how === 'localsplus') return tupleOfNames(snapshot, layout, snapshot.follow(code + names.names / 8));
  return [names.varnames, names.cellvars, names.freevars].flatMap((offset) =>
    tupleOfNames(snapshot, layout, snapshot.follow(code + offset / 8)),
  );
}

/** The names of the variables that a function takes from the functions around it, in the order of its closure. */
export function freeVariableNames(snapshot: Snapshot, layout: Layout, code: number): string[] {
  const { names } = layout.code;
  if (names.how === 'three-tuples') return tupleOfNames(snapshot, layout, snapshot.follow(code + names.freevars / 8));
  const count = snapshot.int32(code, names.nfreevars);
  return count <= 0 ? [] : variableNames(snapshot, layout, code).slice(-count);
}

function tupleOfNames(snapshot: Snapshot, layout: Layout, tuple: number): string[] {
  if (tuple < 0) return [];
  const length = snapshot.signed(tuple + 2);
  if (length < 0 || length > MAX_SLOTS) return [];
  const items = tuple + layout.tuple.items / 8;
  return Array.from({ length: snapshot.run(items, length) }, (_, at) => {
    return readName(snapshot, layout, snapshot.follow(items + at)) ?? '?';
  });
}

export interface CodeFacts {
  readonly name: string;
  readonly file: string;
  readonly firstLine: number;
  readonly qualname: string | undefined;
}

/** What a code object says of itself. Up to 3.10 only the function object knows the qualified name. */
export function codeFacts(snapshot: Snapshot, layout: Layout, code: number): CodeFacts {
  const wordAt = (offset: number) => snapshot.follow(code + offset / 8);
  const nameAt = (offset: number) => readName(snapshot, layout, wordAt(offset));
  const { names } = layout.code;
  return {
    name: nameAt(layout.code.name) ?? '?',
    file: readStr(snapshot, layout, wordAt(layout.code.filename)) ?? '?',
    firstLine: snapshot.int32(code, layout.code.firstLine),
    qualname: names.how === 'localsplus' ? nameAt(names.qualname) : undefined,
  };
}
