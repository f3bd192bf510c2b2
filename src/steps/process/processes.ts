import type { Processes, ProcessInfo } from '../../core/artifacts.ts';
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
    return await growing(found, context);
  },
  summary: ({ tree, chosenPid }) =>
    `${tree.length} ${tree.length === 1 ? 'process' : 'processes'}${chosenPid === undefined ? ', no Python' : ''}`,
});

/** Of several workers that hold about the same one may leak: for so long all are watched before one is read. */
const COMPARED_MS = 2500;
/** What grew by less may only have worked. */
const LEAST_GAIN_BYTES = 512 * 1024;
/** That which gained most leads the next one by this factor, or it is no more telling than the largest. */
const LEAD = 2;

/** A worker that is younger still grows by what it loads: then it is compared once more, and no more than so often. */
const STARTING_SECONDS = 10;
const MOST_COMPARED = 3;

/** The same, with the process chosen that grows, where there are several and one of them does; else it stays the largest. */
async function growing(first: Processes, context: ProcessContext): Promise<Processes> {
  const { processes, watch, options, pid } = context;
  let before = first;
  for (let round = 1; round <= MOST_COMPARED; round += 1) {
    if (readable(before).length < 2 || options.maxPauseMs === 0) break;
    // As long again is for the looks.
    if (options.watchMs <= COMPARED_MS * (round === 1 ? 1 : 2 * round)) break;
    await processes.sleep(COMPARED_MS, watch.over);
    const now = await processes.tree(pid);
    const leader = leadingGrowth(before, now);
    if (leader !== undefined) return { ...now, chosenPid: leader };
    before = now;
    if (!readable(now).some((each) => isYounger(each, STARTING_SECONDS, context))) break;
  }
  return before;
}

/** The process that gained clearly more than all others. */
function leadingGrowth(before: Processes, now: Processes): number | undefined {
  const gains = readable(now)
    .flatMap((each) => {
      const earlier = before.tree.find((other) => isSame(other, each));
      return earlier ? [{ pid: each.pid, gained: each.rssBytes - earlier.rssBytes }] : [];
    })
    .sort((a, b) => b.gained - a.gained);
  const [most, next] = gains;
  const leads = most !== undefined && most.gained >= LEAST_GAIN_BYTES && most.gained >= LEAD * (next?.gained ?? 0);
  return leads ? most.pid : undefined;
}

const readable = ({ tree }: Processes): ProcessInfo[] =>
  tree.filter(({ python }) => python?.implementation === 'cpython' && python.unsupported === undefined);

/** Numbers of processes are used again. */
const isSame = (a: ProcessInfo, b: ProcessInfo): boolean =>
  a.pid === b.pid && a.startedAtUnixSeconds === b.startedAtUnixSeconds;

function isYoung(found: Processes, context: ProcessContext): boolean {
  const root = found.tree.find((each) => each.pid === found.rootPid);
  return root !== undefined && isYounger(root, YOUNG_SECONDS, context);
}

const isYounger = (
  { startedAtUnixSeconds }: ProcessInfo,
  seconds: number,
  { processes: { nowUnixSeconds } }: ProcessContext,
) => nowUnixSeconds() - startedAtUnixSeconds < seconds;

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
