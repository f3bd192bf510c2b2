import { dictEntries, lookUp } from '../cpython/dicts.ts';
import { intValue } from '../cpython/ints.ts';
import { readName } from '../cpython/strings.ts';
import { attributeValue } from './attributes.ts';
import type { HeapView } from './heap-view.ts';

/** No program has more threads that it gave names. */
const MOST_THREADS = 10_000;
/** A thread's state begins with pointers, flags and numbers; its identifier is among the first of them. */
const STATE_WORDS = 48;

/**
 * The names of threads by their place among the interpreter's: what `threading.Thread.name` says. `threading._active` has
 * them by the identifier that the thread's state has too (PyThreadState.thread_id). Without the module there is none.
 */
export function threadNames(view: HeapView): ReadonlyMap<number, string> {
  const names = namesByIdentifier(view);
  const { snapshot, interpreter } = view;
  const found = new Map<number, string>();
  if (names.size === 0) return found;
  interpreter.threads.forEach(({ state }, index) => {
    const words = snapshot.run(state, Math.min(STATE_WORDS, Math.floor(interpreter.layout.thread.size / 8)));
    for (let at = state; at < state + words; at += 1) {
      const name = names.get(snapshot.unsigned(at));
      if (name === undefined) continue;
      found.set(index, name);
      return;
    }
  });
  return found;
}

function namesByIdentifier(view: HeapView): Map<number, string> {
  const { snapshot, interpreter } = view;
  const { layout } = interpreter;
  const names = new Map<number, string>();
  for (const [id, module] of view.modules) {
    if (module.name !== 'threading') continue;
    const active = lookUp(snapshot, layout, view.walked.words[id]!, '_active');
    if (active < 0 || view.walked.types.typeOf(active)?.shape !== 'dict') continue;
    for (const { key, value } of dictEntries(snapshot, layout, active)) {
      const identifier = intValue(snapshot, layout, view.walked.types, key);
      const thread = view.walked.idOf(value);
      const name = thread < 0 ? undefined : readName(snapshot, layout, attributeValue(view, thread, '_name'));
      if (identifier !== undefined && name !== undefined) names.set(identifier, name);
      if (names.size >= MOST_THREADS) return names;
    }
  }
  return names;
}
