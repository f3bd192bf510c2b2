import { followStackReference, frameCode, frameSlots, generatorFrame } from '../cpython/frames.ts';
import { COMMON } from '../cpython/layout.ts';
import type { StackFrame } from './answer.ts';
import { lastInstruction, type StackView, stackFrame } from './stack-frames.ts';

/** How coroutines await one another, from the outermost down. */
export interface AwaitChain {
  readonly frames: readonly StackFrame[];
  readonly more: number;
  readonly state: 'running' | 'waiting' | 'ready';
  /** The word of what the innermost waits for, if that is no coroutine. */
  readonly waitsFor: number;
}

/** Deeper than programs go, but for those that await themselves without end. */
const MOST_AWAITS = 10_000;
/** Of a chain, those that are told. */
const MOST_FRAMES = 200;
const GENERATORS = new Set(['coroutine', 'generator', 'async_generator']);
/** What stands between a coroutine and the one that it awaits: the pointer to that is the first field (Objects/genobject.c). */
const WRAPPERS = /^(coroutine_wrapper|async_generator_(asend|athrow)|anext_awaitable)$/;
const FIRST_FIELD = COMMON.object.size / 8;

/** The chain under a coroutine that is suspended or runs; undefined where it has ended, or is none. */
export function awaitChain(view: StackView, coroutine: number): AwaitChain | undefined {
  const frames: StackFrame[] = [];
  const seen = new Set<number>();
  let more = 0;
  let state: AwaitChain['state'] = 'waiting';
  let at = coroutine;
  while (at >= 0 && !seen.has(at) && seen.size < MOST_AWAITS) {
    seen.add(at);
    const type = view.types.typeOf(at)?.name ?? '';
    if (WRAPPERS.test(type)) at = view.snapshot.follow(at + FIRST_FIELD);
    else if (GENERATORS.has(type)) {
      const place = generatorFrame(view.snapshot, view.layout, at);
      const frame = place < 0 ? undefined : stackFrame(view, place);
      if (frame === undefined) break;
      if (frames.length < MOST_FRAMES) frames.push(frame);
      else more += 1;
      state = stateOf(view, at, place);
      at = state === 'waiting' ? awaited(view, place) : -1;
      if (state === 'waiting' && at < 0) state = 'ready';
    } else break;
  }
  if (seen.size === 0 || frames.length === 0) return undefined;
  return { frames: frames.reverse(), more, state, waitsFor: state === 'waiting' ? at : -1 };
}

/** `ready` where it has not begun, or is suspended without awaiting anybody: a bare `yield`. */
function stateOf(view: StackView, generator: number, frame: number): AwaitChain['state'] {
  if (isExecuting(view, generator, frame)) return 'running';
  return delegates(view, generator, frame) ? 'waiting' : 'ready';
}

/** From 3.11 on the generator says so: FRAME_EXECUTING is the last state before the end. */
function isExecuting({ snapshot, layout }: StackView, generator: number, frame: number): boolean {
  const { generator: how, stacks } = layout;
  if (how.how === 'inline') return stateOfFrame(snapshot.uint8(generator, how.state)) === how.ended - 1;
  if (stacks.instruction.how !== 'index') return false;
  const { at, value } = stacks.instruction.executing;
  return snapshot.uint8(frame, at) === value;
}

/** A signed byte (`enum _framestate`). */
const stateOfFrame = (byte: number) => (byte << 24) >> 24;

/** Whether a suspended generator stands in `await` or `yield from`. */
function delegates(view: StackView, generator: number, frame: number): boolean {
  const { snapshot, layout } = view;
  const { delegates: how } = layout.stacks;
  if (how.how === 'state') {
    if (layout.generator.how !== 'inline') return false;
    const state = stateOfFrame(snapshot.uint8(generator, layout.generator.state));
    return state >= how.least && state <= how.most;
  }
  const code = frameCode(snapshot, layout, frame);
  const last = code < 0 ? -1 : lastInstruction(view, frame, code);
  const next = last < 0 ? [] : instructionAt(view, code, last + UNIT_BYTES);
  const isOne = how.opcodes.includes(next[0] ?? -1);
  return how.how === 'opcode' ? isOne : isOne && (next[1]! & RESUME_PLACE) >= RESUME_AFTER_YIELD_FROM;
}

const UNIT_BYTES = 2;
/** The argument of RESUME: 0 at a function's start, 1 after a yield, 2 after a yield from, 3 after an await (Lib/dis). */
const RESUME_PLACE = 3;
const RESUME_AFTER_YIELD_FROM = 2;

/** Opcode and argument of the instruction at `offset` bytes. */
function instructionAt({ snapshot, layout }: StackView, code: number, offset: number): readonly number[] {
  const { code: at, instruction } = layout.stacks;
  const bytecode = instruction.how === 'index' ? snapshot.follow(code + at / 8) : code;
  if (bytecode < 0) return [];
  const start = instruction.how === 'index' ? COMMON.bytes.data : at;
  return [...snapshot.slice(snapshot.address(bytecode) + start + offset, UNIT_BYTES)];
}

/** What a generator that delegates waits for: it is on its stack. */
function awaited({ snapshot, layout }: StackView, frame: number): number {
  const slots = frameSlots(snapshot, layout, frame);
  const { depth } = layout.stacks.delegates;
  if (slots === undefined || slots.certain < depth) return -1;
  const top = snapshot.word(snapshot.address(frame) + slots.localsplus + (slots.certain - depth) * 8);
  return top < 0 ? -1 : Math.max(-1, followStackReference(snapshot, top));
}
