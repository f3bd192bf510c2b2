import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Interpreter } from './programs.ts';

const CACHE = join(homedir(), '.cache', 'whyoom-test');

/**
 * The interpreter with packages beside its own library, in a virtual environment that is kept for the next run. Only ready-made packages
 * are taken: nothing is compiled. Undefined, and said so, where they cannot be had; in CI that is an error.
 */
export function withPackages(interpreter: Interpreter, packages: readonly string[]): Interpreter | undefined {
  const key = createHash('sha256')
    .update([interpreter.path, interpreter.version, ...packages].join('\n'))
    .digest('hex');
  const folder = join(CACHE, `venv-${interpreter.version}-${key.slice(0, 12)}`);
  try {
    if (!existsSync(folder)) make(folder, interpreter, packages);
    return { path: join(folder, 'bin', 'python'), version: interpreter.version };
  } catch (thrown) {
    if (process.env.CI) throw thrown;
    console.warn(
      `!!! No ${packages.join(', ')} for CPython ${interpreter.version}: ${String(thrown).slice(0, 300)} !!!`,
    );
    return undefined;
  }
}

/** Made beside its place and then moved there: two test runs may want it at once. */
function make(folder: string, { path }: Interpreter, packages: readonly string[]): void {
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(join(CACHE, 'draft-'));
  const quiet = { stdio: ['ignore', 'ignore', 'pipe'] as const, encoding: 'utf8' as const, timeout: 300_000 };
  try {
    execFileSync(path, ['-m', 'venv', draft], { ...quiet, stdio: [...quiet.stdio] });
    const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '--only-binary=:all:', ...packages];
    execFileSync(join(draft, 'bin', 'python'), pip, { ...quiet, stdio: [...quiet.stdio] });
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
