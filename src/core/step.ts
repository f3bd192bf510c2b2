import type { Artifacts, Got, Key } from './artifacts.ts';
import type { AccessRule } from './kube-artifacts.ts';
import type { KubePort, KubeTarget } from './kube-port.ts';
import type { LogDigests } from './log-artifact.ts';
import type { Inside, PodPort, Way } from './pod-port.ts';
import type { HeapSession, LogPort, ProcessPort, SourceFolder } from './ports.ts';
import type { Outcome, ProblemError } from './problem.ts';
import type { RightsLedger } from './rights.ts';
import type { Watch } from './watch.ts';

/** How deep a step reaches into the target: API reads nothing of it, `attach` stops it for a moment. */
export type Rung = 'local' | 'api' | 'exec' | 'attach';

/** What every step has, whatever it looks at. */
export interface StepContext {
  readonly options: StepOptions;
  /** The time in which the target is watched, shared by all steps that watch. */
  readonly watch: Watch;
  /** Aborted when the person who runs whyoom has heard enough: return what is known. */
  readonly interrupted: AbortSignal;
  /** Says on stderr what is happening. */
  note(line: string): void;
  /** Why a step that needs these rights is not to be tried; undefined: it may be. */
  forbidden?(rules: readonly AccessRule[]): Promise<ProblemError | undefined>;
  /** Called when all steps have ended. */
  close?(): Promise<void>;
}

/** A process on this machine. */
export interface ProcessContext extends StepContext {
  readonly pid: number;
  readonly processes: ProcessPort;
  /** Where the code is, if not where the target has it. */
  readonly sourceFolder?: SourceFolder | undefined;
  /** Of a program that was started for the look: what it has printed so far, asked once. */
  readonly printed?: (() => LogDigests) | undefined;
  /** Set by the step that attaches; the engine closes it when all steps have ended. */
  readonly heap: { session?: HeapSession };
}

/** A workload in a cluster. */
export interface KubeContext extends StepContext {
  readonly kube: KubePort;
  /** The way into containers; absent: nothing in them is looked at. */
  readonly pods?: PodPort | undefined;
  /** Where the code is, if not where the target has it. */
  readonly sourceFolder?: SourceFolder | undefined;
  /** Set by the step that enters a container, and by the one that attaches there; closed when all steps have ended. */
  /** Asks a person whether the cluster may be changed so; undefined: nobody could be asked. */
  confirm?(question: string): Promise<boolean | undefined>;
  readonly entered: { inside?: Inside; readonly heap: ProcessContext['heap'] };
  readonly asked: KubeTarget;
  readonly rights: RightsLedger;
  readonly kubeOptions: KubeOptions;
}

/** Logs in files. */
export interface LogsContext extends StepContext {
  readonly logs: LogPort;
  /** As they were given, what was written first before what came later. */
  readonly files: readonly string[];
  /** Where the code is. */
  readonly sourceFolder?: SourceFolder | undefined;
}

export interface KubeOptions {
  /** `-c`: the container to look at. */
  readonly container?: string | undefined;
  readonly logBytes: number;
  readonly sinceSeconds?: number | undefined;
  readonly tailLines?: number | undefined;
  /** `--request-timeout`: how long all logs together may take; absent or 0: as long as they do. */
  readonly requestTimeoutMs?: number | undefined;
  readonly prometheus?: string | undefined;
  /** `--allow node-stats` */
  readonly mayAskNodes: boolean;
  /** `--allow exec,ephemeral`: how it may get into a container. */
  readonly ways: readonly Way[];
  /** The ports of the container may be asked for debug pages: `--allow exec` without `--no-probe`. */
  readonly mayProbe?: boolean | undefined;
  /** `--wait-start`: how long to wait for the next life of a container that does not run. */
  readonly waitStartMs?: number | undefined;
}

export interface StepOptions {
  /** The longest time for which memory and heap are watched. */
  readonly watchMs: number;
  /** The longest time for which the target may stand still, a look; 0: the heap is not read, memory and its limit alone are. */
  readonly maxPauseMs: number;
}

/** One file gathers one artifact. `run` may throw: the engine makes a Problem of it. */
export interface Step<K extends Key, N extends Key, O extends Key, P, C extends StepContext> {
  readonly makes: K;
  readonly title: string;
  /** Without these it does not run. */
  readonly needs: readonly N[];
  /** Waited for, and taken where they are there. */
  readonly uses?: readonly O[];
  readonly rung: Rung;
  /** What the API must allow, given what the step needs. */
  rights?(context: C, got: Got<N>): readonly AccessRule[];
  /** Other sets of rights with which it can do its work too, tried in turn where `rights` are refused. */
  alternatives?(context: C, got: Got<N>): readonly (readonly AccessRule[])[];
  /** Runs as soon as `needs` are there, before `uses` are: what must be read while the target still lives. */
  prepare?(context: C, got: Got<N>): Promise<P>;
  run(context: C, got: Got<N, O>, prepared: P): Promise<Artifacts[K]>;
  /** A few words on what was done, for the report's line "Checked". */
  summary?(made: Artifacts[K]): string;
}
// biome-ignore lint/suspicious/noExplicitAny: a list of steps mixes keys; each step reads only its own needs
export type AnyStep<C extends StepContext> = Step<any, any, any, any, C>;

export const defineProcessStep = <
  K extends Key,
  const N extends Key = never,
  const O extends Key = never,
  P = undefined,
>(
  step: Step<K, N, O, P, ProcessContext>,
): Step<K, N, O, P, ProcessContext> => step;

export const defineKubeStep = <K extends Key, const N extends Key = never, const O extends Key = never, P = undefined>(
  step: Step<K, N, O, P, KubeContext>,
): Step<K, N, O, P, KubeContext> => step;

export const defineLogsStep = <K extends Key, const N extends Key = never, const O extends Key = never, P = undefined>(
  step: Step<K, N, O, P, LogsContext>,
): Step<K, N, O, P, LogsContext> => step;

/** What all steps gave, and how each of them went. */
export interface Gathered {
  readonly outcomes: { readonly [K in Key]?: Outcome<Artifacts[K]> };
  readonly steps: readonly { key: Key; rung: Rung; note?: string }[];
}
