import { baselineIn, isCaseFolder, isHeapFile, withBaseline } from '../app.ts';
import type { Case } from '../core/case.ts';
import { compare, readNamed } from './compare.ts';
import { type LookOptions, look } from './look.ts';
import { open } from './open.ts';
import { checkOutput, type OutputOptions, present } from './output.ts';
import { lookAtCommand } from './run-command.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export interface DiagnoseOptions extends LookOptions, OutputOptions {
  readonly pid?: number;
  /** The folder of an earlier case. */
  readonly baseline?: string;
}

/** `whyoom [diagnose] (--pid N | CASE | -- command …)`: one target, whatever its kind. */
export async function diagnose(
  targets: readonly string[],
  command: readonly string[],
  options: DiagnoseOptions,
  terminal: Terminal,
): Promise<number> {
  const kinds = [options.pid !== undefined, command.length > 0, targets.length > 0].filter(Boolean).length;
  if (kinds === 0) throw new UsageError('Nothing to look at.', 'Give --pid PID, a command after --, or a saved case.');
  if (kinds > 1 || targets.length > 1)
    throw new UsageError('More than one target.', 'Give one of: --pid PID, -- command …, CASE.');
  await checkOutput(options);
  const withPast = await pastOf(options);
  if (command.length > 0)
    return await present(withPast(await lookAtCommand(command, options, terminal)), options, terminal);
  if (options.pid !== undefined)
    return await present(withPast(await look(options.pid, options, terminal)), options, terminal);
  return await openTarget(targets[0]!, options, terminal);
}

/** Read before the target is touched: nobody waits for a look that cannot be compared. */
async function pastOf({ baseline }: DiagnoseOptions): Promise<(whole: Case) => Case> {
  if (baseline === undefined) return (whole) => whole;
  const past = baselineIn(await readNamed(baseline));
  return (whole) => withBaseline(whole, past);
}

async function openTarget(target: string, options: DiagnoseOptions, terminal: Terminal): Promise<number> {
  if (isHeapFile(target)) return await open(target, options, terminal);
  const isCase = await isCaseFolder(target);
  if (isCase && options.baseline !== undefined) return await compare([options.baseline, target], options, terminal);
  if (isCase) return await open(target, options, terminal);
  if (/^\d+$/.test(target))
    throw new UsageError(`"${target}" alone is no target.`, `A process is given as: whyoom --pid ${target}`);
  throw new UsageError(
    `"${target}" is no command of whyoom and no saved case.`,
    'Give --pid PID, a command after --, or a saved case. See: whyoom --help',
  );
}
