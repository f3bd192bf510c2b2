import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError } from '../../core/problem.ts';
import type { OwnOutput } from './own-output.ts';

const GRACE_MS = 5000;
const AGAIN_MS = 50;

/** A program that whyoom started, and ends. */
export interface Launched {
  readonly pid: number;
  /** How it ended, in words; undefined while it runs. */
  ended(): string | undefined;
  /** SIGTERM, and SIGKILL after 5 s, to it and what it started. Says which it took. */
  stop(): Promise<string>;
  /** SIGKILL at once: for when whyoom itself has to go. */
  kill(): void;
}

/**
 * Starts a command in a process group of its own. What it prints, also on stdout, goes to our stderr: stdout is for
 * the report. Throws a ProblemError where it cannot be started.
 */
export async function launch(
  command: readonly string[],
  env?: NodeJS.ProcessEnv,
  onOutput?: OwnOutput['take'],
): Promise<Launched> {
  const [file, ...argv] = command;
  const own = onOutput ? { ...(env ?? process.env), ...UNBUFFERED } : env;
  const out = onOutput ? 'pipe' : 2;
  const child = spawn(file!, argv, { detached: true, stdio: ['inherit', out, out], ...(own ? { env: own } : {}) });
  if (onOutput) passOn(child, onOutput);
  await started(child, file!);
  const group = child.pid!;
  const ended = () => endOf(child);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: group,
    ended,
    kill: () => signal(group, 'SIGKILL'),
    async stop() {
      const before = ended();
      signal(group, 'SIGTERM');
      if (await isGone(group)) {
        await exited;
        return before ?? 'ended it with SIGTERM';
      }
      signal(group, 'SIGKILL');
      // Node learns of the end a moment after /proc shows it.
      if (await isGone(group)) await exited;
      return 'ended it with SIGKILL: it did not heed SIGTERM within 5 s';
    },
  };
}

/** Into a pipe Python would print late, by the page: https://docs.python.org/3/using/cmdline.html#envvar-PYTHONUNBUFFERED */
const UNBUFFERED = { PYTHONUNBUFFERED: '1' };

/** What it prints goes where it would without us, and to who reads it. */
function passOn(child: ChildProcess, onOutput: OwnOutput['take']): void {
  for (const from of ['stdout', 'stderr'] as const)
    child[from]?.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk);
      onOutput(from, chunk);
    });
}

async function started(child: ChildProcess, file: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new ProblemError(
        'absent',
        `There is no command "${file}".`,
        `Check that it is on the PATH: command -v ${file}`,
      );
    }
    if (code === 'EACCES') {
      throw new ProblemError('denied', `"${file}" may not be run.`, `Is it executable? ls -l ${file}`);
    }
    throw new ProblemError('broken', `"${file}" could not be started: ${message}.`);
  }
}

function endOf(child: ChildProcess): string | undefined {
  if (child.exitCode !== null) return `it ended by itself with exit code ${child.exitCode}`;
  return child.signalCode === null ? undefined : `it was ended by ${child.signalCode}`;
}

/** To the whole group; that it is gone already is no news. */
function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {}
}

async function isGone(group: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < GRACE_MS; waitedMs += AGAIN_MS) {
    if (!isThere(group)) return true;
    await sleep(AGAIN_MS);
  }
  return !isThere(group);
}

/** Zombies do not count: where nobody reaps orphans (PID 1 of many containers does not) they stay for good. */
function isThere(group: number): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => isLivingMember(pid, group));
}

/** proc_pid_stat(5): after the name in brackets come state, parent, and process group. */
function isLivingMember(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , memberOf] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(memberOf) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
