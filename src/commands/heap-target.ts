import { askProcess, chosenPython, launch, processPort, targetOf } from '../app.ts';
import type { LiveHeap } from '../core/ports.ts';
import { ProblemError } from '../core/problem.ts';
import { interpreterUp } from './run-command.ts';
import type { Terminal } from './terminal.ts';

export interface HeapLookOptions {
  readonly maxPause: number;
  /** How long a command runs before the look (2 s where it is not said); a process that runs already is looked at at once. */
  readonly for?: number;
}

const RUN_MS = 2000;

type Tell = (name: string, live: LiveHeap) => Promise<void>;

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
  terminal.progress(`Reading the heap of ${name} …`);
  const live = await askProcess(python.pid, { maxPauseMs: options.maxPause });
  // A large heap takes its time: whoever asks for the end does not wait for it.
  const callOff = () => void live.close();
  terminal.interrupted.addEventListener('abort', callOff);
  try {
    if (terminal.interrupted.aborted) throw new ProblemError('broken', 'The reading of the heap was called off.');
    await tell(name, live);
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
