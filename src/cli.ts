import './zod-plain.ts';
import { EXIT } from './commands/exit-code.ts';
import { run } from './commands/program.ts';
import type { Terminal } from './commands/terminal.ts';
import { ProblemError } from './core/problem.ts';
import { visible, visibleLines } from './util/text-escape.ts';

const interrupted = new AbortController();
/** The reader has closed its end; the second once Node knows. */
const GONE = ['EPIPE', 'ERR_STREAM_DESTROYED'];
const cleanUps = new Set<() => void>();

function onSignal(): void {
  if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
  interrupted.abort();
  if (process.stderr.isTTY) process.stderr.write('\nwhyoom: ending the watch; Ctrl-C again ends at once\n');
}

/** Resolves also where the reader has gone (`whyoom … | head`): then there is nobody left to tell. */
const write = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error?: NodeJS.ErrnoException | null) => {
      if (error && !GONE.includes(error.code ?? '')) reject(cannotWrite(error));
      else resolve();
    });
  });

const cannotWrite = (why: Error): ProblemError =>
  new ProblemError(
    'broken',
    `The report cannot be written: ${why.message}.`,
    'Send stdout to where there is room for it.',
  );

const say = (line: string): void => {
  process.stderr.write(`${visibleLines(line)}\n`);
};

async function confirm(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const { createInterface } = await import('node:readline/promises');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`${visible(question)} [y/N] `, { signal: interrupted.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    // Ctrl-C, or the end of input.
    return false;
  } finally {
    asking.close();
  }
}

const terminal: Terminal = {
  env: process.env,
  stdout: { isTTY: process.stdout.isTTY === true, columns: process.stdout.columns },
  write,
  say,
  progress: (line) => {
    if (process.stderr.isTTY) process.stderr.write(`${visible(line)}\n`);
  },
  confirm,
  interrupted: interrupted.signal,
  beforeExit(clean) {
    cleanUps.add(clean);
    return () => cleanUps.delete(clean);
  },
};

// What cannot be written to stdout is told where it was to be written; of stderr there is nobody to tell.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
process.on('exit', () => {
  // Last in, first out: a program goes before the group that it runs in.
  for (const clean of [...cleanUps].reverse()) clean();
});
process.exit(await run(process.argv.slice(2), terminal));
