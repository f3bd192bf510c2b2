import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';
import type { Work } from './peers.ts';
import { ended, kill, started } from './started.ts';

/** Tools that come from outside with a debugger: gdb must be in the PATH. */

const MEMRAY_SECONDS = 1;
/** After a time-out the target is killed; by then a tool has had this long to clear up. */
const GRACE_MS = 15_000;
const KEPT_CHARACTERS = 20_000;

/** How long `memray attach` takes until it records. Throws where it does not come so far. */
export async function attachMemray(pid: number, environment: Environment, longestMs: number): Promise<Work> {
  return inFolder(async (folder) => {
    const args = ['-m', 'memray', 'attach', '--verbose', '--method', 'gdb', '--duration', String(MEMRAY_SECONDS)];
    const file = join(folder, 'recorded');
    const seconds = await timed(environment.python, [...args, '-o', file, String(pid)], longestMs, lastWords);
    await new Promise((resolve) => setTimeout(resolve, MEMRAY_SECONDS * 1000));
    return { seconds, note: 'attach only: it records what is allocated from then on, not what is there' };
  });
}

/** How long PyHeap takes to write its dump. Throws where it does not. */
export async function dumpWithPyheap(pid: number, environment: Environment, longestMs: number): Promise<Work> {
  const { pyheap } = environment;
  if (pyheap === undefined) throw new Error('it is in no registry of packages; name it with --pyheap');
  const script = [join(pyheap, 'pyheap/src/pyheap_dump.py'), pyheap].find((path) => existsSync(path));
  if (script === undefined) throw new Error(`${pyheap} is not there`);
  return inFolder(async (folder) => {
    const file = join(folder, 'heap');
    const args = [script, '--pid', String(pid), '--file', file];
    const seconds = await timed(environment.python, args, longestMs, pyheapProgress);
    return { seconds, note: `writes a dump of ${Math.round(statSync(file).size / 2 ** 20)} MiB, to be analysed later` };
  });
}

/** The last that it said of its progress, else its last words. */
function pyheapProgress(said: string): string {
  const done = [...said.matchAll(/(\d+) objects done, (\d+) remain/g)].at(-1);
  return done === null || done === undefined ? lastWords(said) : `${done[1]} objects done by then`;
}

/** What went wrong: what the debugger says of it, which other tools put before a last line of their own. */
function lastWords(said: string): string {
  const lines = said.trim().split('\n');
  return lines.findLast((line) => /^(Couldn't|Cannot|ptrace:|gdb\.error:|\w+Error:) /.test(line)) ?? lines.at(-1)!;
}

/** PyHeap writes below /tmp, and cannot clear up where its target has ended. */
const dumpFolders = (): string[] =>
  readdirSync('/tmp')
    .filter((name) => name.startsWith('pyheap-'))
    .map((name) => join('/tmp', name));

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-bench-'));
  const before = new Set(dumpFolders());
  const clear = () => {
    const left = dumpFolders().filter((path) => !before.has(path));
    for (const path of [folder, ...left]) rmSync(path, { recursive: true, force: true });
  };
  // Where the bench is ended meanwhile.
  process.once('exit', clear);
  try {
    return await work(folder);
  } finally {
    process.off('exit', clear);
    clear();
  }
}

/** Runs a command to its end and returns the seconds that it took. Throws with what `why` makes of its output. */
async function timed(
  command: string,
  args: readonly string[],
  longestMs: number,
  why: (said: string) => string,
): Promise<number> {
  const beganMs = performance.now();
  // A group of its own: a debugger that it has started ends with it.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      said = (said + bytes).slice(-KEPT_CHARACTERS);
    });
  }
  const group = -(child.pid ?? Number.NaN);
  started(group);
  const late = setTimeout(() => kill(group), longestMs + GRACE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(late);
  ended(group);
  if (code !== 0) throw new Error(why(said));
  return (performance.now() - beganMs) / 1000;
}
