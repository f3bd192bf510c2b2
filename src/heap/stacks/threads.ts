import { dictEntries, lookUp } from '../cpython/dicts.ts';
import { attributeWord } from '../cpython/instances.ts';
import type { Thread } from '../cpython/interpreter.ts';
import { intValue } from '../cpython/ints.ts';
import { COMMON } from '../cpython/layout.ts';
import { readName } from '../cpython/strings.ts';
import type { ThreadState } from '../live-target.ts';
import type { PythonThread, PythonThreads, StackFrame } from './answer.ts';
import { type StackView, stackFrame } from './stack-frames.ts';

/** What is told of threads at most: the rest is counted. */
const MOST_THREADS = 2000;
const MOST_FRAMES_A_THREAD = 2000;
const MOST_FRAMES = 20_000;
/** No program has more threads that it gave names. */
const MOST_NAMED = 10_000;
/** Of glibc's `struct pthread`, where the kernel's number of the thread is: x86-64, all versions (nptl/descr.h). */
const PTHREAD_TID = 720;

/** The stacks of all threads that have one; `threading` is the dict of that module, -1 where there is none. */
export function readThreads(
  view: StackView,
  threading: number,
  states: readonly ThreadState[] | undefined,
): PythonThreads {
  const { interpreter } = view;
  const named = threading < 0 ? new Map<number, Named>() : namedThreads(view, threading);
  const holders = gilHolders(view);
  let left = MOST_FRAMES;
  // The interpreter's own list begins with the newest.
  const listed = interpreter.threads
    .toReversed()
    .slice(0, MOST_THREADS)
    .map((thread): PythonThread => {
      const own = named.get(identifierOf(view, thread));
      const kernel = kernelThread(view, thread, own, states);
      const { frames, more } = framesOf(view, thread, Math.min(left, MOST_FRAMES_A_THREAD));
      left -= frames.length;
      return {
        ...(kernel.id === undefined ? {} : { id: kernel.id }),
        ...(own?.name === undefined ? {} : { name: own.name }),
        state: kernel.state,
        holdsGil: holders.has(view.snapshot.address(thread.state)),
        frames,
        ...(more > 0 ? { moreFrames: more } : {}),
      };
    });
  return { count: interpreter.threads.length, listed };
}

function framesOf(view: StackView, thread: Thread, most: number): { frames: StackFrame[]; more: number } {
  const frames: StackFrame[] = [];
  let more = 0;
  for (const place of thread.frames) {
    if (frames.length >= most) more += 1;
    else {
      const frame = stackFrame(view, place);
      if (frame !== undefined) frames.push(frame);
    }
  }
  return { frames, more };
}

const identifierOf = ({ snapshot, layout }: StackView, thread: Thread): number =>
  snapshot.unsigned(thread.state + layout.stacks.threadIdentifier / 8);

/** The states of the threads that hold a GIL, by address: from 3.12 on an interpreter may have one of its own. */
function gilHolders({ snapshot, interpreter, layout }: StackView): ReadonlySet<number> {
  const { of, at } = layout.stacks.gil;
  const gils =
    of === 'runtime'
      ? [interpreter.runtime + at / 8]
      : [interpreter.state, ...interpreter.others.map(({ state }) => state)].map((state) =>
          snapshot.follow(state + at / 8),
        );
  const held = gils.filter((gil) => gil >= 0 && snapshot.int32(gil, COMMON.gil.locked) === 1);
  return new Set(held.map((gil) => snapshot.unsigned(gil + COMMON.gil.lastHolder / 8)));
}

interface Named {
  readonly name: string | undefined;
  readonly nativeId: number | undefined;
}

/** What `threading._active` says of its threads, by their identifiers. */
function namedThreads(view: StackView, threading: number): Map<number, Named> {
  const { snapshot, layout, types } = view;
  const found = new Map<number, Named>();
  const active = lookUp(snapshot, layout, threading, '_active');
  if (active < 0 || types.typeOf(active)?.shape !== 'dict') return found;
  for (const { key, value } of dictEntries(snapshot, layout, active)) {
    const identifier = intValue(snapshot, layout, types, key);
    if (identifier === undefined) continue;
    const type = types.typeOf(value);
    const attribute = (name: string) => (type === undefined ? -1 : attributeWord(snapshot, layout, value, type, name));
    found.set(identifier, {
      name: readName(snapshot, layout, attribute('_name')),
      nativeId: intValue(snapshot, layout, types, attribute('_native_id')),
    });
    if (found.size >= MOST_NAMED) break;
  }
  return found;
}

/**
 * The thread as the kernel knows it. The interpreter has its number from 3.11 on; before that `threading` knows it, or
 * glibc's own record, to which the identifier is the pointer.
 */
function kernelThread(
  view: StackView,
  thread: Thread,
  named: Named | undefined,
  states: readonly ThreadState[] | undefined,
): Pick<PythonThread, 'id' | 'state'> {
  const { snapshot } = view;
  const record = snapshot.word(identifierOf(view, thread) + PTHREAD_TID);
  const said = [thread.nativeId, named?.nativeId, record < 0 ? undefined : snapshot.int32(record, 0)];
  if (states === undefined) {
    const id = said.slice(0, 2).find((each) => each !== undefined && each > 0);
    return { ...(id === undefined ? {} : { id }), state: 'unknown' };
  }
  const found = said.map((id) => states.find(({ innerId }) => innerId === id)).find((each) => each !== undefined);
  return found === undefined ? { state: 'unknown' } : { id: found.id, state: found.isRunning ? 'running' : 'idle' };
}
