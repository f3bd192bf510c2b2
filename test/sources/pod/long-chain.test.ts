import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { processPort } from '../../../src/app.ts';
import type { ProcessPort } from '../../../src/core/ports.ts';
import { enterBy } from '../../../src/sources/pod/index.ts';
import { INTERPRETERS, PYTHON } from '../process/programs.ts';
import { childStream } from './child-stream.ts';

/** Blocks of a deque are the C library's, one to 64 items, with the items between them: each is found by the one before alone. */
const CHAIN = `
import collections, time
held = collections.deque()
for _ in range(8000): held.append(bytes(6000))
print('ready', flush=True)
time.sleep(1e6)
`;

async function lookAt(pid: number, processes: ProcessPort) {
  const session = await processes.openHeap(pid, { maxPauseMs: 10_000 });
  try {
    const { partial, types } = await session.first();
    return { partial, held: types.find(({ type }) => type === 'bytes')!.count };
  } finally {
    await session.close();
  }
}

test('a chain that is too long to be followed over a link is told to be read in part', async () => {
  const child = spawn(INTERPRETERS.at(-1)!.path, ['-c', CHAIN], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const { processes, close } = await enterBy(
    async ([, ...args]) => childStream([PYTHON, ...args], {}),
    { way: 'exec', container: 'app' },
    { workerUrl: new URL('../../../src/heap-worker.ts', import.meta.url) },
  );
  onTestFinished(close);
  const inside = await lookAt(child.pid!, processes);
  const here = await lookAt(child.pid!, processPort());
  expect(here.partial).toBeUndefined();
  expect(here.held).toBeGreaterThanOrEqual(8000);
  if (inside.held < here.held) expect(inside.partial).toMatch(/found too late to be read/);
  else expect(inside.partial).toBeUndefined();
}, 120_000);
