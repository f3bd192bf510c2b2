import { gatherStacks, processPort, VERSION } from '../app.ts';
import type { ProcessPort } from '../core/ports.ts';
import type { StacksReport } from '../core/stacks-report.ts';
import { stacksFormats } from '../formats/stacks.ts';
import { EXIT } from './exit-code.ts';
import { formatNamed } from './format-named.ts';
import { workloadOf } from './kube-target.ts';
import { inPodOf, noDryRun, type PodLookOptions } from './pod-target.ts';
import { screenOf, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export interface StacksOptions extends PodLookOptions {
  readonly pid?: number;
  readonly color: boolean;
}

/** All of them are read: which grows is nothing to wait for. */
const LOOK = { watchMs: 1000, stops: { processes: 'all', times: 1 } } as const;

/** `whyoom stacks (TYPE/NAME | POD | -l SELECTOR | --pid N)`: what every thread and task of the Python processes there is doing. */
export async function stacks(targets: readonly string[], options: StacksOptions, terminal: Terminal): Promise<number> {
  formatOf(options.output);
  const isNamed = targets.length > 0 || options.selector !== undefined;
  if (options.pid === undefined && !isNamed)
    throw new UsageError('Nothing to look at.', 'Give TYPE/NAME, a pod, or --pid PID.');
  if (options.pid !== undefined && isNamed)
    throw new UsageError('More than one target.', 'Give one of: TYPE/NAME, --pid PID.');
  if (options.pid !== undefined) {
    noDryRun(options);
    return await tell(processPort(), options.pid, { kind: 'process', name: `pid ${options.pid}` }, options, terminal);
  }
  const target = workloadOf(targets, options.selector, 'whyoom stacks');
  return await inPodOf(
    target,
    options,
    LOOK,
    terminal,
    ({ processes, rootPid, target: { name, container, workload } }) =>
      tell(processes, rootPid, { kind: 'pod', name, container, workload }, options, terminal),
  );
}

const formatOf = (id: string) => formatNamed(stacksFormats, id, 'whyoom stacks has');

async function tell(
  port: ProcessPort,
  rootPid: number,
  target: StacksReport['target'],
  options: StacksOptions,
  terminal: Terminal,
): Promise<number> {
  const asked = { maxPauseMs: options.maxPause, interrupted: terminal.interrupted, note: terminal.progress };
  const processes = await gatherStacks(port, rootPid, asked);
  const report: StacksReport = { version: 1, tool: VERSION, target, processes };
  await terminal.write(formatOf(options.output).render(report, screenOf(terminal, options.color)));
  return processes.some((each) => 'threads' in each) ? EXIT.done : EXIT.failed;
}
