import { askProcess, chosenPython, launch, processPort, targetOf } from '../app.ts';
import type { Processes, ProcessInfo } from '../core/artifacts.ts';
import type { HeapReport } from '../core/heap-report.ts';
import type { KubeTarget } from '../core/kube-port.ts';
import type { LiveHeap } from '../core/ports.ts';
import { ProblemError } from '../core/problem.ts';
import { EXIT } from './exit-code.ts';
import { inPodOf, type PodLookOptions } from './pod-target.ts';
import { interpreterUp } from './run-command.ts';
import type { Terminal } from './terminal.ts';

export interface HeapLookOptions {
  readonly maxPause: number;
  /** How long a command runs before the look (2 s where it is not said); a process that runs already is looked at at once. */
  readonly for?: number;
}

const RUN_MS = 2000;

type Told = HeapReport['target'];
type Tell = (target: Told, live: LiveHeap) => Promise<void>;

/** Looks at the heap of the Python process at or under a pid. */
export async function withProcessHeap(
  pid: number,
  options: HeapLookOptions,
  terminal: Terminal,
  tell: Tell,
): Promise<void> {
  const processes = await processPort().tree(pid);
  const python = chosenPython(processes);
  const { name } = targetOf(pid, { ok: true, value: processes, ms: 0 });
  const ask = () => askProcess(python.pid, { maxPauseMs: options.maxPause });
  await withHeap({ kind: 'process', name }, ask, terminal, tell);
}

/** To tell which of several workers grows, they are watched for a moment. */
const POD_LOOK = { watchMs: 5000, stops: { processes: 'one', times: 1 } } as const;

/** Looks at the heap of a Python process in a pod: of several the one that grows, or else the largest. */
export const withPodHeap = (
  target: KubeTarget,
  options: HeapLookOptions & PodLookOptions,
  terminal: Terminal,
  tell: Tell,
): Promise<number> =>
  inPodOf(target, options, POD_LOOK, terminal, async (pod) => {
    const { tree, target: found } = pod;
    const python = chosenPython(tree);
    const { name: process } = targetOf(pod.rootPid, { ok: true, value: tree, ms: 0 });
    const others = whichOf(tree, python);
    if (others !== undefined) terminal.say(`Reading ${process}: ${others}.`);
    const told = {
      kind: 'pod',
      name: found.name,
      container: found.container,
      workload: found.workload,
      process,
    } as const;
    const ask = () => pod.askHeap(python.pid, { maxPauseMs: options.maxPause });
    await withHeap(told, ask, terminal, tell);
    return EXIT.done;
  });

/** Why this one, of several Pythons. */
function whichOf({ tree }: Processes, chosen: ProcessInfo): string | undefined {
  const pythons = tree.filter(({ python }) => python !== undefined);
  if (pythons.length < 2) return undefined;
  const isLargest = pythons.every(({ rssBytes }) => rssBytes <= chosen.rssBytes);
  return `of ${pythons.length} Python processes ${isLargest ? 'the largest' : 'the one that grows'}`;
}

async function withHeap(target: Told, ask: () => Promise<LiveHeap>, terminal: Terminal, tell: Tell): Promise<void> {
  terminal.progress(`Reading the heap of ${target.process ?? target.name} …`);
  const live = await ask();
  // A large heap takes its time: whoever asks for the end does not wait for it.
  const callOff = () => void live.close();
  terminal.interrupted.addEventListener('abort', callOff);
  try {
    if (terminal.interrupted.aborted) throw new ProblemError('broken', 'The reading of the heap was called off.');
    await tell(target, live);
  } finally {
    terminal.interrupted.removeEventListener('abort', callOff);
    await live.close();
  }
}

/** Starts a command, lets it run for a while, looks at its heap, and ends it. Ctrl-C takes the look at once. */
export async function withCommandHeap(
  command: readonly string[],
  options: HeapLookOptions,
  terminal: Terminal,
  tell: Tell,
): Promise<void> {
  const program = await launch(command);
  const release = terminal.beforeExit(program.kill);
  try {
    await interpreterUp(program, terminal);
    await processPort().sleep(options.for ?? RUN_MS, terminal.interrupted);
    await withProcessHeap(program.pid, options, { ...terminal, interrupted: new AbortController().signal }, tell);
  } finally {
    terminal.say(`whyoom: the program: ${await program.stop()}`);
    release();
  }
}
