import { execFile } from 'node:child_process';
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LONGEST_MS = 300_000;

/** Runs a program of this folder to its end, in a process of its own, and returns the JSON that it replied. */
export async function runWorker(file: string, args: readonly string[] = []): Promise<unknown> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await run(process.execPath, [path, ...args], { timeout: LONGEST_MS, killSignal: 'SIGKILL' });
  return JSON.parse(stdout);
}

/** The other end of `runWorker`. */
export const reply = (answer: unknown): void => void writeSync(1, JSON.stringify(answer));
