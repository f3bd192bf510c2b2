import { isHeapFile, readCase } from '../app.ts';
import { HEAP_ROWS, openHeap } from './heap.ts';
import { checkOutput, type OutputOptions, present } from './output.ts';
import type { Terminal } from './terminal.ts';

/** `whyoom open CASE`: judges a saved case again, or says what is in a saved heap. */
export async function open(folder: string, options: OutputOptions, terminal: Terminal): Promise<number> {
  if (isHeapFile(folder)) return await openHeap(folder, { ...HEAP_ROWS, ...options }, terminal);
  await checkOutput(options);
  return await present(await readCase(folder), options, terminal);
}
