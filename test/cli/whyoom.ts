import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { findPython } from '../../src/sources/launch/python.ts';

export const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** Starts whyoom, with neither stdout nor stderr a terminal. */
export function startWhyoom(...argv: string[]): { child: ChildProcessWithoutNullStreams; ran: Promise<Ran> } {
  const child = spawn(process.execPath, [CLI, ...argv], { env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '' } });
  child.stdin.end();
  const ran = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], out, err]): Ran => ({ code, out, err }),
  );
  return { child, ran };
}

export const whyoom = (...argv: string[]): Promise<Ran> => startWhyoom(...argv).ran;

export const python = (): Promise<string> => findPython(process.env);

/** A program that runs until the test has finished. */
export async function running(command: readonly string[]): Promise<number> {
  const child = spawn(command[0]!, command.slice(1), { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child.pid!;
}

/** Grows by a megabyte and a list item ten times a second, and prints as it does. */
export const LEAK = `
import time
kept = []
while True:
    kept.append(bytearray(1 << 20))
    print("kept", len(kept), flush=True)
    time.sleep(0.1)
`;
