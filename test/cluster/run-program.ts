import { execFileSync } from 'node:child_process';

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** How long it may take; a minute unless told. */
  readonly timeoutMs?: number;
}

/** What a program prints on stdout. Throws an error that holds the end of what it wrote to stderr. */
export function runProgram(program: string, options: readonly string[], settings: RunOptions = {}): string {
  const { timeoutMs = 60_000, ...others } = settings;
  try {
    return execFileSync(program, options, {
      ...others,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      maxBuffer: 256 * 2 ** 20,
    });
  } catch (thrown) {
    const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr).trim().slice(-2000) : '';
    const why = said || (thrown instanceof Error ? thrown.message : String(thrown));
    throw new Error(`${program} ${options.slice(0, 4).join(' ')} … failed: ${why}`);
  }
}

/** The same where failing says nothing but "no". */
export function succeeds(program: string, options: readonly string[], settings?: RunOptions): boolean {
  try {
    runProgram(program, options, settings);
    return true;
  } catch {
    return false;
  }
}
