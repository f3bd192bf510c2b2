import type { Interpreter } from '../cpython/interpreter.ts';
import { loadedModules } from '../cpython/interpreter.ts';
import { COMMON } from '../cpython/layout.ts';
import { TypeTable } from '../cpython/types.ts';
import type { ThreadState } from '../live-target.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import type { Stacks } from './answer.ts';
import { collectorState } from './collector-state.ts';
import { readTasks } from './tasks.ts';
import { readThreads } from './threads.ts';

/** The addresses of the dicts of two modules; absent where they are not loaded. */
export interface KnownModules {
  readonly threading?: number | undefined;
  readonly tasks?: number | undefined;
}

/** `threading` and `asyncio.tasks` of the main interpreter. */
export function knownModules(snapshot: Snapshot, interpreter: Interpreter): KnownModules {
  const found = new Map<string, number>();
  for (const { name, module, interpreter: number } of loadedModules(snapshot, interpreter)) {
    if (number !== 0 || (name !== 'threading' && name !== 'asyncio.tasks')) continue;
    const dict = snapshot.follow(module + COMMON.module.dict / 8);
    if (dict >= 0) found.set(name, snapshot.address(dict));
  }
  return { threading: found.get('threading'), tasks: found.get('asyncio.tasks') };
}

/** Threads, tasks and the collector's state of the process in a snapshot. */
export function readStacks(
  snapshot: Snapshot,
  interpreter: Interpreter,
  { threading, tasks }: KnownModules,
  states: readonly ThreadState[] | undefined,
  mostFrozen: number,
): Pick<Stacks, 'threads' | 'tasks' | 'collector'> {
  const { layout } = interpreter;
  const types = new TypeTable(snapshot, layout, interpreter.typeType);
  const view = { snapshot, interpreter, layout, types, codes: new Map() };
  const placeOf = (address: number | undefined) => (address === undefined ? -1 : snapshot.word(address));
  const [threadingDict, tasksDict] = [placeOf(threading), placeOf(tasks)];
  const collector = collectorState(snapshot, interpreter, mostFrozen);
  return {
    threads: readThreads(view, threadingDict, states),
    ...(tasksDict < 0 ? {} : { tasks: readTasks(view, tasksDict) }),
    ...(collector === undefined ? {} : { collector }),
  };
}
