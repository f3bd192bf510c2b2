import { readFileSync } from 'node:fs';

/** Beside this file in a checkout, beside the bundle in the published package (`scripts/build.ts` copies it). */
const SCRIPT = new URL('./reader.py', import.meta.url);

export interface ReaderStart {
  /** The reader leaves at once where its control group has less room; 0: it stays. */
  readonly leastHeadroomBytes: number;
  /** It ends by itself after so long without a request. */
  readonly idleSeconds?: number;
}

/**
 * Arguments of a Python that becomes the reader. Fits an argument (128 KiB, MAX_ARG_STRLEN of execve(2)).
 * The script goes as a text that is compiled a part at a time, split where two lines are empty: compiled whole it would take
 * 3 MB more, which Python never gives back. Python keeps some twenty bytes for each of an argument.
 */
export function readerArguments({ leastHeadroomBytes, idleSeconds = 900 }: ReaderStart): string[] {
  const parts = JSON.stringify(readFileSync(SCRIPT, 'utf8').split('\n\n\n').map(shorter));
  return ['-I', '-S', '-c', `for part in ${parts}: exec(part)`, String(leastHeadroomBytes), String(idleSeconds)];
}

/** Without lines that are comments, and a space for a level of indentation. */
const shorter = (part: string): string =>
  part.replace(/^ *#.*\n/gm, '').replace(/^(?: {4})+/gm, (levels) => ' '.repeat(levels.length / 4));
