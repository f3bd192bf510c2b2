import { readName } from '../cpython/strings.ts';
import { attributeValue } from './attributes.ts';
import { type HeapView, typeOfId, wordOfId } from './heap-view.ts';

/** Words of a C task that are looked at for its coroutine and name. */
const MOST_WORDS = 64;

/** Whether an object is an asyncio task: the one written in C, or the one in Python. */
export const isTask = (view: HeapView, id: number): boolean =>
  /^(_asyncio|asyncio\.tasks)\.Task$|^Task$/.test(typeOfId(view, id).name);

/** A coroutine or an asynchronous generator: what awaits, and is awaited. */
export const isCoroutine = (view: HeapView, id: number): boolean =>
  /^(coroutine|async_generator)$/.test(typeOfId(view, id).name);

/**
 * The name of a task. In Modules/_asynciomodule.c it follows the coroutine; since 3.12 it is a number until somebody asks for
 * the name that it stands for.
 */
export function taskName(view: HeapView, id: number): string {
  const { snapshot, interpreter, walked } = view;
  const own = readName(snapshot, interpreter.layout, attributeValue(view, id, '_name'));
  if (own !== undefined) return own;
  const word = wordOfId(view, id);
  const words = snapshot.run(word, Math.min(MOST_WORDS, Math.floor(typeOfId(view, id).basicSize / 8)));
  for (let at = word + 2; at < word + words - 1; at += 1) {
    const coroutine = snapshot.follow(at);
    if (coroutine < 0 || walked.types.typeOf(coroutine)?.shape !== 'generator') continue;
    const name = snapshot.follow(at + 1);
    const type = name < 0 ? undefined : walked.types.typeOf(name);
    if (type?.shape === 'str') return readName(snapshot, interpreter.layout, name) ?? 'Task';
    if (type?.shape === 'int') return `Task-${snapshot.int32(name, 24)}`;
  }
  return 'Task';
}
