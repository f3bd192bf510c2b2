import type { Processes } from '../../core/artifacts.ts';
import { ProblemError } from '../../core/problem.ts';
import { defineProcessStep, type ProcessContext } from '../../core/step.ts';
import { SUPPORTED_VERSIONS } from '../../core/supported.ts';

/** A program that started this short a time ago may not have come to its interpreter yet. */
const YOUNG_SECONDS = 3;
const AGAIN_MS = 200;

/** The processes at and under the one that was asked for, and the Python among them that is read. */
export const processes = defineProcessStep({
  makes: 'processes',
  title: 'Finding the Python process',
  needs: [],
  rung: 'local',
  async run(context) {
    let found = await context.processes.tree(context.pid);
    while (found.chosenPid === undefined && isYoung(found, context) && !context.interrupted.aborted) {
      await context.processes.sleep(AGAIN_MS, context.interrupted);
      found = await context.processes.tree(context.pid);
    }
    // Nothing to read: then nothing is worth the wait, but where memory alone was asked for.
    if (found.chosenPid === undefined && context.options.maxPauseMs > 0) context.watch.end('decided');
    return found;
  },
  summary: ({ tree, chosenPid }) =>
    `${tree.length} ${tree.length === 1 ? 'process' : 'processes'}${chosenPid === undefined ? ', no Python' : ''}`,
});

function isYoung(found: Processes, context: ProcessContext): boolean {
  const root = found.tree.find((each) => each.pid === found.rootPid);
  return root !== undefined && context.processes.nowUnixSeconds() - root.startedAtUnixSeconds < YOUNG_SECONDS;
}

/** The process whose memory is watched: the Python that is read, else the one that was asked for. */
export const watchedPid = ({ chosenPid, rootPid }: Processes): number => chosenPid ?? rootPid;

/** The Python that is read. Throws a ProblemError that says what runs there instead. */
export function chosenPython({ tree, chosenPid, rootPid }: Processes): Processes['tree'][number] {
  const chosen = tree.find((each) => each.pid === chosenPid);
  if (chosen) return chosen;
  const unsupported = tree.find((each) => each.python?.unsupported !== undefined);
  if (unsupported) {
    throw new ProblemError(
      'unsupported',
      `The Python process ${unsupported.pid} cannot be read: ${unsupported.python?.unsupported}.`,
      `whyoom reads CPython ${SUPPORTED_VERSIONS} on x86-64 Linux. Memory and limit alone: whyoom --pid ${unsupported.pid} --max-pause 0`,
    );
  }
  const root = tree.find((each) => each.pid === rootPid);
  throw new ProblemError(
    'unsupported',
    `No Python process at or under ${rootPid}${root ? ` (it runs "${root.command.slice(0, 80)}")` : ''}.`,
    'Give the pid of a Python process: pgrep -af python',
  );
}
