import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Namer } from '../../src/heap/holders/names.ts';
import { pathTo } from '../../src/heap/holders/path.ts';
import { takeLook } from '../../src/heap/look.ts';
import { recordOf } from '../../src/heap/query/live-record.ts';
import { pathsTo } from '../../src/heap/query/paths.ts';
import { interpreters } from '../python/programs.ts';
import { endPrograms, start } from '../sources/process/programs.ts';
import { atOnce, readerOf, record, targetOf } from './recorded.ts';

afterEach(endPrograms);

/** `made(x)` remembers where x lies; `stand()` says so, and waits. */
const SAY = `
import sys, time
ADDRESS = []
def made(one):
    ADDRESS.append(id(one))
    return one
def stand():
    print(ADDRESS[-1], flush=True)
    time.sleep(1000)
`;

/** A look at a program that has said the address of an object. */
async function lookAt(python: string, body: string) {
  const { pid, ready } = await start(python, ['-S', '-E', '-c', `${SAY}${body}`]);
  process.kill(pid, 'SIGSTOP');
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  const reader = readerOf(record(pid));
  const target = targetOf(() => reader);
  return { ready, look: takeLook(target, atOnce, 1000) };
}

/** What the paths to a type read like. */
async function pathsIn(python: string, body: string, type: string): Promise<{ text: string[] }> {
  const { look } = await lookAt(python, body);
  return { text: pathsTo(recordOf(look), type, 100).paths.map(({ text }) => text) };
}

/** How whyoom calls the object whose address a program has said, and the path to it. */
async function namedIn(python: string, body: string): Promise<{ name: string; kind: string; path: string[] }> {
  const { ready, look } = await lookAt(python, body);
  const { view } = look;
  const id = view.walked.idOf(view.snapshot.word(Number(ready)));
  const name = new Namer(view).nameOf(id);
  return { name: name.name, kind: name.kind, path: pathTo(view, name).map((step) => `${step.kind} ${step.name}`) };
}

describe.each(interpreters())('on $version', ({ path }) => {
  test('a task, and what it awaits, are the path to a coroutine’s local', async () => {
    const named = await namedIn(
      path,
      `
import asyncio
async def inner():
    rows = made([1])
    await asyncio.sleep(1000)
    return rows
async def outer():
    return await inner()
async def main():
    task = asyncio.ensure_future(outer())
    task.set_name('reader')
    del task
    await asyncio.sleep(0.01)
    stand()
asyncio.run(main())
`,
    );
    expect(named).toEqual({
      name: '__main__.inner.<locals>.rows',
      kind: 'local',
      path: ['task reader', 'frame outer', 'await inner', 'local rows'],
    });
  });

  test('what only a thread’s value stack holds goes by the name of the thread', async () => {
    const named = await namedIn(
      path,
      `
import threading
threading.Thread(target=lambda: (made([1]), stand()), name='collector', daemon=True).start()
time.sleep(1000)
`,
    );
    expect(named).toMatchObject({ name: '<thread collector>', kind: 'thread-local' });
  });

  test('a sub-interpreter’s variable is named with the interpreter that it lives in', async () => {
    const named = await namedIn(
      path,
      `
try:
    import _interpreters
except ImportError:
    import _xxsubinterpreters as _interpreters
import os
reading, writing = os.pipe()
ID = _interpreters.create()
_interpreters.run_string(ID, """
import os
KEPT = [[1], [2]]
os.write(%d, str(id(KEPT)).encode())
""" % writing)
ADDRESS.append(int(os.read(reading, 100)))
stand()
`,
    );
    expect(named).toEqual({
      name: '__main__.KEPT',
      kind: 'module-variable',
      path: ['interpreter 1', 'module __main__', 'variable KEPT'],
    });
  });

  test('what piles up in a class’s subclasses, or in the registry of an abstract one, is the class’s', async () => {
    const classes = `
import abc, gc, weakref
class Base(abc.ABC): pass
CLASSES = [type('Made', (), {}), type('Made', (Base,), {})]
Base.register(CLASSES[0])
`;
    const registered = await namedIn(
      path,
      `${classes}
WANTED = weakref.ref(CLASSES[0])
made([each for each in gc.get_objects() if type(each) is set and WANTED in each][0])
stand()
`,
    );
    expect(registered.name).toMatch(/\.(Base|Made)\._abc_(registry|cache|negative_cache)$/);
    const subclasses = await namedIn(
      path,
      `${classes}
WANTED = weakref.ref(CLASSES[1])
made([each for each in gc.get_objects() if type(each) is dict and each.get(id(CLASSES[1])) == WANTED][0])
stand()
`,
    );
    expect(subclasses.name).toBe('__main__.Base.__subclasses__');
  });

  test('a reference that was found by scanning is marked in the path, one that is declared is not', async () => {
    const scanned = await namedIn(path, 'ROWS = iter(made([1]))\nstand()');
    expect(scanned).toMatchObject({ name: '__main__.ROWS<list_iterator>' });
    expect(scanned.path).toEqual(['module __main__', 'variable ROWS', 'field ~list_iterator']);
    const declared = await namedIn(
      path,
      `
import functools
class Rows(list):
    __call__ = list.append
JOB = functools.partial(made(Rows()))
stand()
`,
    );
    expect(declared.path.at(-1)).toMatch(/^(field functools\.partial|attribute func)$/);
  });

  test('a key that was put into a namespace at run time is data, what setattr set is a name', async () => {
    const made = `
class Bag: pass
BAG = Bag()
KEY = ''.join(['alice_', 'smith_', str(7)])
`;
    const put = await namedIn(path, `${made}BAG.__dict__[KEY] = made([1])\nstand()`);
    expect(put).toMatchObject({
      name: '__main__.Bag.[str]',
      path: ['module __main__', 'variable BAG', 'attribute [str]'],
    });
    const global = await namedIn(path, `${made}globals()[KEY] = made([1])\nstand()`);
    expect(global).toMatchObject({ name: '__main__.[str]', path: ['module __main__', 'variable [str]'] });
    const set = await namedIn(path, `${made}setattr(BAG, KEY, made([1]))\nstand()`);
    expect(set).toMatchObject({ name: '__main__.Bag.alice_smith_7' });
    const inClass = await namedIn(path, `${made}Bag.rows = made([1])\nstand()`);
    expect(inClass).toMatchObject({ name: '__main__.Bag.rows' });
  });

  test('the paths of --path-to, which are saved too, have no key that was put in at run time', async () => {
    const { text } = await pathsIn(
      path,
      `
class Bag: pass
class Row: pass
BAG = Bag()
for i in range(40): BAG.__dict__[''.join(['alice_', 'smith_', str(i)])] = Row()
for i in range(40): globals()[''.join(['bob_', 'jones_', str(i)])] = Row()
made(Row())
stand()
`,
      'Row',
    );
    expect(text).toEqual(expect.arrayContaining(['__main__.BAG.[str]', '__main__.[str]']));
    expect(text.join()).not.toMatch(/alice|bob/);
  });
});

test('there is no object at an address where none was found', async () => {
  const { ready, look } = await lookAt(interpreters()[0]!.path, 'ROWS = made([1])\nstand()');
  const record = recordOf(look);
  const address = Number(ready);
  expect(record.addressOf(record.idAt(address))).toBe(address);
  expect(record.idAt(address + 8)).toBe(-1);
  // A word that was walked, and is neither a node nor a leaf of the graph.
  const walked = Object.create(look.view.walked, { has: { value: () => true }, idOf: { value: () => -1 } });
  const odd = recordOf({ ...look, view: { ...look.view, walked } });
  expect(odd.idAt(address + 8)).toBe(-1);
});
