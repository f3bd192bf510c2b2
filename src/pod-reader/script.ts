import { readFileSync } from 'node:fs';

/** Beside this file in a checkout, beside the bundle in the published package (`scripts/build.ts` copies it). */
const SCRIPT = new URL('./reader.py', import.meta.url);

export interface ReaderStart {
  /** The reader leaves at once where its control group has less room; 0: it stays. */
  readonly leastHeadroomBytes: number;
  /** It ends by itself after so long without a request. */
  readonly idleSeconds?: number;
}

/** A Python that becomes the reader. */
export interface ReaderProgram {
  readonly args: readonly string[];
  /** The reader itself: the first that it is to find on its standard input. */
  readonly input: Uint8Array;
}

/**
 * Takes the reader from its standard input, a part at a time, each behind its length in ten digits; a length of 0 is never reached, as the
 * last part serves. It waits so long for it as nobody waits who means it. Among the arguments the reader would be 48 KB of a URL, more than
 * proxies before an API server let through (nginx: 8 KB, RFC 9112 recommends 8,000 octets), and Python keeps some twenty bytes for each.
 */
const LOADER = `# whyoom's reader, which comes on stdin
import posix, _signal
def part():
    _signal.alarm(30)
    text = b""
    left = 10
    while left:
        read = posix.read(0, left)
        if not read:
            raise SystemExit(6)
        text += read
        left -= len(read)
        if not left and len(text) == 10:
            left = int(text)
    return text[10:]
while True:
    exec(part())
`;

/**
 * What makes a Python the reader. Its parts are split where two lines are empty: compiled whole it would take 3 MB more, which Python
 * never gives back.
 */
export function readerProgram({ leastHeadroomBytes, idleSeconds = 900 }: ReaderStart): ReaderProgram {
  const parts = readFileSync(SCRIPT, 'utf8').split('\n\n\n').map(shorter);
  const framed = parts.map((part) => `${String(Buffer.byteLength(part)).padStart(10, '0')}${part}`);
  return {
    args: ['-I', '-S', '-c', LOADER, String(leastHeadroomBytes), String(idleSeconds)],
    input: Buffer.from(framed.join('')),
  };
}

/** Without lines that are comments, and a space for a level of indentation. */
const shorter = (part: string): string =>
  part.replace(/^ *#.*\n/gm, '').replace(/^(?: {4})+/gm, (levels) => ' '.repeat(levels.length / 4));
