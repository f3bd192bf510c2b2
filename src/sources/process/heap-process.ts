import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { HeapOptions } from '../../core/ports.ts';
import { ProblemError } from '../../core/problem.ts';
import { type HeapRequest, type HeapResponse, LINK_ARGUMENT, LINK_DESCRIPTOR, READY_ID } from './heap-messages.ts';

const STDERR_KEPT_CHARACTERS = 4000;
/** After SIGTERM, before SIGKILL. */
const GRACE_MS = 2000;

/** What is read: a process of this machine, or one of a container through the reader in it. */
export interface HeapTarget {
  /** As the machine, or the container, numbers it. */
  readonly pid: number;
  readonly link?: ReaderLink | undefined;
}

/**
 * The way to the reader in a container, for this helper alone. Both ways carry the reader's frames as they are: who gives them routes
 * the answers by the order of the requests.
 */
export interface ReaderLink {
  /** Takes the requests of the helper. */
  readonly toReader: Writable;
  /** Gives the answers to them, and nothing else. Its end, or its failure, ends the look. */
  readonly fromReader: Readable;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(why: ProblemError): void;
}

/** The helper process, and the requests that it has not answered yet. */
export class HeapProcess {
  readonly ready: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #maxPauseMs: number;
  #nextId = READY_ID + 1;
  #stderr = '';
  #closing = false;
  #ended: ProblemError | undefined;

  constructor(workerUrl: URL, { pid, link }: HeapTarget, { maxPauseMs }: HeapOptions) {
    this.#maxPauseMs = maxPauseMs;
    // No NODE_OPTIONS: whatever is preloaded for this process has no business in one that holds another's memory.
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.#child = fork(workerUrl, [String(pid), String(maxPauseMs), ...(link ? [LINK_ARGUMENT] : [])], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...(link ? (['pipe'] as const) : [])],
      serialization: 'advanced',
      execArgv: [],
      env,
    });
    if (link) join(this.#child.stdio[LINK_DESCRIPTOR] as Duplex, link);
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

/** What the helper asks goes to the reader, and the answers back. Where the answers end, the helper is told so. */
function join(helperSide: Duplex, { toReader, fromReader }: ReaderLink): void {
  // Not `pipeline`: the link outlives the helper, and may have other users.
  helperSide.on('error', () => {}).pipe(toReader, { end: false });
  fromReader.once('error', () => helperSide.end()).pipe(helperSide);
  // Nobody reads its answers any longer: whoever routes them is to know, or it waits for room with all the others behind.
  helperSide.once('close', () => fromReader.unpipe(helperSide).destroy());
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
