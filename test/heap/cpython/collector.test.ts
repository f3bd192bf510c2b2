import { expect, test } from 'vitest';
import { trackedBy } from '../../../src/heap/cpython/collector.ts';
import { findInterpreter } from '../../../src/heap/cpython/interpreter.ts';
import { layouts } from '../../../src/heap/cpython/layouts/index.ts';
import type { Snapshot } from '../../../src/heap/memory/snapshot.ts';
import { interpreters } from '../../python/programs.ts';
import { copyOf } from './copy-of.ts';

const WAITING = "print('ready', flush=True)\nimport sys\nsys.stdin.read()";

function trackedIn(snapshot: Snapshot, runtime: number) {
  const words: number[] = [];
  const interpreter = findInterpreter(snapshot, runtime, layouts);
  const broken = trackedBy(snapshot, interpreter, (word) => words.push(word));
  return { words, broken, collecting: interpreter.collecting };
}

const incremental = interpreters().filter(({ version }) => version.startsWith('3.14.'));

test.each(incremental)(
  'the flag that 3.14.0 to 3.14.4 keep in the pointer to the next object is no part of it (put into $version)',
  async ({ path }) => {
    const { snapshot, runtime } = await copyOf(path, WAITING);
    const before = trackedIn(snapshot, runtime);
    expect(before.words.length).toBeGreaterThan(3000);
    // The collector's head lies two words before the object, the pointer to the next one first.
    for (const word of before.words) snapshot.words[2 * (word - 2)]! |= 1;
    expect(trackedIn(snapshot, runtime)).toEqual(before);
    expect(before).toMatchObject({ broken: 0, collecting: false });
  },
);

test('a 3.14 is there to be tried', () => {
  expect(incremental).not.toEqual([]);
});
