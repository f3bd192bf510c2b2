import { spawn } from 'node:child_process';

export interface Ran {
  readonly ms: number;
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, and says how long it took from the start of its process to the end of its output. */
export function run(program: string, options: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const child = spawn(program, [...options], { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (piece) => out.push(piece));
    child.stderr.on('data', (piece) => err.push(piece));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ ms: performance.now() - startedMs, code, out: `${Buffer.concat(out)}`, err: `${Buffer.concat(err)}` }),
    );
    child.stdin.end(input);
  });
}

/** The same, where anything but success is an error. */
export async function succeed(program: string, options: readonly string[], input = ''): Promise<Ran> {
  const ran = await run(program, options, input);
  if (ran.code === 0) return ran;
  throw new Error(`${program} ${options.join(' ')} ended with ${ran.code}: ${ran.err}`);
}
