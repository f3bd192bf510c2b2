import { baselineIn, gatherLogs, isCaseFolder, isHeapFile, withBaseline } from '../app.ts';
import type { Case } from '../core/case.ts';
import { compare, readNamed } from './compare.ts';
import { dryRun } from './dry-run.ts';
import type { ClusterOptions } from './kube-options.ts';
import { workloadOf } from './kube-target.ts';
import { type LookOptions, look } from './look.ts';
import { open } from './open.ts';
import { checkOutput, type OutputOptions, present } from './output.ts';
import { lookAtCommand } from './run-command.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { lookAtWorkload } from './workload.ts';

export interface DiagnoseOptions extends LookOptions, OutputOptions, ClusterOptions {
  readonly pid?: number;
  /** Log files, `-` for standard input. */
  readonly logs?: readonly string[];
  /** The folder of an earlier case. */
  readonly baseline?: string;
}

/** `whyoom [diagnose] (TYPE/NAME | POD | -l SELECTOR | --pid N | CASE | -- command …)`: one target, whatever its kind. */
export async function diagnose(
  targets: readonly string[],
  command: readonly string[],
  options: DiagnoseOptions,
  terminal: Terminal,
): Promise<number> {
  const isNamed = targets.length > 0 || options.selector !== undefined;
  const isLogs = options.logs !== undefined;
  const kinds = [options.pid !== undefined, command.length > 0, isNamed, isLogs].filter(Boolean).length;
  if (kinds === 0)
    throw new UsageError(
      'Nothing to look at.',
      'Give TYPE/NAME, a pod, --pid PID, --logs FILE, a command after --, or a saved case.',
    );
  if (kinds > 1)
    throw new UsageError(
      'More than one target.',
      'Give one of: TYPE/NAME, --pid PID, --logs FILE…, -- command …, CASE.',
    );
  await checkOutput(options);
  if (isLogs) return await present(await lookAtLogs(options.logs!, options, terminal), options, terminal);
  const withPast = await pastOf(options);
  if (command.length > 0)
    return await present(withPast(await lookAtCommand(command, options, terminal)), options, terminal);
  if (options.pid !== undefined)
    return await present(withPast(await look(options.pid, options, terminal)), options, terminal);
  if (targets.length === 1 && (await isSaved(targets[0]!))) return await openTarget(targets[0]!, options, terminal);
  const target = workloadOf(targets, options.selector, 'whyoom');
  if (options.dryRun) return await dryRun(target, options, terminal);
  return await present(withPast(await lookAtWorkload(target, options, terminal)), options, terminal);
}

function lookAtLogs(
  files: readonly string[],
  { baseline, source }: DiagnoseOptions,
  terminal: Terminal,
): Promise<Case> {
  if (baseline !== undefined)
    throw new UsageError('--baseline compares heaps, and logs have none.', 'Give the older log first: --logs OLD NEW');
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('--logs - -: there is one standard input.');
  return gatherLogs({ files, sourceDir: source, interrupted: terminal.interrupted, note: terminal.progress });
}

/** Read before the target is touched: nobody waits for a look that cannot be compared. */
async function pastOf({ baseline }: DiagnoseOptions): Promise<(whole: Case) => Case> {
  if (baseline === undefined) return (whole) => whole;
  const past = baselineIn(await readNamed(baseline));
  return (whole) => withBaseline(whole, past);
}

const isSaved = async (target: string): Promise<boolean> => isHeapFile(target) || (await isCaseFolder(target));

async function openTarget(target: string, options: DiagnoseOptions, terminal: Terminal): Promise<number> {
  const isCase = !isHeapFile(target);
  if (isCase && options.baseline !== undefined) return await compare([options.baseline, target], options, terminal);
  return await open(target, options, terminal);
}
