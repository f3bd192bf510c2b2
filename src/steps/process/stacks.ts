import type { ProcessInfo } from '../../core/artifacts.ts';
import type { HeapOptions, ProcessPort } from '../../core/ports.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import type { ProcessStacks } from '../../core/stacks-report.ts';
import { chosenPython } from './processes.ts';
import { targetOf } from './target.ts';

export interface StacksAsked extends HeapOptions {
  readonly interrupted: AbortSignal;
  note(line: string): void;
}

/**
 * The stacks of every Python process at and under `rootPid`, one after the other: on this machine, or in a container, as the
 * port has it. What of one process cannot be read is told in its place. Throws a ProblemError where there is no Python.
 */
export async function gatherStacks(port: ProcessPort, rootPid: number, asked: StacksAsked): Promise<ProcessStacks[]> {
  const processes = await port.tree(rootPid);
  chosenPython(processes);
  const found: ProcessStacks[] = [];
  for (const each of processes.tree.filter(({ python }) => python !== undefined)) {
    if (asked.interrupted.aborted) break;
    const { name } = targetOf(each.pid, { ok: true, value: { ...processes, chosenPid: each.pid }, ms: 0 });
    asked.note(`Reading the stacks of ${name} …`);
    found.push(await stacksOf(port, each, name, asked));
  }
  return found;
}

async function stacksOf(
  port: ProcessPort,
  { pid, python }: ProcessInfo,
  name: string,
  asked: StacksAsked,
): Promise<ProcessStacks> {
  try {
    if (python?.unsupported !== undefined)
      throw new ProblemError('unsupported', `It cannot be read: ${python.unsupported}.`);
    const session = await port.openHeap(pid, { maxPauseMs: asked.maxPauseMs });
    try {
      const { atUnixSeconds, copiedBytes: _, ...stacks } = await session.stacks();
      return { pid, name, takenAt: new Date(Math.round(atUnixSeconds * 1000)).toISOString(), ...stacks };
    } finally {
      await session.close();
    }
  } catch (thrown) {
    const { code, message, hint } = problemOf(thrown);
    return { pid, name, problem: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
}
