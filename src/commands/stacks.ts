import { gatherStacks, processPort, VERSION } from '../app.ts';
import type { StacksReport } from '../core/stacks-report.ts';
import { stacksFormats } from '../formats/stacks.ts';
import { EXIT } from './exit-code.ts';
import { screenOf, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export interface StacksOptions {
  readonly pid?: number;
  readonly maxPause: number;
  readonly output: string;
  readonly color: boolean;
}

/** `whyoom stacks --pid N`: what every thread and task of the Python processes at and under it is doing. */
export async function stacks(targets: readonly string[], options: StacksOptions, terminal: Terminal): Promise<number> {
  const format = stacksFormats.find(({ id }) => id === options.output);
  if (format === undefined)
    throw new UsageError(
      `whyoom stacks has no format "${options.output}".`,
      `Formats: ${stacksFormats.map(({ id }) => id).join(', ')}`,
    );
  if (targets.length > 0 || options.pid === undefined)
    throw new UsageError(
      targets.length > 0 ? `"${targets[0]}": stacks are read of processes on this machine.` : 'Nothing to look at.',
      'Give --pid PID.',
    );
  const asked = { maxPauseMs: options.maxPause, interrupted: terminal.interrupted, note: terminal.progress };
  const port = processPort();
  const processes = await gatherStacks(port, options.pid, asked);
  const report: StacksReport = {
    version: 1,
    tool: VERSION,
    target: { kind: 'process', name: `pid ${options.pid}` },
    processes,
  };
  await terminal.write(format.render(report, screenOf(terminal, options.color)));
  return processes.some((each) => 'threads' in each) ? EXIT.done : EXIT.failed;
}
