import { artifactSchemas, type Key } from './artifacts.ts';
import { jsonCopy } from './json-copy.ts';
import { type Outcome, problemOf } from './problem.ts';
import type { AnyStep, Gathered, StepContext } from './step.ts';

type Attempts = ReadonlyMap<Key, Promise<Outcome<unknown>>>;
type Failed = Extract<Outcome<unknown>, { ok: false }>;

/**
 * Runs every step as soon as what it needs is there, side by side. A step that fails leaves a Problem, never an
 * exception. Steps are listed after what they need, so that none can wait for itself.
 */
export async function investigate<C extends StepContext>(steps: readonly AnyStep<C>[], context: C): Promise<Gathered> {
  const attempts = new Map<Key, Promise<Outcome<unknown>>>();
  for (const step of steps) attempts.set(step.makes, attempt(step, new Map(attempts), context));
  try {
    const outcomes: Record<string, unknown> = {};
    for (const [key, outcome] of attempts) outcomes[key] = await outcome;
    return { outcomes, steps: steps.map((step) => told(step, outcomes[step.makes] as Outcome<unknown>)) };
  } finally {
    context.watch.end('time-up');
    await context.close?.().catch((thrown) => context.note(problemOf(thrown).message));
  }
}

async function attempt<C extends StepContext>(
  step: AnyStep<C>,
  earlier: Attempts,
  context: C,
): Promise<Outcome<unknown>> {
  const needs = await outcomesOf(step.needs, earlier);
  const missing = needs.find(({ outcome }) => !outcome.ok);
  if (missing) return lacking(missing.key, missing.outcome as Failed);
  context.note(`${step.title} …`);
  const clock = stopwatch();
  try {
    await throwIfForbidden(step, context, gotFrom(needs));
    const prepared = await clock.run(async () => await step.prepare?.(context, gotFrom(needs) as never));
    const got = gotFrom([...needs, ...(await outcomesOf(step.uses ?? [], earlier))]);
    const value = admit(step.makes, await clock.run(() => step.run(context, got as never, prepared)));
    context.note(`${step.title}: ${step.summary?.(value as never) ?? 'done'} (${(clock.ms() / 1000).toFixed(1)} s)`);
    return { ok: true, value, ms: clock.ms() };
  } catch (thrown) {
    const problem = problemOf(thrown);
    context.note(`${step.title}: ${problem.message}`);
    return { ok: false, problem, ms: clock.ms() };
  }
}

/** A step that the target's side would not allow is not tried. */
async function throwIfForbidden<C extends StepContext>(step: AnyStep<C>, context: C, got: Record<string, unknown>) {
  const rules = step.rights?.(context, got as never) ?? [];
  const forbidden = rules.length > 0 ? await context.forbidden?.(rules) : undefined;
  if (!forbidden) return;
  for (const others of step.alternatives?.(context, got as never) ?? []) {
    if (!(await context.forbidden?.(others))) return;
  }
  throw forbidden;
}

type Found = { key: Key; outcome: Outcome<unknown> };

const outcomesOf = (keys: readonly Key[], earlier: Attempts): Promise<Found[]> =>
  Promise.all(keys.map(async (key) => ({ key, outcome: (await earlier.get(key)) ?? notGathered(key) })));

const notGathered = (key: Key): Failed => ({
  ok: false,
  ms: 0,
  problem: { code: 'absent', message: `nothing gathers ${key}` },
});

const gotFrom = (found: readonly Found[]): Record<string, unknown> =>
  Object.fromEntries(found.flatMap(({ key, outcome }) => (outcome.ok ? [[key, outcome.value]] : [])));

/** What a step is left with when something that it needs could not be had: the first cause, named once. */
function lacking(key: Key, failed: Failed): Failed {
  return { ok: false, ms: 0, problem: failed.problem, root: failed.root ?? key };
}

/** Adds up the time that work took, without the waiting between. */
function stopwatch(): { run<T>(work: () => Promise<T>): Promise<T>; ms(): number } {
  let total = 0;
  return {
    async run(work) {
      const started = performance.now();
      try {
        return await work();
      } finally {
        total += performance.now() - started;
      }
    },
    // Whole milliseconds, so that a saved case gives the identical report.
    ms: () => Math.round(total),
  };
}

/**
 * An artifact as it will be read back from a saved case: what JSON cannot hold or the schema does not know never gets
 * to a detector, so that the live run and `whyoom open` judge the same data.
 */
function admit(key: Key, value: unknown): unknown {
  const checked = artifactSchemas[key].safeParse(jsonCopy(value));
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new Error(`${key} does not fit its schema: ${issue?.path.join('.')}: ${issue?.message}`);
}

function told(step: AnyStep<never>, outcome: Outcome<unknown>): Gathered['steps'][number] {
  const note = outcome.ok ? step.summary?.(outcome.value as never) : outcome.root && `needs ${outcome.root}`;
  return { key: step.makes, rung: step.rung, ...(note ? { note } : {}) };
}
