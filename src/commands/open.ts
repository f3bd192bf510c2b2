import { readCase } from '../app.ts';
import { checkOutput, type OutputOptions, present } from './output.ts';
import type { Terminal } from './terminal.ts';

/** `whyoom open CASE`: judges a saved case again. */
export async function open(folder: string, options: OutputOptions, terminal: Terminal): Promise<number> {
  await checkOutput(options);
  return await present(await readCase(folder), options, terminal);
}
