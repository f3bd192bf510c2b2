import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { localFiles, type ProcFiles } from '../../../src/sources/process/proc-files.ts';
import { counted } from '../../counted.ts';

const PYENV = join(process.env.HOME ?? '/root', '.pyenv/versions');

/** Every CPython under pyenv, with its version. */
export const INTERPRETERS: readonly { version: string; path: string }[] = (existsSync(PYENV) ? readdirSync(PYENV) : [])
  .map((version) => ({ version, path: join(PYENV, version, 'bin/python') }))
  .filter(({ path }) => existsSync(path));

/** An interpreter that whyoom reads. */
export const PYTHON = INTERPRETERS.find(({ version }) => version.startsWith('3.11'))?.path ?? 'python3';

/** "3.11": the version of an interpreter as whyoom names it. */
export const minorOf = (python: string): string =>
  execFileSync(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).toString().trim();

const running: ChildProcess[] = [];
const folders: string[] = [];

/** Starts a program that prints a line when it is ready, and gives that line and its process id. */
export async function start(command: string, args: readonly string[], options: { cwd?: string; uid?: number } = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  running.push(child);
  const ready = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('\n')) resolve(said.trim());
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`${command} ended (${code ?? signal}) and was not ready`)));
  });
  counted('programs', `${command} ${args.join(' ')}`.slice(0, 80));
  return { pid: child.pid!, ready, child };
}

/** A Python program that runs `body`, says "ready" and then waits until its input ends. */
export const waiting = (body = '') => `${body && `${body}\n`}import sys\nprint('ready', flush=True)\nsys.stdin.read()`;

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-process-'));
  folders.push(folder);
  return folder;
};

/** What a recorded machine shows under /proc and /sys. */
export function recorded(files: Readonly<Record<string, string>>): ProcFiles {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return localFiles(root);
}

/** Waits until something is so; the test's own time limit ends it if it never is. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Whether what needs root can be tested: not elsewhere, said aloud, and a failure in CI. */
export function asRoot(what: string): boolean {
  if (process.getuid?.() === 0) return true;
  if (process.env.CI) throw new Error(`${what}: needs root, and CI must not skip it`);
  console.warn(`SKIPPED, needs root: ${what}`);
  return false;
}

/** Checks what a call threw: a problem with this code, and words that hold `message`. */
export async function problemOfCall(call: () => unknown): Promise<{ code: string; message: string; hint?: string }> {
  try {
    await call();
  } catch (error) {
    expect(error).toHaveProperty('problem');
    return (error as { problem: { code: string; message: string; hint?: string } }).problem;
  }
  throw new Error('nothing was thrown');
}

afterEach(endPrograms);

/** Ends what was started, and what that has started; runs after each test by itself. */
export async function endPrograms(): Promise<void> {
  for (const child of running.splice(0)) {
    for (const pid of descendants(child.pid!)) kill(pid);
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

function descendants(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  const children = readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [...descendants(child), child]);
}

function kill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
