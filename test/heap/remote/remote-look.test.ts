import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { takeLook } from '../../../src/heap/look.ts';
import type { Look } from '../../../src/heap/look-parts.ts';
import { census, describeLook } from '../../../src/heap/rank.ts';
import { liveTarget } from '../../../src/sources/process/live-target.ts';
import { type Interpreter, interpreters } from '../../python/programs.ts';
import { temporaryFolder } from '../../temporary.ts';
import { differences, saidObjects } from '../exact/random-heap.ts';
import { atOnce } from '../recorded.ts';
import { alreadyStands, type LinkUse, remoteOf } from './near-memory.ts';

/** Starts Python code that says a line and then waits for its input: it stands as still as a stopped one. */
async function waiting({ path }: Interpreter, argv: readonly string[]): Promise<number> {
  const child = spawn(path, ['-B', ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  while (!/^State:\tS/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8'))) await new Promise(setImmediate);
  return child.pid!;
}

const running = (code: string) => ['-c', `${code}\nprint('ready', flush=True)\ninput()`];

/** All that a look tells of objects. Types with as many bytes stand in the order of their addresses in the copy. */
function told(look: Look) {
  const { atUnixSeconds: _, pauseMs: __, copiedBytes: ___, memory: ____, types: _____, ...rest } = describeLook(look);
  const { graph, words } = look.view.walked;
  const addresses = Float64Array.from(words.subarray(0, graph.count), (word) =>
    look.view.snapshot.address(word),
  ).sort();
  return { ...rest, types: census(look.view).sort((a, b) => (a.type < b.type ? -1 : 1)), addresses };
}

function bothLooks(pid: number): { here: Look; there: Look; use: LinkUse } {
  const use = { trips: 0, bytes: 0, stops: 0 };
  const target = liveTarget(pid);
  return {
    here: takeLook(target, atOnce, 10_000),
    there: takeLook(remoteOf(target, alreadyStands, use), atOnce, 10_000),
    use,
  };
}

const LARGE = `
import array, collections, decimal, json, re, threading
rows = [{'id': i, 'name': str(i) * 3, 'tags': [i, str(i)]} for i in range(20_000)]
table = {i: (i, str(i)) for i in range(100_000)}
names = set(map(str, range(50_000)))
queue = collections.deque(range(50_000))
buffers = [bytearray(b'x' * 1_500_000) for _ in range(20)]
texts = [('text %d ' % i) * 20_000 for i in range(20)]
numbers = array.array('d', [1.5]) * 500_000
`;

describe.each(interpreters())('on $version', (interpreter) => {
  test('a random heap that is read over a link is as it is from inside, and as it is read here', async () => {
    const said = join(temporaryFolder(), 'said');
    const pid = await waiting(interpreter, [join(import.meta.dirname, '../exact/random_heap.py'), '7', '600', said]);
    const { here, there } = bothLooks(pid);
    expect(there.partial).toBeUndefined();
    expect(differences(there.view, saidObjects(said))).toEqual([]);
    expect(told(there)).toEqual(told(here));
  });

  test('of a heap with large tables and buffers the buffers stay where they are, and all else is read', async () => {
    const pid = await waiting(interpreter, running(LARGE));
    const { here, there, use } = bothLooks(pid);
    expect(there.partial).toBeUndefined();
    expect(told(there)).toEqual(told(here));
    // The payload of buffers and texts is 37 MB.
    expect(there.copiedBytes).toBeLessThan(here.copiedBytes - 30_000_000);
    expect(there.view.snapshot.withheldBytes).toBeGreaterThan(30_000_000);
    // A second stop makes it whole where a chain of blocks lies so badly that it is found late.
    expect(use.stops).toBeLessThanOrEqual(2);
  });
});
