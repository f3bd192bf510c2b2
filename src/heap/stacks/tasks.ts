import { lookUp } from '../cpython/dicts.ts';
import { attributeWord } from '../cpython/instances.ts';
import { intValue } from '../cpython/ints.ts';
import { COMMON } from '../cpython/layout.ts';
import { isStr, readName } from '../cpython/strings.ts';
import type { TypeInfo } from '../cpython/types.ts';
import type { AsyncTask, AsyncTasks, TaskGroup } from './answer.ts';
import { awaitChain } from './await-chain.ts';
import type { StackView } from './stack-frames.ts';

/** Tasks that are looked at, those that are told one by one, and the places that are told. */
const MOST_TASKS = 100_000;
const MOST_LISTED = 1000;
const MOST_GROUPS = 100;
/** Words of a task written in C that are looked at for its coroutine. */
const MOST_WORDS = 64;

/** The tasks that have not ended; `tasksModule` is the dict of asyncio.tasks. */
export function readTasks(view: StackView, tasksModule: number): AsyncTasks {
  const listed: AsyncTask[] = [];
  const groups = new Map<string, TaskGroup>();
  let count = 0;
  for (const word of taskWords(view, tasksModule)) {
    const task = readTask(view, word);
    if (task === undefined) continue;
    count += 1;
    if (listed.length < MOST_LISTED) listed.push(task);
    // A task waited for has a name of its own each time: what counts is where.
    const { state, frames } = task;
    const key = JSON.stringify([state, frames[0]]);
    const group = groups.get(key) ?? { count: 0, state, ...(frames[0] ? { at: frames[0] } : {}) };
    groups.set(key, { ...group, count: group.count + 1 });
  }
  return { count, listed, groups: [...groups.values()].sort((a, b) => b.count - a.count).slice(0, MOST_GROUPS) };
}

/** Every task that asyncio knows, each once. */
function taskWords(view: StackView, tasksModule: number): Set<number> {
  const words = new Set<number>();
  const at = (name: string) => lookUp(view.snapshot, view.layout, tasksModule, name);
  for (const name of ['_all_tasks', '_scheduled_tasks', '_eager_tasks']) addFromSet(view, at(name), words);
  const { tasks } = view.layout.stacks;
  if (tasks.how === 'lists') {
    const { interpreter } = view;
    for (const { state } of interpreter.threads) addFromList(view, state, tasks.ofThread, tasks.node, words);
    for (const { state } of [interpreter, ...interpreter.others])
      addFromList(view, state, tasks.ofInterpreter, tasks.node, words);
  }
  return words;
}

/** The members of a set, or what a WeakSet (Lib/_weakrefset.py) refers to. */
function addFromSet(view: StackView, set: number, words: Set<number>): void {
  const { snapshot, layout, types } = view;
  const type = set < 0 ? undefined : types.typeOf(set);
  if (type === undefined) return;
  if (type.shape !== 'set') {
    const data = attributeWord(snapshot, layout, set, type, 'data');
    if (data >= 0 && types.typeOf(data)?.shape === 'set') addFromSet(view, data, words);
    return;
  }
  const table = snapshot.unsigned(set + COMMON.set.table / 8);
  const entries = snapshot.signed(set + COMMON.set.mask / 8) + 1;
  for (let entry = 0; entry < entries && words.size < MOST_TASKS; entry += 1) {
    // An entry is a pointer and a hash (Include/setobject.h).
    const place = snapshot.word(table + entry * 16);
    if (place < 0) return;
    const member = snapshot.follow(place);
    const memberType = types.typeOf(member);
    if (memberType === undefined) continue;
    words.add(memberType.shape === 'weakref' ? snapshot.follow(member + COMMON.weakref.target / 8) : member);
  }
}

/** Of a list (`struct llist_node`) each task has a node: {next, previous}. */
function addFromList(view: StackView, owner: number, head: number, node: number, words: Set<number>): void {
  const { snapshot } = view;
  const start = snapshot.address(owner) + head;
  let at = snapshot.word(start);
  for (let seen = 0; at >= 0 && seen < MOST_TASKS; seen += 1) {
    const next = snapshot.unsigned(at);
    if (next === start || next === 0) return;
    words.add(snapshot.word(next - node));
    at = snapshot.word(next);
  }
}

function readTask(view: StackView, word: number): AsyncTask | undefined {
  const type = view.types.typeOf(word);
  if (type === undefined) return undefined;
  const { coroutine, name } = fieldsOf(view, word, type);
  const chain = coroutine < 0 ? undefined : awaitChain(view, coroutine);
  if (chain === undefined) return undefined;
  const waitsFor = chain.waitsFor < 0 ? undefined : waitedFor(view, chain.waitsFor);
  return {
    name: nameOf(view, name),
    frames: [...chain.frames],
    ...(chain.more > 0 ? { moreFrames: chain.more } : {}),
    state: chain.state,
    ...(waitsFor === undefined ? {} : { waitsFor }),
  };
}

interface TaskFields {
  readonly coroutine: number;
  readonly name: number;
}

/** Of a task in Python its attributes; of one in C (Modules/_asynciomodule.c) the name follows the coroutine. */
function fieldsOf(view: StackView, word: number, type: TypeInfo): TaskFields {
  const { snapshot, layout, types } = view;
  if (!isTaskInC(type)) {
    const attribute = (name: string) => attributeWord(snapshot, layout, word, type, name);
    return { coroutine: attribute('_coro'), name: attribute('_name') };
  }
  const { tasks } = layout.stacks;
  if (tasks.how === 'lists')
    return { coroutine: snapshot.follow(word + tasks.coroutine / 8), name: snapshot.follow(word + tasks.name / 8) };
  const most = Math.min(MOST_WORDS, Math.floor(type.basicSize / 8)) - 1;
  for (let at = word + 2; at < word + most; at += 1) {
    const coroutine = snapshot.follow(at);
    if (coroutine >= 0 && types.typeOf(coroutine)?.shape === 'generator')
      return { coroutine, name: snapshot.follow(at + 1) };
  }
  return { coroutine: -1, name: -1 };
}

function isTaskInC(type: TypeInfo): boolean {
  for (let at: TypeInfo | undefined = type; at !== undefined; at = at.base)
    if (at.name === '_asyncio.Task') return true;
  return false;
}

/** From 3.12 on the name of a task is a number until somebody asks for it. */
function nameOf({ snapshot, layout, types }: StackView, name: number): string {
  if (name >= 0 && isStr(snapshot, name)) return readName(snapshot, layout, name) ?? 'Task';
  const number = intValue(snapshot, layout, types, name);
  return number === undefined ? 'Task' : `Task-${number}`;
}

/** A task by its name; anything else by its type. */
function waitedFor(view: StackView, word: number): string | undefined {
  const type = view.types.typeOf(word);
  if (type === undefined) return undefined;
  // FutureIter: what `await future` puts on the stack; the future is its first field.
  const future = type.name === '_asyncio.FutureIter' ? view.snapshot.follow(word + COMMON.object.size / 8) : word;
  const futureType = view.types.typeOf(future);
  if (futureType === undefined) return undefined;
  const { coroutine, name } = fieldsOf(view, future, futureType);
  return coroutine < 0 ? futureType.name : `task ${nameOf(view, name)}`;
}
