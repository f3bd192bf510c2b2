import { artifactSchemas, type Key } from './artifacts.ts';
import { type Outcome, problemOf } from './problem.ts';
import type { AnyStep, Gathered, StepContext } from './step.ts';

type Attempts = ReadonlyMap<Key, Promise<Outcome<unknown>>>;
type Failed = Extract<Outcome<unknown>, { ok: false }>;

/**
 * Runs every step as soon as what it needs is there, side by side. A step that fails leaves a Problem, never an
 * exception. Steps are listed after what they need, so that none can wait for itself.
 */
export async function investigate(steps: readonly AnyStep[], context: StepContext): Promise<Gathered> {
  const attempts = new Map<Key, Promise<Outcome<unknown>>>();
  for (const step of steps) attempts.set(step.makes, attempt(step, new Map(attempts), context));
  try {
    const outcomes: Record<string, unknown> = {};
    for (const [key, outcome] of attempts) outcomes[key] = await outcome;
    return { outcomes, steps: steps.map((step) => told(step, outcomes[step.makes] as Outcome<unknown>)) };
  } finally {
    context.watch.end('time-up');
    await context.heap.session?.close().catch((thrown) => context.note(problemOf(thrown).message));
  }
}

async function attempt(step: AnyStep, earlier: Attempts, context: StepContext): Promise<Outcome<unknown>> {
  const found = await Promise.all([...step.needs, ...(step.uses ?? [])].map((key: Key) => outcomeOf(key, earlier)));
  const missing = found.find(({ key, outcome }) => !outcome.ok && step.needs.includes(key));
  if (missing) return lacking(missing.key, missing.outcome as Failed);
  const got = Object.fromEntries(found.flatMap(({ key, outcome }) => (outcome.ok ? [[key, outcome.value]] : [])));
  return await runStep(step, context, got);
}

async function outcomeOf(key: Key, earlier: Attempts): Promise<{ key: Key; outcome: Outcome<unknown> }> {
  const outcome = await earlier.get(key);
  return {
    key,
    outcome: outcome ?? { ok: false, ms: 0, problem: { code: 'absent', message: `nothing gathers ${key}` } },
  };
}

/** What a step is left with when something that it needs could not be had: the first cause, named once. */
function lacking(key: Key, failed: Failed): Failed {
  return { ok: false, ms: 0, problem: failed.problem, root: failed.root ?? key };
}

async function runStep(step: AnyStep, context: StepContext, got: object): Promise<Outcome<unknown>> {
  context.note(`${step.title} …`);
  const started = performance.now();
  // Whole milliseconds, so that a saved case gives the identical report.
  const ms = () => Math.round(performance.now() - started);
  try {
    const value = admit(step.makes, await step.run(context, got as never));
    const outcome: Outcome<unknown> = { ok: true, value, ms: ms() };
    context.note(`${step.title}: ${step.summary?.(value as never) ?? 'done'} (${(outcome.ms / 1000).toFixed(1)} s)`);
    return outcome;
  } catch (thrown) {
    const problem = problemOf(thrown);
    context.note(`${step.title}: ${problem.message}`);
    return { ok: false, problem, ms: ms() };
  }
}

/**
 * An artifact as it will be read back from a saved case: what JSON cannot hold or the schema does not know never gets
 * to a detector, so that the live run and `whyoom open` judge the same data.
 */
function admit(key: Key, value: unknown): unknown {
  const checked = artifactSchemas[key].safeParse(JSON.parse(JSON.stringify(value)));
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new Error(`${key} does not fit its schema: ${issue?.path.join('.')}: ${issue?.message}`);
}

function told(step: AnyStep, outcome: Outcome<unknown>): Gathered['steps'][number] {
  const note = outcome.ok ? step.summary?.(outcome.value as never) : outcome.root && `needs ${outcome.root}`;
  return { key: step.makes, rung: step.rung, ...(note ? { note } : {}) };
}
