import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { takeLook } from '../../src/heap/look.ts';
import { counted } from '../counted.ts';
import { type Interpreter, interpreters } from '../python/programs.ts';
import { withPackages } from '../python/venv.ts';
import { temporaryFolder } from '../temporary.ts';
import { differences, saidObjects } from './exact/random-heap.ts';
import { atOnce, readerOf, record, targetOf } from './recorded.ts';

const program = join(import.meta.dirname, 'exact', 'random_heap.py');
/** Heaps a version; WHYOOM_HEAPS asks for more. */
const HEAPS = Number(process.env.WHYOOM_HEAPS ?? 6);

/** Lets an interpreter build the heap of a seed, and gives what the program and whyoom say of it, until `body` is done. */
async function withHeap<T>(
  { path }: Interpreter,
  seed: number,
  steps: number,
  packages: readonly string[],
  body: (pid: number, said: string) => T,
): Promise<T> {
  const said = join(temporaryFolder(), 'said');
  const child = spawn(path, ['-B', program, String(seed), String(steps), said, ...packages], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // The order of sets is that of a seed too.
    env: { ...process.env, PYTHONHASHSEED: String(seed) },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  try {
    const [ready] = await Promise.race([once(child.stdout, 'data'), ended]);
    if (!Buffer.isBuffer(ready)) throw new Error(`random_heap.py ${seed} ${steps} ended: ${ready}`);
    // It waits for its input: one sleep in a system call is as good as any stop.
    while (!/^State:\tS/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8'))) await new Promise(setImmediate);
    return body(child.pid!, said);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function expectSame(interpreter: Interpreter, seed: number, steps: number, packages: readonly string[]) {
  await withHeap(interpreter, seed, steps, packages, (pid, said) => {
    const reader = readerOf(record(pid));
    const { view, partial } = takeLook(
      targetOf(() => reader),
      atOnce,
      1000,
    );
    const objects = saidObjects(said);
    expect(partial).toBeUndefined();
    expect(objects.length).toBeGreaterThan(steps);
    expect(differences(view, objects)).toEqual([]);
  });
}

const heaps = fc.record({ seed: fc.nat(2 ** 31), steps: fc.constantFrom(30, 300, 1000) });
const printed = { numRuns: HEAPS, endOnFailure: true, verbose: 1 } as const;

describe.each(interpreters())('on $version', (interpreter) => {
  test('a random heap is read as it is from inside: objects, types, references and sizes', async () => {
    await fc.assert(
      fc.asyncProperty(heaps, async ({ seed, steps }) => {
        await expectSame(interpreter, seed, steps, []);
        counted('heaps', `${interpreter.version} ${seed} ${steps}`);
      }),
      printed,
    );
  });
});

/** Versions on which the same is tried with numpy, each with one that is made for it. */
const NUMPY = { 9: '2.0.2', 13: '2.3.4' } as const;

test.each(Object.entries(NUMPY))(
  'arrays of objects are read as they are from inside, on 3.%s with numpy %s',
  { timeout: 600_000 },
  async (minor, numpy) => {
    const found = interpreters().find(({ version }) => version.startsWith(`3.${minor}.`));
    const interpreter = found && withPackages(found, [`numpy==${numpy}`]);
    if (interpreter === undefined) return;
    await fc.assert(
      fc.asyncProperty(heaps, async ({ seed, steps }) => {
        await expectSame(interpreter, seed, steps, ['numpy']);
        counted('heaps', `${interpreter.version} numpy ${seed} ${steps}`);
      }),
      printed,
    );
  },
);
