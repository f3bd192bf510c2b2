import { gather } from '../app.ts';
import type { Case } from '../core/case.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** The options of every command that looks at a running process. */
export interface LookOptions {
  readonly for: number;
  readonly maxPause: number;
  readonly source?: string;
}

/** Looks at a process for as long as it takes, or until Ctrl-C. */
export async function look(
  pid: number,
  options: LookOptions,
  terminal: Terminal,
  printed?: Parameters<typeof gather>[0]['printed'],
): Promise<Case> {
  if (options.for === 0)
    throw new UsageError(
      '--for 0: a process is watched for a while.',
      'One look without growth: whyoom heap --pid PID',
    );
  return await gather({
    pid,
    watchMs: options.for,
    maxPauseMs: options.maxPause,
    sourceDir: options.source,
    interrupted: terminal.interrupted,
    note: terminal.progress,
    printed,
  });
}
