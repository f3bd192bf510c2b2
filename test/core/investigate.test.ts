import { expect, test } from 'vitest';
import { investigate } from '../../src/core/investigate.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { type AnyStep, defineProcessStep, type ProcessContext } from '../../src/core/step.ts';
import { createWatch } from '../../src/core/watch.ts';
import { kubeSteps, processSteps } from '../../src/steps/index.ts';
import { heap, memoryLimit, memorySeries, processes } from './example.ts';

const context = (changes: Partial<ProcessContext> = {}): ProcessContext => ({
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
  defineProcessStep({ makes, title: makes, needs, rung: 'local', run: async () => value as never });
const first = giving('processes', [], processes);

test('a step is given what it needs, and nothing else', async () => {
  let got: unknown;
  const limit = defineProcessStep({
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
  const waits = defineProcessStep({
    makes: 'processes',
    title: 'waits for the next',
    needs: [],
    rung: 'local',
    run: async () => {
      await promise;
      return processes;
    },
  });
  const frees = defineProcessStep({
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
  const broken = defineProcessStep({
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
  const fails = defineProcessStep({
    makes: 'processes',
    title: 'fails',
    needs: [],
    rung: 'local',
    run: async () => {
      throw new ProblemError('absent', 'no process 41');
    },
  });
  const chain = processSteps.filter((step) => step.makes !== 'processes');
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
  const slow = defineProcessStep({
    makes: 'memory-limit',
    title: 'slow',
    needs: [],
    rung: 'local',
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return memoryLimit;
    },
  });
  const fails = defineProcessStep({
    makes: 'heap',
    title: 'fails',
    needs: [],
    rung: 'attach',
    run: () => Promise.reject(new Error('x')),
  });
  const order: string[] = [];
  const uses = defineProcessStep({
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

test('the context is closed and the watch is over when all steps have ended', async () => {
  const closed: string[] = [];
  const given = context({ close: async () => void closed.push('closed') });
  await investigate([first], given);
  expect(closed).toEqual(['closed']);
  expect(given.watch.over.aborted).toBe(true);
});

test('every real step is listed after what it needs and uses', () => {
  for (const steps of [processSteps, kubeSteps(['exec'], true)] as readonly (readonly AnyStep<never>[])[]) {
    const seen = new Set<string>();
    for (const step of steps) {
      for (const key of [...step.needs, ...(step.uses ?? [])])
        expect(seen, `${step.makes} needs ${key}`).toContain(key);
      seen.add(step.makes);
    }
  }
});

test('a step whose rights are refused runs where other rights do as well, and is refused where they do not', async () => {
  const rule = (resource: string) => ({ verb: 'list', group: '', resource });
  const step = (others: string) =>
    defineProcessStep({
      makes: 'processes',
      title: 'with rights',
      needs: [],
      rung: 'local',
      rights: () => [rule('refused')],
      alternatives: () => [[rule('refused too')], [rule(others)]],
      run: async () => processes,
    });
  const forbidden: ProcessContext['forbidden'] = async ([first]) =>
    first!.resource.startsWith('refused') ? new ProblemError('denied', first!.resource) : undefined;
  const allowed = await investigate([step('granted')], context({ forbidden }));
  const denied = await investigate([step('refused as well')], context({ forbidden }));
  expect(allowed.outcomes.processes).toMatchObject({ ok: true });
  expect(denied.outcomes.processes).toMatchObject({ ok: false, problem: { code: 'denied', message: 'refused' } });
});
