import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { processPort } from '../../../src/app.ts';
import type { ProcessPort } from '../../../src/core/ports.ts';
import type { HeapLook } from '../../../src/heap/answer.ts';
import { enterBy } from '../../../src/sources/pod/index.ts';
import { counted } from '../../counted.ts';
import { INTERPRETERS, PYTHON } from '../process/programs.ts';
import { childStream } from './child-stream.ts';

/** As a server with workers does: what the parent has read of programs and libraries, its child has not touched. */
const FORKS = `
import os, time
held = [bytes(1000) for _ in range(5000)]
def waits():
    kept = [bytes(10000) for _ in range(100)]
    time.sleep(1e6)
if os.fork() == 0:
    waits()
print('ready', flush=True)
time.sleep(1e6)
`;

async function startForking(python: string): Promise<number> {
  const child = spawn(python, ['-c', FORKS], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  onTestFinished(() => void process.kill(-child.pid!, 'SIGKILL'));
  await once(child.stdout, 'data');
  const { tree } = await processPort().tree(child.pid!);
  return tree.find(({ pid }) => pid !== child.pid)!.pid;
}

async function lookAt(pid: number, processes: ProcessPort) {
  const session = await processes.openHeap(pid, { maxPauseMs: 10_000 });
  try {
    const { threads } = await session.stacks();
    return { threads, heap: toldOf(await session.first()) };
  } finally {
    await session.close();
  }
}

const toldOf = ({ partial, objects, types, holders }: HeapLook) => ({
  partial,
  objects,
  types: types.map(({ type, count, bytes }) => `${type} ${count} ${bytes}`),
  holders: holders.map(({ name }) => name).slice(0, 2),
});

const READ_HERE = INTERPRETERS.filter(({ version }) => !/^(2|3\.[67])\./.test(version));

test.each(READ_HERE)(
  'a worker that was forked off is read like any process, on CPython $version',
  async ({ path, version }) => {
    const pid = await startForking(path);
    const { processes, close } = await enterBy(
      async ([, ...args]) => childStream([PYTHON, ...args], {}),
      { way: 'exec', container: 'app' },
      { workerUrl: new URL('../../../src/heap-worker.ts', import.meta.url) },
    );
    onTestFinished(close);
    // First: a look from here brings the pages in.
    const inside = await lookAt(pid, processes);
    expect(inside.threads.listed.map(({ frames }) => frames.map((frame) => frame.function))).toEqual([
      ['waits', '<module>'],
    ]);
    expect(inside.heap.holders.sort()).toEqual(['__main__.held', '__main__.waits.<locals>.kept']);
    expect(inside).toEqual(await lookAt(pid, processPort()));
    counted('heaps', `forked ${version} over a link`);
  },
  60_000,
);
