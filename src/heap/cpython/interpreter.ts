import { HeapError } from '../heap-error.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import { dictEntries, lookUp } from './dicts.ts';
import { COMMON, type Layout } from './layout.ts';
import { readName } from './strings.ts';

/** The interpreter of a snapshot, after the self-checks: what everything else starts from. */
export interface Interpreter {
  readonly layout: Layout;
  /** As `sys.hexversion` says: "3.11.7". */
  readonly version: string;
  /** Places in the copy. */
  readonly state: number;
  readonly runtime: number;
  readonly modules: number;
  readonly sysdict: number;
  readonly builtins: number;
  /** The object `type`. */
  readonly typeType: number;
  /** Of all interpreters, the main one's first. */
  readonly threads: readonly Thread[];
  /**
   * Addresses of the heads of the collector's three lists, oldest last, of all interpreters. Multiples of 4: see
   * `pointerAt`.
   */
  readonly generations: readonly number[];
  /** Sub-interpreters, the oldest first: what `_interpreters.create()` and an embedding server make. */
  readonly others: readonly SubInterpreter[];
  /** Whether the collector was in the middle of a run: then its lists are in pieces, or there are none. */
  readonly collecting: boolean;
  /** Address of the main interpreter's collector (`struct _gc_runtime_state`); undefined where its lists were not found. */
  readonly collectorAt: number | undefined;
}

/** An interpreter beside the main one, with modules of its own. Places in the copy. */
export interface SubInterpreter {
  readonly state: number;
  readonly modules: number;
}

export interface Thread {
  readonly state: number;
  readonly nativeId: number | undefined;
  /** The innermost frame first, as places that `frameSlots` takes. */
  readonly frames: readonly number[];
}

const MAX_INTERPRETERS = 1000;
const MAX_THREADS = 100_000;
/** Of all threads together. */
const MAX_FRAMES = 1_000_000;

/**
 * Tries every layout on the `_PyRuntime` at `address` and takes the one whose self-checks pass: an interpreter whose
 * `sys.modules` is a dict, whose `type(type)` is `type`, and whose `sys.hexversion` names that layout's version.
 * Throws HeapError `unsupported` where none does.
 */
export function findInterpreter(snapshot: Snapshot, runtimeAddress: number, layouts: readonly Layout[]): Interpreter {
  const runtime = snapshot.word(runtimeAddress);
  if (runtime < 0) throw new HeapError('broken', 'The interpreter state (_PyRuntime) could not be copied.');
  for (const layout of layouts) {
    const found = tryLayout(snapshot, runtime, layout);
    if (found) return found;
  }
  throw new HeapError(
    'unsupported',
    `The self-checks failed for every CPython that whyoom knows (3.${layouts[0]?.minor} to 3.${layouts.at(-1)?.minor}, x86-64).`,
    'A debug or patched build? Run `python -VV` with the same interpreter and report what it prints.',
  );
}

function tryLayout(snapshot: Snapshot, runtime: number, layout: Layout): Interpreter | undefined {
  const states = interpreterStates(snapshot, runtime, layout);
  const [state] = states;
  if (state === undefined) return undefined;
  const at = (offset: number) => snapshot.follow(state + offset / 8);
  const [modules, sysdict, builtins] = [
    layout.interpreter.modules,
    layout.interpreter.sysdict,
    layout.interpreter.builtins,
  ].map(at);
  if (modules === undefined || sysdict === undefined || builtins === undefined) return undefined;
  const typeType = typeOfTypes(snapshot, modules);
  if (typeType < 0 || sysdict < 0 || builtins < 0) return undefined;
  const version = hexVersion(snapshot, layout, sysdict);
  if (version === undefined || version >>> 24 !== 3 || ((version >>> 16) & 0xff) !== layout.minor) return undefined;
  const chains = { threads: new Set<number>(), frames: new Set<number>() };
  return {
    layout,
    version: `3.${layout.minor}.${(version >>> 8) & 0xff}`,
    state,
    runtime,
    modules,
    sysdict,
    builtins,
    typeType,
    threads: states.flatMap((each) => readThreads(snapshot, layout, each, chains)),
    ...collectors(states.map((each) => collector(snapshot, layout, runtime, each))),
    others: states
      .slice(1)
      .map((each) => ({ state: each, modules: snapshot.follow(each + layout.interpreter.modules / 8) })),
  };
}

/**
 * The states of all interpreters, from the oldest, which is the main one: the list in the runtime starts with the newest
 * (Python/pystate.c, PyInterpreterState_New).
 */
function interpreterStates(snapshot: Snapshot, runtime: number, layout: Layout): number[] {
  const states: number[] = [];
  const seen = new Set<number>();
  let state = snapshot.follow(runtime + layout.runtime.interpretersHead / 8);
  while (state >= 0 && !seen.has(state) && seen.size < MAX_INTERPRETERS) {
    seen.add(state);
    // One that is just being made, or damage, has no modules.
    if (typeOfTypes(snapshot, snapshot.follow(state + layout.interpreter.modules / 8)) >= 0) states.unshift(state);
    state = snapshot.follow(state + layout.interpreter.next / 8);
  }
  return states;
}

type Collector = Pick<Interpreter, 'generations' | 'collecting' | 'collectorAt'>;

/** The lists of several collectors; where one is in pieces, the look is as if all were. */
const collectors = (each: readonly Collector[]): Collector => ({
  generations: [...new Set(each.flatMap(({ generations }) => generations))],
  collecting: each.some(({ collecting }) => collecting),
  collectorAt: each[0]?.collectorAt,
});

/** `type`, found as the type of the type of a dict; it must be its own type. */
function typeOfTypes(snapshot: Snapshot, dict: number): number {
  const dictType = dict < 0 ? -1 : snapshot.follow(dict + 1);
  const typeType = dictType < 0 ? -1 : snapshot.follow(dictType + 1);
  return typeType >= 0 && snapshot.follow(typeType + 1) === typeType ? typeType : -1;
}

/** `sys.hexversion`: an int of two 30-bit digits at most (Include/cpython/longintrepr.h). */
function hexVersion(snapshot: Snapshot, layout: Layout, sysdict: number): number | undefined {
  const value = lookUp(snapshot, layout, sysdict, 'hexversion');
  if (value < 0) return undefined;
  return (snapshot.int32(value, 24) | (snapshot.int32(value, 28) << 30)) >>> 0;
}

/** Threads and frames met so far. No two chains share any, but in damage: there the second ends where it meets the first. */
interface Chains {
  readonly threads: Set<number>;
  readonly frames: Set<number>;
}

function readThreads(snapshot: Snapshot, layout: Layout, state: number, seen: Chains): Thread[] {
  const threads: Thread[] = [];
  let thread = snapshot.follow(state + layout.interpreter.threadsHead / 8);
  while (thread >= 0 && !seen.threads.has(thread) && seen.threads.size < MAX_THREADS) {
    seen.threads.add(thread);
    const { nativeThreadId } = layout.thread;
    threads.push({
      state: thread,
      nativeId: nativeThreadId === undefined ? undefined : snapshot.unsigned(thread + nativeThreadId / 8),
      frames: readFrames(snapshot, layout, thread, seen.frames),
    });
    thread = snapshot.follow(thread + layout.thread.next / 8);
  }
  return threads;
}

function readFrames(snapshot: Snapshot, layout: Layout, thread: number, seen: Set<number>): number[] {
  const frames: number[] = [];
  const back = layout.frame.how === 'object' ? layout.frame.back : layout.frame.previous;
  let frame = currentFrame(snapshot, layout, thread);
  while (frame >= 0 && !seen.has(frame) && seen.size < MAX_FRAMES) {
    seen.add(frame);
    frames.push(frame);
    frame = snapshot.follow(frame + back / 8);
  }
  return frames;
}

function currentFrame(snapshot: Snapshot, layout: Layout, thread: number): number {
  const anchor = layout.thread.frame;
  const first = snapshot.follow(thread + anchor.offset / 8);
  return anchor.how === 'cframe' && first >= 0 ? snapshot.follow(first + anchor.currentFrame / 8) : first;
}

/** How far from where the table says the lists of the collector are searched for: patch releases move them. */
const SEARCH_BYTES = 128;

/**
 * The collector's lists: three heads 24 bytes apart, each of which its own neighbours point back to. None while it runs
 * on one of them: then the pointers back hold reference counts (Modules/gcmodule.c, update_refs).
 */
function collector(snapshot: Snapshot, layout: Layout, runtime: number, state: number): Collector {
  const { generationBytes } = COMMON.gc;
  const { at, generations, collecting } = layout.collector;
  const owner = layout.collector.of === 'runtime' ? runtime : state;
  const gc = snapshot.address(owner) + at;
  for (let away = 0; away <= SEARCH_BYTES; away += 4) {
    for (const moved of away === 0 ? [0] : [-away, away]) {
      const headAt = (list: number) => gc + generations + moved + list * generationBytes;
      const heads = [0, 1, 2].map(headAt);
      if (!heads.every((head, generation) => isListHead(snapshot, head, generation === 0))) continue;
      // What lies before and behind the heads is aligned to 8, and so moves by whole words.
      const whole = moved - (moved % 8);
      const flag = snapshot.int32(owner, at + collecting + whole);
      return { generations: heads, collecting: flag === 1, collectorAt: gc + whole };
    }
  }
  return { generations: [], collecting: true, collectorAt: undefined };
}

/**
 * A head is a doubly linked list's start: its next's previous is itself, and the other way round (flags in the low bits).
 * Into the youngest list objects are linked all the time, in four steps: there one of the two will do.
 */
function isListHead(snapshot: Snapshot, head: number, isChanging = false): boolean {
  const [next, previous] = [untagged(pointerAt(snapshot, head)), untagged(pointerAt(snapshot, head + 8))];
  if (next <= 0 || previous <= 0) return false;
  const isForward = untagged(pointerAt(snapshot, next + 8)) === head;
  const isBackward = untagged(pointerAt(snapshot, previous)) === head;
  return isChanging ? isForward || isBackward : isForward && isBackward;
}

const untagged = (pointer: number) => pointer - (pointer % 4);

/**
 * The pointer stored at an address that is a multiple of 4, or -1 where nothing was copied. Late patch releases of 3.13
 * (3.13.5 at the latest) lay out the collector's heads so; every other pointer is at a multiple of 8.
 */
export function pointerAt(snapshot: Snapshot, address: number): number {
  const word = snapshot.word(address);
  if (address % 8 === 0) return word < 0 ? -1 : snapshot.unsigned(word);
  const next = snapshot.word(address + 4);
  return word < 0 || next < 0 ? -1 : snapshot.words[2 * word + 1]! + snapshot.words[2 * next]! * 2 ** 32;
}

/** Names of loaded modules with their module objects, as `sys.modules` has them; of sub-interpreters after the main one's. */
export function* loadedModules(
  snapshot: Snapshot,
  { layout, modules, others }: Pick<Interpreter, 'layout' | 'modules' | 'others'>,
): Generator<{ name: string; module: number; interpreter: number }> {
  const all = [modules, ...others.map((other) => other.modules)];
  for (const [interpreter, dict] of all.entries()) {
    for (const { key, value } of dictEntries(snapshot, layout, dict)) {
      const name = readName(snapshot, layout, key);
      if (name !== undefined) yield { name, module: value, interpreter };
    }
  }
}
