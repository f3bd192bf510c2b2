import { compareCases, isHeapFile, readCase } from '../app.ts';
import type { Case } from '../core/case.ts';
import { ProblemError } from '../core/problem.ts';
import { checkOutput, type OutputOptions, present } from './output.ts';
import type { Terminal } from './terminal.ts';

/** `whyoom compare OLD NEW`: judges the newer case with what the older one knows: what grew, is new, was fixed. */
export async function compare(
  [old, newer]: readonly [string, string],
  options: OutputOptions,
  terminal: Terminal,
): Promise<number> {
  await checkOutput(options);
  return await present(compareCases(await readNamed(old), await readNamed(newer)), options, terminal);
}

const CASES_COME_FROM = 'Make one with: whyoom --pid PID --save DIR';

/** A case of several: what is wrong with it says which it is. Throws a ProblemError. */
export async function readNamed(folder: string): Promise<Case> {
  try {
    return await readCase(folder);
  } catch (thrown) {
    if (!(thrown instanceof ProblemError)) throw thrown;
    if (isHeapFile(folder))
      throw new ProblemError('unsupported', `${folder} is a saved heap; a case is needed.`, CASES_COME_FROM);
    const { code, message, hint } = thrown.problem;
    throw new ProblemError(code, message.includes(folder) ? message : `${folder}: ${message}`, hint);
  }
}
