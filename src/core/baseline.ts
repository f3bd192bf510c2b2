import { quantile } from '../stats/quantiles.ts';
import type { Artifacts, Baseline, MemorySeries, Processes, ProcessInfo } from './artifacts.ts';
import type { Case } from './case.ts';
import { type Outcome, type Problem, ProblemError } from './problem.ts';
import { isSameProgram } from './program.ts';
import type { Report } from './report.ts';

type Look = Artifacts['heap'];

/** The last samples that say what memory was at the time of the look. */
const LAST_SAMPLES = 8;
/** The start of a process is known to a clock tick, counted from a boot time that is known to a second. */
const SAME_START_SECONDS = 2;

/** What a case knows that a later look is compared with. Throws a ProblemError where it holds no look at a heap. */
export function baselineOf(old: Case, report: Report): Baseline {
  const look = lastLook(old.outcomes);
  if (look === undefined) throw withoutLook(old);
  const growth = given(old.outcomes['heap-growth']);
  const memory = given(old.outcomes['memory-series']);
  const identity = readProcess(given(old.outcomes.processes));
  return {
    tool: old.tool,
    collectedAt: old.collectedAt,
    name: old.target.name,
    ...(identity ? { identity: identityOf(identity) } : {}),
    look,
    ...(memory && memory.samples.length > 0 ? { memory: memoryAt(memory) } : {}),
    verdict: report.verdict,
    watchedSeconds: growth?.second === undefined ? 0 : growth.seconds,
    leaks: leaksIn(report),
    counted: (growth?.holders ?? []).map(({ holder, counts }) => ({ name: holder.name, ...courseOf(counts) })),
  };
}

const identityOf = ({ pid, startedAtUnixSeconds, command }: ProcessInfo): NonNullable<Baseline['identity']> => ({
  pid,
  startedAtUnixSeconds,
  command,
});

/** What was seen to grow without end. */
export const leaksIn = ({ findings }: Pick<Report, 'findings'>): Baseline['leaks'] =>
  findings.flatMap(({ holder }) => (holder?.growth ? [{ name: holder.name, ...holder.growth }] : []));

/** The least and the most items at several counts, and how often there were fewer than before. */
export function courseOf(counts: readonly (readonly [number, number])[]): Omit<Baseline['counted'][number], 'name'> {
  const items = counts.map(([, count]) => count);
  const falls = items.slice(1).filter((count, at) => count < items[at]!).length;
  const least = items.reduce((so, count) => Math.min(so, count), items[0] ?? 0);
  return { least, most: items.reduce((so, count) => Math.max(so, count), 0), falls };
}

/** The look that says most about now: the second where there is one. */
export const lastLook = (outcomes: Case['outcomes']): Look | undefined =>
  given(outcomes['heap-growth'])?.second ?? given(outcomes.heap);

/** What memory was at the end of a watch. */
export function memoryAt({ measure, source, samples }: MemorySeries): NonNullable<Baseline['memory']> {
  const last = samples.slice(-LAST_SAMPLES).map(([, bytes]) => bytes);
  const all = samples.map(([, bytes]) => bytes);
  return {
    measure,
    source,
    atUnixSeconds: samples.at(-1)![0],
    bytes: quantile(last, 0.5)!,
    leastBytes: all.reduce((least, bytes) => Math.min(least, bytes), all[0]!),
    mostBytes: all.reduce((most, bytes) => Math.max(most, bytes), 0),
  };
}

export const readProcess = (processes: Processes | undefined): ProcessInfo | undefined =>
  processes?.tree.find(({ pid }) => pid === processes.chosenPid);

/** Whether both looks were at one process, and not at two that were given the same number. */
export function isSameProcess({ identity }: Baseline, processes: Processes | undefined): boolean {
  const now = readProcess(processes);
  if (identity === undefined || now === undefined || identity.pid !== now.pid) return false;
  return Math.abs(identity.startedAtUnixSeconds - now.startedAtUnixSeconds) < SAME_START_SECONDS;
}

/** The case with what it is compared with, or why it could not be. Throws a ProblemError where nothing is to be told. */
export function comparedWith(whole: Case, baseline: Baseline): Case {
  checkComparable(whole, baseline);
  return withBaseline(whole, { ok: true, value: baseline, ms: 0 }, noteOf(whole, baseline));
}

/** The case with the reason why it could not be compared. */
export const uncompared = (whole: Case, problem: Problem): Case => withBaseline(whole, { ok: false, problem, ms: 0 });

function withBaseline(whole: Case, outcome: Outcome<Baseline>, note?: string): Case {
  const others = whole.steps.filter(({ key }) => key !== 'baseline');
  const step = { key: 'baseline', rung: 'local', ...(note === undefined ? {} : { note }) } as const;
  return { ...whole, outcomes: { ...whole.outcomes, baseline: outcome }, steps: [...others, step] };
}

const noteOf = (whole: Case, baseline: Baseline): string =>
  `${isSameProcess(baseline, given(whole.outcomes.processes)) ? 'same process' : 'another run'}, ${baseline.collectedAt}`;

function checkComparable(whole: Case, baseline: Baseline): void {
  const look = lastLook(whole.outcomes);
  if (look === undefined) throw withoutLook(whole);
  const processes = given(whole.outcomes.processes);
  if (look.atUnixSeconds === baseline.look.atUnixSeconds && isSameProcess(baseline, processes)) throw sameTwice();
  if (look.atUnixSeconds <= baseline.look.atUnixSeconds) throw swapped(whole, baseline);
  if (!isSameProcess(baseline, processes) && !isSameProgram(baseline, { look, identity: readProcess(processes) }))
    throw otherProgram(whole, baseline);
}

function withoutLook({ outcomes, target }: Case): ProblemError {
  const heap = outcomes.heap;
  const why = heap && !heap.ok ? ` (${heap.problem.message.replace(/\.$/, '')})` : '';
  return new ProblemError(
    'absent',
    `There is no look at the heap in the case of ${target.name}${why}.`,
    'Take a case with the right to read the process: sudo whyoom --pid PID --save DIR',
  );
}

const sameTwice = (): ProblemError =>
  new ProblemError(
    'refused',
    'This is the same case twice: no time lies between.',
    'Take another one later: whyoom --pid PID --save DIR',
  );

const swapped = (whole: Case, baseline: Baseline): ProblemError =>
  new ProblemError(
    'refused',
    `The older case is to come first, but it is of ${baseline.collectedAt}, the other of ${whole.collectedAt}.`,
    'Give them the other way round: whyoom compare OLD NEW',
  );

const otherProgram = (whole: Case, baseline: Baseline): ProblemError =>
  new ProblemError(
    'refused',
    `These are two programs, and nothing in one is known in the other: ${baseline.name} and ${whole.target.name}.`,
    'Compare two cases of one program.',
  );

const given = <T>(outcome: Outcome<T> | undefined): T | undefined => (outcome?.ok ? outcome.value : undefined);
