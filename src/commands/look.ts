import { gather } from '../app.ts';
import type { Case } from '../core/case.ts';
import type { Terminal } from './terminal.ts';

/** The options of every command that looks at a running process. */
export interface LookOptions {
  readonly for: number;
  readonly maxPause: number;
  readonly source?: string;
}

/** Looks at a process for as long as it takes, or until Ctrl-C. */
export const look = (pid: number, options: LookOptions, terminal: Terminal): Promise<Case> =>
  gather({
    pid,
    watchMs: options.for,
    maxPauseMs: options.maxPause,
    sourceDir: options.source,
    interrupted: terminal.interrupted,
    note: terminal.progress,
  });
