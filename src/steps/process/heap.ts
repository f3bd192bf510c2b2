import type { Artifacts, ProcessInfo } from '../../core/artifacts.ts';
import { ProblemError } from '../../core/problem.ts';
import { defineProcessStep, type ProcessContext } from '../../core/step.ts';
import { chosenPython } from './processes.ts';

/** Before this age an interpreter is still importing: what it looks like then says little about what grows. */
const GROWN_UP_SECONDS = 2;
/** Up to this age a look that fails may only have come before the interpreter was ready. */
const RETRY_SECONDS = 5;
const AGAIN_MS = 300;

/** The first look at the heap: what is big already, and what to watch. */
export const heap = defineProcessStep({
  makes: 'heap',
  title: 'Reading the heap',
  needs: ['processes'],
  rung: 'attach',
  async run(context, { processes }) {
    const python = chosenPython(processes);
    if (context.options.maxPauseMs === 0) throw notAsked();
    context.watch.hold();
    try {
      await ageOf(python, context, GROWN_UP_SECONDS);
      return await firstLook(python, context);
    } finally {
      context.watch.start();
    }
  },
  summary: ({ pauseMs, objects }) => `paused ${Math.round(pauseMs)} ms, ${objects.toLocaleString('en')} objects`,
});

const notAsked = () =>
  new ProblemError(
    'refused',
    'The heap was not read, as --max-pause is 0: only memory and its limit were watched.',
    'Leave --max-pause out for what holds the memory: the target then stands still for milliseconds.',
  );

async function ageOf(python: ProcessInfo, context: ProcessContext, seconds: number): Promise<void> {
  const missingSeconds = seconds - ageSeconds(python, context);
  if (missingSeconds > 0) await context.processes.sleep(missingSeconds * 1000, context.watch.over);
}

const ageSeconds = (python: ProcessInfo, context: ProcessContext): number =>
  context.processes.nowUnixSeconds() - python.startedAtUnixSeconds;

/** Tries again while the process is so young that the interpreter may just not be up. */
async function firstLook(python: ProcessInfo, context: ProcessContext): Promise<Artifacts['heap']> {
  for (;;) {
    try {
      return await look(python.pid, context);
    } catch (thrown) {
      if (isFinal(thrown) || ageSeconds(python, context) > RETRY_SECONDS || context.watch.over.aborted) throw thrown;
      await context.processes.sleep(AGAIN_MS, context.watch.over);
    }
  }
}

async function look(pid: number, context: ProcessContext): Promise<Artifacts['heap']> {
  const session = await context.processes.openHeap(pid, { maxPauseMs: context.options.maxPauseMs });
  // A look at a large heap takes its time: whoever asks for the end does not wait for it.
  const callOff = () => void session.close();
  context.interrupted.addEventListener('abort', callOff);
  if (context.interrupted.aborted) callOff();
  try {
    const first = await session.first();
    context.heap.session = session;
    return first;
  } catch (thrown) {
    await session.close();
    throw thrown;
  } finally {
    context.interrupted.removeEventListener('abort', callOff);
  }
}

/** A right that is missing, or memory that is not there, will not come by waiting. */
const isFinal = (thrown: unknown): boolean =>
  thrown instanceof ProblemError && ['denied', 'refused', 'timeout'].includes(thrown.problem.code);
