import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Program, startProgram, until } from '../start-program.ts';

const FOLDER = fileURLToPath(new URL('../python/harm/', import.meta.url));
/** What the programs under test/python/harm say of themselves; checked.py is what they share. */
const report = z.object({ counts: z.record(z.string(), z.number()), errors: z.array(z.string()) });
export type CheckReport = z.infer<typeof report>;

/** Programs that check themselves: `threads`, `sockets`, … */
export const CHECKED = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.py') && file !== 'checked.py')
  .map((file) => basename(file, '.py'));

/** Every thread of a process in a word: runs, traced or stopped. */
interface Standing {
  readonly tid: string;
  readonly state: string;
  readonly tracer: string;
}

export interface CheckedProgram {
  readonly pid: number;
  readonly name: string;
  /** Dictionaries that it holds besides what it does. */
  readonly ballast: number;
  /** Sends a signal that queues; what came is compared with what was sent. Only `signals` waits for it. */
  sendOutside(): void;
  /** Resolves when nothing traces or stops any thread, and every check has come round once more. Throws what is wrong. */
  goesOn(): Promise<void>;
  /** Lets it come to its end, where it looks for what was lost. Throws what is wrong. */
  finish(): Promise<CheckReport>;
  kill(): Promise<void>;
}

/** Far beyond what anything takes, on a machine however busy: what has not come by then is lost. */
export const PATIENCE_MS = 300_000;
/** SIGRTMIN + 5 with glibc, which keeps two of the kernel's for itself. */
const OUTSIDE_SIGNAL = 39;

export async function startChecked(python: string, name: string, ballast: number): Promise<CheckedProgram> {
  const args = ['-B', '-W', 'ignore', `${FOLDER}${name}.py`, String(ballast)];
  const program = startProgram(python, args, { cwd: FOLDER }, 'pipe');
  program.child.stdin?.on('error', () => {}); // it has ended; `ask` says so
  let sent = 0;
  const ask = (line: string) => {
    const known = program.lines().length;
    program.child.stdin?.write(`${line}\n`);
    return answerOf(program, known);
  };
  await answerOf(program, 0);
  return {
    pid: program.pid,
    name,
    ballast,
    sendOutside() {
      if (name === 'signals' && process.kill(program.pid, OUTSIDE_SIGNAL)) sent += 1;
    },
    async goesOn() {
      await until(`all threads of ${program.pid} free`, () => held(program.pid).length === 0, PATIENCE_MS).catch(
        (error) => {
          throw new Error(`${error}: ${JSON.stringify(held(program.pid))}`);
        },
      );
      const before = await ask('report');
      let now = before;
      for (const end = Date.now() + PATIENCE_MS; !cameRound(before, now, sent); now = await ask('report')) {
        if (Date.now() > end) throw new Error(`${name} does not go on: ${JSON.stringify({ sent, before, now })}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      if ((now.counts.outside ?? 0) !== sent && name === 'signals')
        throw new Error(`sent ${sent}, came ${now.counts.outside}`);
    },
    async finish() {
      const last = await ask('end');
      const code = await program.ended;
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${program.errors()}`);
      return last;
    },
    async kill() {
      program.child.kill('SIGKILL');
      await program.ended;
    },
  };
}

/** The answer after so many lines. Throws when the program has ended, or found something wrong. */
async function answerOf(program: Program, known: number): Promise<CheckReport> {
  const { child } = program;
  const hasEnded = () => (child.exitCode !== null || child.signalCode !== null) && 'ended';
  const line = await until(`an answer of ${program.pid}`, () => program.lines()[known] ?? hasEnded(), PATIENCE_MS);
  if (line === 'ended') throw new Error(`ended with ${await program.ended}: ${program.errors()}`);
  const said = report.parse(JSON.parse(line));
  if (said.errors.length > 0) throw new Error(said.errors.slice(0, 5).join('\n'));
  return said;
}

/** Whether every check has come round since, and every signal sent from outside has come. */
function cameRound(before: CheckReport, now: CheckReport, sent: number): boolean {
  return Object.entries(now.counts).every(([check, count]) =>
    check === 'outside' ? count >= sent : count > (before.counts[check] ?? 0),
  );
}

/** The threads that are traced or stopped. */
function held(pid: number): Standing[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    const status = statusOf(pid, tid);
    const state = /^State:\s*(\S)/m.exec(status)?.[1] ?? 'gone';
    const tracer = /^TracerPid:\s*(\d+)/m.exec(status)?.[1] ?? '0';
    return state === 't' || state === 'T' || tracer !== '0' ? [{ tid, state, tracer }] : [];
  });
}

function statusOf(pid: number, tid: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
  } catch {
    return ''; // the thread has ended since
  }
}

/** Whether a process stands in a stop of ptrace's. */
export const isStanding = (pid: number): boolean => /^State:\s*t/m.test(statusOf(pid, String(pid)));

/** The process that traces this one; 0 where none does. */
export const tracerOf = (pid: number): number =>
  Number(/^TracerPid:\s*(\d+)/m.exec(statusOf(pid, String(pid)))?.[1] ?? 0);
