import { createOwnOutput, LAUNCHER_MARK, type Launched, launch, processPort } from '../app.ts';
import type { Case } from '../core/case.ts';
import { ProblemError } from '../core/problem.ts';
import { type LookOptions, look } from './look.ts';
import type { Terminal } from './terminal.ts';

const INTERPRETER_MS = 10_000;
const AGAIN_MS = 100;

/** Starts a command, looks at it once its interpreter is up, and ends it, whatever happens between. */
export async function lookAtCommand(
  command: readonly string[],
  options: LookOptions,
  terminal: Terminal,
): Promise<Case> {
  const output = createOwnOutput(processPort().nowUnixSeconds());
  const program = await launch(command, undefined, output.take);
  const release = terminal.beforeExit(program.kill);
  try {
    await interpreterUp(program, terminal);
    return await look(program.pid, options, terminal, output.digest);
  } finally {
    terminal.say(`whyoom: the program: ${await program.stop()}`);
    release();
  }
}

/** Waits until a Python process is there, at most ten seconds. Throws a ProblemError where the command ends before. */
export async function interpreterUp(program: Launched, terminal: Terminal): Promise<void> {
  const processes = processPort();
  for (let waitedMs = 0; waitedMs < INTERPRETER_MS && !terminal.interrupted.aborted; waitedMs += AGAIN_MS) {
    const ended = program.ended();
    if (ended) {
      throw new ProblemError(
        'absent',
        `The command was over before whyoom could look at it: ${ended}.`,
        'Give a command that keeps running for a few seconds.',
      );
    }
    const found = await processes.tree(program.pid).catch(() => undefined);
    const python = found?.tree.find((each) => each.pid === found.chosenPid);
    if (python && !python.command.includes(LAUNCHER_MARK)) return;
    await processes.sleep(AGAIN_MS, terminal.interrupted);
  }
}
