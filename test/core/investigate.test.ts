import { expect, test } from 'vitest';
import { investigate } from '../../src/core/investigate.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { type AnyStep, defineStep, type StepContext } from '../../src/core/step.ts';
import { createWatch } from '../../src/core/watch.ts';
import { steps as realSteps } from '../../src/steps/index.ts';
import { heap, memoryLimit, memorySeries, processes } from './example.ts';

const context = (changes: Partial<StepContext> = {}): StepContext => ({
  pid: 41,
  processes: undefined as never,
  heap: {},
  options: { watchMs: 1000, maxPauseMs: 1000 },
  watch: createWatch(60_000, new AbortController().signal),
  interrupted: new AbortController().signal,
  note: () => {},
  ...changes,
});

const giving = (makes: 'processes' | 'memory-limit' | 'memory-series' | 'heap', needs: never[], value: unknown) =>
  defineStep({ makes, title: makes, needs, rung: 'local', run: async () => value as never });
const first = giving('processes', [], processes);

test('a step is given what it needs, and nothing else', async () => {
  let got: unknown;
  const limit = defineStep({
    makes: 'memory-limit',
    title: 'limit',
    needs: ['processes'],
    rung: 'local',
    run: async (_, given) => {
      got = given;
      return memoryLimit;
    },
  });
  const gathered = await investigate([first, giving('heap', [], heap), limit], context());
  expect(got).toEqual({ processes });
  expect(gathered.outcomes['memory-limit']).toMatchObject({ ok: true, value: memoryLimit });
});

test('steps that need nothing of each other run side by side', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits = defineStep({
    makes: 'processes',
    title: 'waits for the next',
    needs: [],
    rung: 'local',
    run: async () => {
      await promise;
      return processes;
    },
  });
  const frees = defineStep({
    makes: 'heap',
    title: 'frees',
    needs: [],
    rung: 'local',
    run: async () => {
      resolve();
      return heap;
    },
  });
  const gathered = await investigate([waits, frees], context());
  expect(Object.values(gathered.outcomes).map((outcome) => outcome.ok)).toEqual([true, true]);
});

test('a step that throws leaves its problem, and the others go on', async () => {
  const broken = defineStep({
    makes: 'heap',
    title: 'heap',
    needs: ['processes'],
    rung: 'attach',
    run: async () => {
      throw new ProblemError('denied', 'no right to read 41', 'sudo');
    },
  });
  const { outcomes } = await investigate([first, broken], context());
  expect(outcomes.heap).toMatchObject({
    ok: false,
    problem: { code: 'denied', message: 'no right to read 41', hint: 'sudo' },
  });
  expect(outcomes.processes?.ok).toBe(true);
});

test('what lacks a failed need names the first cause, however long the chain', async () => {
  const fails = defineStep({
    makes: 'processes',
    title: 'fails',
    needs: [],
    rung: 'local',
    run: async () => {
      throw new ProblemError('absent', 'no process 41');
    },
  });
  const chain = realSteps.filter((step) => step.makes !== 'processes');
  const { outcomes, steps } = await investigate([fails, ...chain], context());
  for (const key of ['memory-limit', 'memory-series', 'heap', 'heap-growth', 'source'] as const) {
    expect(outcomes[key]).toEqual({
      ok: false,
      ms: 0,
      root: 'processes',
      problem: { code: 'absent', message: 'no process 41' },
    });
  }
  expect(steps.at(-1)).toEqual({ key: 'source', rung: 'local', note: 'needs processes' });
});

test('a step waits for what it uses, and runs without it when that fails', async () => {
  const slow = defineStep({
    makes: 'memory-limit',
    title: 'slow',
    needs: [],
    rung: 'local',
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return memoryLimit;
    },
  });
  const fails = defineStep({
    makes: 'heap',
    title: 'fails',
    needs: [],
    rung: 'attach',
    run: () => Promise.reject(new Error('x')),
  });
  const order: string[] = [];
  const uses = defineStep({
    makes: 'memory-series',
    title: 'series',
    needs: ['processes'],
    uses: ['memory-limit', 'heap'],
    rung: 'local',
    prepare: async (_, got) => {
      order.push(`prepare: ${Object.keys(got)}`);
      return 'ahead';
    },
    run: async (_, got, prepared) => {
      order.push(`run with ${prepared}: ${Object.keys(got)}`);
      return memorySeries;
    },
  });
  await investigate([first, slow, fails, uses], context());
  expect(order).toEqual(['prepare: processes', 'run with ahead: processes,memory-limit']);
});

test('an artifact that does not fit its schema is a problem, not an artifact', async () => {
  const { outcomes } = await investigate([giving('heap', [], { ...heap, pauseMs: Number.NaN })], context());
  expect(outcomes.heap).toMatchObject({ ok: false, problem: { code: 'broken' } });
});

test('the heap session is closed and the watch is over when all steps have ended', async () => {
  const closed: string[] = [];
  const session = { close: async () => void closed.push('closed') } as never;
  const given = context({ heap: { session } });
  await investigate([first], given);
  expect(closed).toEqual(['closed']);
  expect(given.watch.over.aborted).toBe(true);
});

test('every real step is listed after what it needs and uses', () => {
  const seen = new Set<string>();
  for (const step of realSteps as readonly AnyStep[]) {
    for (const key of [...step.needs, ...(step.uses ?? [])]) expect(seen, `${step.makes} needs ${key}`).toContain(key);
    seen.add(step.makes);
  }
});
