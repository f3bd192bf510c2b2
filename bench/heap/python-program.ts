import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { z } from 'zod';
import { ended, started } from './started.ts';

/** What a program answers to a command: see programs/serve.py. */
const answerSchema = z.object({
  ready: z.boolean().optional(),
  pid: z.number().optional(),
  ended: z.number().optional(),
  seconds: z.number().optional(),
  objects: z.number().optional(),
  bytes: z.number().optional(),
});
export type Answer = z.infer<typeof answerSchema>;

/** A Python program of the bench: it holds its objects, answers commands, and ends with this process at the latest. */
export class PythonProgram {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #errors = '';
  /** Whether a forked copy serves, and the program itself waits for its end. */
  #isForked = false;

  constructor(python: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    // Its input ends with this process, and the program with its input.
    this.#child = spawn(python, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
    if (this.#child.pid === undefined) throw new Error(`${python} does not start`);
    this.pid = this.#child.pid;
    started(this.pid);
    this.#child.once('close', () => ended(this.pid));
    this.#child.stdin!.on('error', () => {});
    this.#child.stderr!.on('data', (bytes: Buffer) => {
      this.#errors = (this.#errors + bytes).slice(-4000);
    });
    this.#reader = createInterface({ input: this.#child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** The next answer. Throws, with what the program wrote to its standard error, where it has ended instead. */
  async answer(): Promise<Answer> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the program ended: ${this.#errors.trim()}`);
      // What a library prints is none of ours.
      if (!value.startsWith('{')) continue;
      const answer = answerSchema.parse(JSON.parse(value));
      if (answer.ended !== undefined) this.#isForked = false;
      return answer;
    }
  }

  /** From now on a copy answers. Returns its pid. */
  async fork(): Promise<number> {
    const { pid } = await this.ask('fork');
    if (pid === undefined) throw new Error('the program could not be forked');
    this.#isForked = true;
    return pid;
  }

  /** Returns when the forked copy has ended and the program itself answers again. */
  async resumed(): Promise<void> {
    while (this.#isForked) await this.answer();
  }

  ask(command: string): Promise<Answer> {
    this.#child.stdin!.write(`${command}\n`);
    return this.answer();
  }

  /** Ends it, and returns when it is gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    this.#reader.close();
    await ended;
  }
}
