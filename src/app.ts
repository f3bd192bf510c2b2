import { readFileSync } from 'node:fs';
import type { Baseline } from './core/artifacts.ts';
import { baselineOf, comparedWith, uncompared } from './core/baseline.ts';
import type { Case } from './core/case.ts';
import { diagnose } from './core/diagnose.ts';
import { investigate } from './core/investigate.ts';
import type { KubeConnection, KubeTarget } from './core/kube-port.ts';
import type { LogDigests } from './core/log-artifact.ts';
import type { Plan } from './core/plan.ts';
import type { HeapOptions, LiveHeap, ProcessPort, SourceFolder } from './core/ports.ts';
import type { Preflight } from './core/preflight.ts';
import { ProblemError, problemOf } from './core/problem.ts';
import type { Report } from './core/report.ts';
import { createRightsLedger, refusedRight } from './core/rights.ts';
import type { Gathered, KubeContext, KubeOptions, ProcessContext, StepOptions } from './core/step.ts';
import { createWatch } from './core/watch.ts';
import { detectors } from './detectors/index.ts';
import { judge } from './facts/verdict.ts';
import { createLogPort } from './sources/log-file/index.ts';
import { createPodPort } from './sources/pod/index.ts';
import { askHeap, openHeap } from './sources/process/heap-session.ts';
import { createProcessPort } from './sources/process/index.ts';
import { openSourceFolder } from './sources/source-folder.ts';
import { kubeSteps, launchedSteps, logsSteps, processSteps } from './steps/index.ts';
import { type ChosenPod, type EnteredPod, enteringSteps, enterPod } from './steps/kube/enter-pod.ts';
import { planned } from './steps/kube/plan.ts';
import { askAhead, preflightOf } from './steps/kube/preflight.ts';
import { podTarget } from './steps/kube/target.ts';
import { logsTarget } from './steps/logs/target.ts';
import { targetOf } from './steps/process/target.ts';

export { isCaseFolder, readCase } from './sources/case/read.ts';
export { checkCaseFolder, writeCase } from './sources/case/write.ts';
export { isHeapFile, isPlainFile, openHeapFile } from './sources/heap-file/read.ts';
export { checkHeapFile } from './sources/heap-file/write.ts';
export { type Launched, launch } from './sources/launch/command.ts';
export { limited } from './sources/launch/memory-limit.ts';
export { createOwnOutput } from './sources/launch/own-output.ts';
export { findPython } from './sources/launch/python.ts';
export { LAUNCHER_MARK, traceable } from './sources/launch/traceable.ts';
export type { ChosenPod, EnteredPod } from './steps/kube/enter-pod.ts';
export { chosenPython } from './steps/process/processes.ts';
export { gatherStacks } from './steps/process/stacks.ts';
export { targetOf } from './steps/process/target.ts';

/** A TypeScript checkout and the bundle in dist/ both lie one folder below the package. */
const PACKAGE = new URL('../', import.meta.url);
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './heap-worker.ts' : './heap-worker.js', import.meta.url);

export const VERSION: string = JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')).version;
/** The folder of the programs that `whyoom demo` runs. */
export const DEMOS = new URL('demo/', PACKAGE);

export interface Looking extends StepOptions {
  readonly pid: number;
  /** Where the code is, if not where the target has it. */
  readonly sourceDir?: string | undefined;
  /** Of a program that was started for it. */
  readonly printed?: (() => LogDigests) | undefined;
  readonly interrupted: AbortSignal;
  note(line: string): void;
}

export const processPort = (): ProcessPort => createProcessPort((pid, options) => openHeap(WORKER, pid, options));

/** Starts the helper that looks at the heap of a process; nothing is stopped before the first question. */
export const askProcess = (pid: number, options: HeapOptions): Promise<LiveHeap> => askHeap(WORKER, pid, options);

/**
 * Everything that can be gathered from a process on this machine. Throws a ProblemError where that is nothing: there is
 * no such process, or nothing of it may be read.
 */
export async function gather(looking: Looking): Promise<Case> {
  const processes = processPort();
  const { pid, watchMs, maxPauseMs, interrupted, note } = looking;
  const sourceFolder: SourceFolder | undefined = looking.sourceDir
    ? await openSourceFolder(looking.sourceDir)
    : undefined;
  const heap: ProcessContext['heap'] = {};
  const gathered = await investigate(looking.printed ? launchedSteps : processSteps, {
    pid,
    printed: looking.printed,
    processes,
    sourceFolder,
    heap,
    options: { watchMs, maxPauseMs },
    watch: createWatch(watchMs, interrupted),
    interrupted,
    note,
    close: async () => heap.session?.close(),
  });
  throwIfNothing(gathered, { watchMs, maxPauseMs });
  const target = targetOf(pid, gathered.outcomes.processes);
  return caseOf(gathered, target, { watchMs, maxPauseMs }, processes.nowUnixSeconds());
}

export interface LookingAtLogs {
  /** Files of one program, what was written first before what came later; `-` is standard input. */
  readonly files: readonly string[];
  /** Where the code is. */
  readonly sourceDir?: string | undefined;
  readonly interrupted: AbortSignal;
  note(line: string): void;
}

/** Everything that log files say. Throws a ProblemError where none of them can be read. */
export async function gatherLogs({ files, sourceDir, interrupted, note }: LookingAtLogs): Promise<Case> {
  const logs = createLogPort();
  const options = { watchMs: 0, maxPauseMs: 0 };
  const sourceFolder = sourceDir ? await openSourceFolder(sourceDir) : undefined;
  const watch = createWatch(0, interrupted);
  const gathered = await investigate(logsSteps(sourceFolder !== undefined), {
    logs,
    files,
    sourceFolder,
    options,
    watch,
    interrupted,
    note,
  });
  const digest = gathered.outcomes['log-digest'];
  if (digest && !digest.ok) throw thrownFrom(digest.problem);
  return caseOf(gathered, logsTarget(files), options, logs.nowUnixSeconds());
}

const caseOf = (gathered: Gathered, target: Report['target'], options: StepOptions, nowUnixSeconds: number): Case => ({
  version: 1,
  tool: VERSION,
  collectedAt: new Date(Math.round(nowUnixSeconds * 1000)).toISOString(),
  target,
  options,
  ...gathered,
});

export interface LookingAtWorkload extends StepOptions {
  readonly target: KubeTarget;
  /** The target as a command line names it again, with namespace and context. */
  readonly typed: string;
  readonly connection: KubeConnection;
  readonly kubeOptions: KubeOptions;
  /** Where the code is, if not where the target has it. */
  readonly sourceDir?: string | undefined;
  readonly interrupted: AbortSignal;
  note(line: string): void;
  /** Asks a person whether the cluster may be changed; undefined: nobody could be asked. */
  confirm?(question: string): Promise<boolean | undefined>;
}

/**
 * Everything that a Kubernetes API tells of a workload. Throws a ProblemError where that is nothing: the API does not answer,
 * or knows no such target.
 */
export async function gatherWorkload(looking: LookingAtWorkload): Promise<Case> {
  const { watchMs, maxPauseMs } = looking;
  const context = await kubeContext(looking);
  // Whoever needs an answer asks again, and hears what went wrong.
  const steps = stepsOf(looking, context.pods ? looking.kubeOptions.ways : []);
  askAhead(steps, context).catch(() => undefined);
  const gathered = await investigate(steps, context);
  const { pods, rights } = gathered.outcomes;
  // Credentials that are refused are no right that somebody could grant: the API says nothing of any right then.
  const saysOfRights = rights?.ok && rights.value.answers.some(({ allowed }) => allowed !== 'unknown');
  if (pods && !pods.ok && !(pods.problem.code === 'denied' && saysOfRights)) throw thrownFrom(pods.problem);
  const target = podTarget(looking.target, context.kube.namespace, pods);
  return caseOf(gathered, target, { watchMs, maxPauseMs }, context.kube.nowUnixSeconds());
}

/** Which rights a look at a workload would use, and which of them there are. Nothing else is asked. */
export const preflight = async (looking: LookingAtWorkload, rungs: readonly string[]): Promise<Preflight> =>
  preflightOf(stepsOf(looking), await kubeContext(looking), looking.typed, rungs);

/**
 * Goes into a container of a workload, to ask its processes: of several Pythons the one that grows while they are watched is
 * chosen. Throws a ProblemError where that cannot be.
 */
export const enterWorkload = async (
  looking: LookingAtWorkload,
  tell: (chosen: ChosenPod) => void,
): Promise<EnteredPod> => await enterPod(await kubeContext(looking), looking.typed, tell);

/** What `enterWorkload` would ask, change and run, and which processes would stand still then; nothing of it is done. */
export const planToEnter = async (
  looking: LookingAtWorkload,
  rungs: readonly string[],
  stops: Plan['stops'],
): Promise<Plan> => await planned(enteringSteps, await kubeContext(looking), { target: looking.typed, rungs, stops });

/** What is gathered of a workload, by the ways into it that are allowed. */
const stepsOf = ({ kubeOptions, sourceDir }: LookingAtWorkload, ways = kubeOptions.ways) =>
  kubeSteps(ways, kubeOptions.mayProbe, sourceDir !== undefined);

/** What a look would ask, change and run; nothing is done but reading the pods and asking for rights. */
export async function planOf(looking: LookingAtWorkload, rungs: readonly string[]): Promise<Plan> {
  const context = await kubeContext(looking);
  const stops = { processes: 'one', times: 2 } as const;
  return await planned(stepsOf(looking), context, { target: looking.typed, rungs, stops });
}

async function kubeContext(looking: LookingAtWorkload): Promise<KubeContext> {
  const { watchMs, maxPauseMs, interrupted, note, kubeOptions } = looking;
  // Loading it takes a third of a second, which nobody who looks at a process should wait.
  const { createKubePort } = await import('./sources/kube/index.ts');
  const kube = await createKubePort(looking.connection);
  const rights = createRightsLedger(kube);
  const entered: KubeContext['entered'] = { heap: {} };
  return {
    kube,
    pods: createPodPort({ kube, workerUrl: WORKER }),
    sourceFolder: looking.sourceDir ? await openSourceFolder(looking.sourceDir) : undefined,
    entered,
    asked: looking.target,
    rights,
    kubeOptions,
    options: { watchMs, maxPauseMs },
    watch: createWatch(watchMs, interrupted),
    interrupted,
    note,
    ...(looking.confirm ? { confirm: looking.confirm } : {}),
    forbidden: async (rules) => refusedRight(await rights.ask(rules), looking.typed),
    close: async () => {
      await entered.heap.session?.close();
      await entered.inside?.close();
    },
  };
}

/** The report on a case: the same for the live run and for the saved one. */
export const judged = (whole: Case): Report =>
  diagnose(whole, detectors, { tool: VERSION, collectedAt: whole.collectedAt, target: whole.target, judge });

/** What a case knows that a later look is compared with. Throws a ProblemError where it holds no look at a heap. */
export const baselineIn = (old: Case): Baseline => baselineOf(old, judged(old));

/** The newer of two cases, with what the older one knows. Throws a ProblemError where they cannot be compared. */
export const compareCases = (old: Case, newer: Case): Case => comparedWith(newer, baselineIn(old));

/** What was just gathered, with the baseline; a look that was taken is not lost because it cannot be compared. */
export function withBaseline(whole: Case, baseline: Baseline): Case {
  try {
    return comparedWith(whole, baseline);
  } catch (thrown) {
    return uncompared(whole, problemOf(thrown));
  }
}

function throwIfNothing({ outcomes }: Gathered, { maxPauseMs }: StepOptions): void {
  const { processes, 'memory-limit': limit, heap } = outcomes;
  if (processes && !processes.ok) throw thrownFrom(processes.problem);
  if (!heap || heap.ok) return;
  const noPython = processes?.ok && processes.value.chosenPid === undefined;
  if ((noPython && maxPauseMs > 0) || (limit && !limit.ok)) throw thrownFrom(heap.problem);
}

const thrownFrom = ({
  code,
  message,
  hint,
}: {
  code: ProblemError['problem']['code'];
  message: string;
  hint?: string | undefined;
}) => new ProblemError(code, message, hint);
