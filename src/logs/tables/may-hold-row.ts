import type { LogLine } from '../log-line.ts';

/** Words without which no row and no head of a table is: those that each recogniser looks for first. */
const WORDS =
  /: size=|<Statistic|#\d+:? |memory block| other: |Total allocated size|Top \d|\bgc\b|garbage|['"]collected['"]|collector|Filename: |Line #|^MEM |# objects|Cumulative|\bmem|mem\(|rss|\buss\b|\bpss\b|\bvms\b|Vm(?:Size|HWM|Swap)|resident|traced|_peak=|virtual|set size|alloc|MemoryError|out of memory|\bcreat|instantiat|spawn|\bnew\b/i;
/** A line of a table of objgraph's. */
const NAME_AND_COUNT = /^[A-Za-z_][\w.<>-]{0,200} {1,200}\d{1,15}(?: {1,20}\+\d{1,15})?$/;

/** Whether a line can be of interest where no table is open; most are not. */
export function mayHoldRow({ message, text = message, traceback }: LogLine): boolean {
  if (WORDS.test(text) || NAME_AND_COUNT.test(message)) return true;
  const exception = traceback?.at(-1);
  return exception !== undefined && WORDS.test(exception);
}
