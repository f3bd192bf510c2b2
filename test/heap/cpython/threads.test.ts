import { expect, test } from 'vitest';
import { findInterpreter } from '../../../src/heap/cpython/interpreter.ts';
import { layouts } from '../../../src/heap/cpython/layouts/index.ts';
import { counted } from '../../counted.ts';
import { INTERPRETERS } from '../../sources/process/programs.ts';
import { copyOf } from './copy-of.ts';

const THREADS = 20;
const DEPTH = 30;
const DEEP_THREADS = `
import sys, threading, time
standing, go_on = [], threading.Event()
def deeper(left):
    if left: return deeper(left - 1)
    standing.append(1)
    go_on.wait()
for _ in range(${THREADS}): threading.Thread(target=deeper, args=(${DEPTH},), daemon=True).start()
while len(standing) < ${THREADS}: time.sleep(0.01)
time.sleep(0.1)
print('ready', flush=True)
sys.stdin.read()`;

const READ = INTERPRETERS.filter(({ version }) => /^3\.([89]|1[0-3])\./.test(version));

test.each(READ)(
  'threads that damage has joined to one chain of frames have it read once, on CPython $version',
  async ({ path, version }) => {
    const { snapshot, runtime } = await copyOf(path, DEEP_THREADS);
    const { threads, layout } = findInterpreter(snapshot, runtime, layouts);
    const deep = threads.filter(({ frames }) => frames.length > DEPTH);
    expect(deep).toHaveLength(THREADS);
    const back = layout.frame.how === 'object' ? layout.frame.back : layout.frame.previous;
    const [first] = deep;
    const onto = snapshot.address(first!.frames[0]!);
    for (const { frames } of deep.slice(1)) {
      snapshot.words.set([onto % 2 ** 32, Math.floor(onto / 2 ** 32)], 2 * (frames[0]! + back / 8));
    }
    const joined = findInterpreter(snapshot, runtime, layouts).threads.map(({ frames }) => frames);
    const all = joined.flat();
    expect(new Set(all).size).toBe(all.length);
    // Of all but the one that is read first, nothing but their innermost frame is their own.
    const innermost = new Set(deep.map(({ frames }) => frames[0]));
    const alone = joined.filter((frames) => innermost.has(frames[0]) && frames.length === 1);
    expect(alone).toHaveLength(THREADS - 1);
    counted('interpreters', version);
  },
);
