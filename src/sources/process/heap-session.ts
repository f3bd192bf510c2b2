import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { HeapOptions, HeapSession, LiveHeap } from '../../core/ports.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import type { HeapGrowth } from '../../heap/answer.ts';
import { putInPlace } from '../heap-file/write.ts';
import { type HeapRequest, type HeapResponse, READY_ID } from './heap-messages.ts';

const STDERR_KEPT_CHARACTERS = 4000;
/** After SIGTERM, before SIGKILL. */
const GRACE_MS = 2000;

/**
 * Starts the helper process that stops and reads the target, in a session of its own so that no key reaches it.
 * Resolves when it is ready to look; nothing has been stopped by then. `workerUrl` is the helper's program.
 * Rejects with a ProblemError; so do the calls of the session.
 */
export async function openHeap(workerUrl: URL, pid: number, options: HeapOptions): Promise<HeapSession> {
  const helper = await startHelper(workerUrl, pid, options);
  return {
    first: () => helper.ask('first'),
    counts: () => helper.ask('counts'),
    grownByCounts: () => helper.ask('grownByCounts'),
    growth: () => lookAgain(helper),
    close: () => helper.close(),
  };
}

/** The same helper for `whyoom heap`: it takes one look, at the first question, and answers from it. */
export async function askHeap(workerUrl: URL, pid: number, options: HeapOptions): Promise<LiveHeap> {
  const helper = await startHelper(workerUrl, pid, options);
  return {
    overview: (rows) => helper.ask('overview', rows),
    pathsTo: (wanted, most) => helper.ask('pathsTo', wanted, most),
    // The helper writes the file itself: a heap of gigabytes does not go through a pipe.
    save: (file, about) => putInPlace(file, (beside) => helper.ask<number>('save', beside, about)),
    close: () => helper.close(),
  };
}

async function startHelper(workerUrl: URL, pid: number, options: HeapOptions): Promise<Helper> {
  const helper = new Helper(workerUrl, pid, options);
  try {
    await helper.ready;
    return helper;
  } catch (thrown) {
    await helper.close();
    throw thrown;
  }
}

/** A second look may fail in many ways, the end of the helper among them: what the counts told is asked for before. */
async function lookAgain(helper: Helper): Promise<HeapGrowth> {
  const known = await helper.ask<HeapGrowth>('grownByCounts');
  try {
    return await helper.ask<HeapGrowth>('growth');
  } catch (thrown) {
    return { ...known, secondMissing: problemOf(thrown).message };
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(why: ProblemError): void;
}

/** The helper process, and the requests that it has not answered yet. */
class Helper {
  readonly ready: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #maxPauseMs: number;
  #nextId = READY_ID + 1;
  #stderr = '';
  #closing = false;
  #ended: ProblemError | undefined;

  constructor(workerUrl: URL, pid: number, { maxPauseMs }: HeapOptions) {
    this.#maxPauseMs = maxPauseMs;
    // No NODE_OPTIONS: whatever is preloaded for this process has no business in one that holds another's memory.
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.#child = fork(workerUrl, [String(pid), String(maxPauseMs)], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      execArgv: [],
      env,
    });
    this.ready = this.#promise(READY_ID);
    this.#child.on('message', (response) => this.#take(response as HeapResponse));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT_CHARACTERS);
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(whyNotStarted(error), resolve));
      // `close` and not `exit`: by then all of stderr has come.
      this.#child.once('close', (code, signal) => this.#end(this.#whyEnded(code, signal), resolve));
    });
  }

  ask<T>(what: HeapRequest['do'], ...given: readonly unknown[]): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended);
    const request: HeapRequest = { id: this.#nextId++, do: what, with: given };
    // A send that fails means that the helper has gone; `close` says why.
    this.#child.send(request, () => {});
    return this.#promise(request.id) as Promise<T>;
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM');
    const hurry = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    await this.#exited;
    clearTimeout(hurry);
  }

  #promise(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take(response: HeapResponse): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if (response.ok) waiting?.resolve(response.value);
    else waiting?.reject(problemError(response.problem));
  }

  #end(why: ProblemError, done: () => void): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
    done();
  }

  #whyEnded(code: number | null, signal: NodeJS.Signals | null): ProblemError {
    if (this.#closing) return new ProblemError('broken', 'The reading of the heap was called off.');
    if (signal === 'SIGALRM') return tookTooLong(this.#maxPauseMs);
    if (signal === 'SIGKILL') return outOfMemory();
    return new ProblemError(
      'broken',
      helperFailed([signal ?? `exit code ${code}`, ...lastWords(this.#stderr)].join(': ')),
    );
  }
}

const problemError = ({ code, message, hint }: ProblemError['problem']) => new ProblemError(code, message, hint);

/** The line that says what went wrong: the error and not the stack under it, else the last one. */
function lastWords(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return [lines.findLast((line) => /^\w*(Error|FATAL)\b.*: /.test(line)) ?? lines.at(-1)].filter(
    (line) => line !== undefined,
  );
}

const helperFailed = (why: string) => `The helper process that reads the heap ended (${why}). The target was let go.`;

/** A missing /dev/null fails as if the program were missing: libuv opens it for what is ignored (`uv__process_child_init`, 1.x). */
function whyNotStarted({ code, message }: NodeJS.ErrnoException): ProblemError {
  const lacksNull = code === 'ENOENT' && !existsSync('/dev/null');
  return new ProblemError(
    'broken',
    `The helper process that reads the heap could not be started (${lacksNull ? 'there is no /dev/null' : message}).`,
    lacksNull ? 'sudo mknod -m 666 /dev/null c 1 3 makes it again.' : undefined,
  );
}

const tookTooLong = (maxPauseMs: number) =>
  new ProblemError(
    'timeout',
    `The copy took longer than --max-pause (${maxPauseMs / 1000} s); the target was let go.`,
    'Allow a longer pause, for example --max-pause 5s, or look when the machine is less busy.',
  );

const outOfMemory = () =>
  new ProblemError(
    'broken',
    'The helper process that reads the heap was killed (SIGKILL), most likely for lack of memory. The target was let go.',
    'sudo dmesg | tail shows it. A copy takes about as much memory as the target: run whyoom where that much is free.',
  );
