import type { ByteStream, StreamEnd } from '../../core/byte-stream.ts';
import { SIGKILL_EXIT_CODE } from '../../core/kube-artifacts.ts';
import { ProblemError } from '../../core/problem.ts';
import { redact } from '../../logs/redact.ts';
import type { ReaderProgram } from '../../pod-reader/script.ts';
import { visible } from '../process/command-line.ts';
import type { Exec } from './exec.ts';
import { FIRST_PROGRAM, INTERPRETERS, isPythonPath } from './interpreters.ts';
import { type Greeted, greetReader, type ReaderSession } from './reader-session.ts';
import { asProblem } from './router.ts';

/**
 * Starts the reader by the first Python that the container has; it comes over its standard input, and nothing is written there. Rejects with a ProblemError: `absent` where no Python was found.
 */
export async function startReader(exec: Exec, reader: ReaderProgram): Promise<ReaderSession> {
  const tried: Failed[] = [];
  const start = (program: string) => tryProgram(exec, program, reader);
  for (const program of INTERPRETERS) {
    const started = await start(program);
    if (!('why' in started)) return { ...started, program };
    tried.push({ program, ...started });
  }
  const runs = await runningPython(exec);
  if (runs !== undefined) {
    const started = await start(runs);
    if (!('why' in started)) return { ...started, program: runs };
    tried.push({ program: runs, ...started });
  }
  throw noPython(tried);
}

interface Failed extends Ended {
  readonly program: string;
}

/** A program that was no reader. */
interface Ended {
  readonly why: 'none' | 'other';
  readonly said: string;
}

async function tryProgram(exec: Exec, program: string, { args, input }: ReaderProgram): Promise<Greeted | Ended> {
  let end: StreamEnd | undefined;
  try {
    const stream = await exec([program, ...args]);
    // Where nobody takes it, how the program ended tells more.
    stream.write(input).catch(() => undefined);
    return await greetReader(stream, (how) => {
      end = how;
      return endedEarly(how);
    });
  } catch (thrown) {
    const problem = asProblem(thrown);
    const exitCode = end && exitCodeOf(end);
    if (exitCode === undefined ? isNoProgram(problem) : NOT_RUN.includes(exitCode)) return { why: 'none', said: '' };
    // It ran, and was no Python of use: Python 2 knows no -I, and others end with a code of their own.
    if (end && exitCode !== undefined) return { why: 'other', said: wordsOf(end.stderr) };
    throw problem;
  }
}

/** That there is no such program, or none that can be started, in the words of the port and of container runtimes (runc, crun). */
const NO_PROGRAM =
  /there is no program |may not be started|executable file .*not found|no such file or directory|not a directory|exec format error/i;

const isNoProgram = ({ problem }: ProblemError): boolean => NO_PROGRAM.test(problem.message);

/** With these a runtime or a shell ends for a program that cannot be run, or is not there. */
const NOT_RUN: readonly number[] = [126, 127];

const exitCodeOf = (end: StreamEnd) => (end.problem === undefined ? end.exitCode : undefined);

const endedEarly = (end: StreamEnd): ProblemError =>
  end.problem ??
  (end.exitCode === SIGKILL_EXIT_CODE
    ? new ProblemError(
        'broken',
        'The reader in the container was killed (exit code 137).',
        'It is the first to go where the memory limit is reached; so it is when the container is killed or stopped.',
      )
    : new ProblemError('broken', `The program in the container ended with ${end.exitCode}: ${wordsOf(end.stderr)}`));

/** What went wrong: the error under a stack, else the first line. From the container: anything may be in it. */
function wordsOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((each) => /^\w*(Error|Exception)\b/.test(each)) ?? lines[0] ?? '';
  return visible(redact(line).text.trim()).slice(0, 200);
}

const MOST_LINKS = 40;
const MOST_OUTPUT_BYTES = 64 * 1024;

/**
 * The Python that one of the first processes runs, wherever the image keeps it. Asked of `readlink`, if there is one: a
 * program that is not known to be a Python is not started, for it might be a second instance of the service.
 */
async function runningPython(exec: Exec): Promise<string | undefined> {
  const links = Array.from({ length: MOST_LINKS }, (_, at) => `/proc/${at + 1}/exe`);
  const all = (await outputOf(exec, ['readlink', ...links])).split('\n').map((line) => line.trim());
  const found = all.find((path) => isPythonPath(path) && !path.endsWith('(deleted)'));
  if (found !== undefined) return found;
  // BusyBox's readlink takes one link.
  const first = (await outputOf(exec, ['readlink', FIRST_PROGRAM])).trim();
  return isPythonPath(first) ? FIRST_PROGRAM : undefined;
}

async function outputOf(exec: Exec, command: readonly string[]): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let stream: ByteStream | undefined;
  try {
    stream = await exec(command);
    stream.end();
    for await (const piece of stream.received) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > MOST_OUTPUT_BYTES) break;
    }
    return Buffer.concat(pieces).toString('utf8');
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (isNoProgram(problem)) return '';
    throw problem;
  } finally {
    stream?.close();
  }
}

function noPython(tried: readonly Failed[]): ProblemError {
  const others = tried.filter(({ why }) => why === 'other');
  const said = others.map(({ program, said: words }) => `${program}: ${words || 'ended without a word'}`).join('; ');
  return new ProblemError(
    'absent',
    others.length > 0
      ? `No Python of the container could run the reader (${said}).`
      : 'No Python was found in the container, so its processes could not be looked at from inside.',
    'The reader needs Python 3.8 or newer in the image of the container that is looked at: name it with -c.',
  );
}
