import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** Waits for something that must come; only what never comes fails. */
export async function until<T>(what: string, look: () => T | undefined | false, patienceMs = 60_000): Promise<T> {
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  throw new Error(`never came: ${what}`);
}

export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  lines(): string[];
  errors(): string;
  /** Resolves with the exit code or the signal. */
  readonly ended: Promise<number | string>;
}

/** Starts a program and keeps what it says. Who starts it sees to its end. `stdin` is a pipe only where asked for. */
export function startProgram(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
  stdin: 'ignore' | 'pipe' = 'ignore',
): Program {
  const child = spawn(command, args, { ...options, stdio: [stdin, 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout?.on('data', (bytes: Buffer) => (out += bytes));
  child.stderr?.on('data', (bytes: Buffer) => (err += bytes));
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code!));
  });
  return { child, pid: child.pid!, lines: () => out.split('\n').slice(0, -1), errors: () => err, ended };
}
