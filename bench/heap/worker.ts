import { execFile } from 'node:child_process';
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ended, started } from './started.ts';

const run = promisify(execFile);
const LONGEST_MS = 300_000;

/** Runs a program of this folder to its end, in a process of its own, and returns the JSON that it replied. */
export async function runWorker(file: string, args: readonly string[] = []): Promise<unknown> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return JSON.parse(await runNode([path, ...args]));
}

/** What a program of Node writes, run to its end. */
export async function runNode(args: readonly string[]): Promise<string> {
  const running = run(process.execPath, args, { timeout: LONGEST_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 28 });
  const pid = running.child.pid!;
  started(pid);
  try {
    return (await running).stdout;
  } finally {
    ended(pid);
  }
}

/** The other end of `runWorker`. */
export const reply = (answer: unknown): void => void writeSync(1, JSON.stringify(answer));
