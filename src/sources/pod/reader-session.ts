import type { ByteStream, StreamEnd } from '../../core/byte-stream.ts';
import { ProblemError } from '../../core/problem.ts';
import { decodeHello, type Hello } from '../../pod-reader/hello.ts';
import { encodeRequest } from '../../pod-reader/requests.ts';
import type { ReaderLink } from '../process/heap-process.ts';
import type { AskReader } from './container-files.ts';
import { askWhole, hearHello, openParty } from './parties.ts';
import { asProblem, ReaderRouter } from './router.ts';

export interface ReaderSession extends Greeted {
  /** The interpreter that runs it, as it was named. */
  readonly program: string;
}

/** A reader that runs, and has said what it is. */
export interface Greeted {
  readonly hello: Hello;
  readonly ask: AskReader;
  /** For a helper that speaks to the reader by itself. */
  openParty(): ReaderLink;
  /** The reader need not remember a process any longer. */
  forget(pid: number): void;
  /** Resolves when the link is over, with why. */
  readonly over: Promise<ProblemError>;
  close(): Promise<void>;
}

/** A stopped look may take as long as its pause, and a scan of gigabytes on a twentieth of a CPU its time. */
const SILENCE_MS = 60_000;

/** Waits for the reader's greeting. Rejects with a ProblemError, and nothing is left open. */
export async function greetReader(
  stream: ByteStream,
  explain: (end: StreamEnd) => ProblemError,
  silenceMs = SILENCE_MS,
): Promise<Greeted> {
  const router = new ReaderRouter(stream, { silenceMs, explain });
  try {
    const hello = decodeHello((await hearHello(router)).at(-1)!);
    return sessionOf(router, hello);
  } catch (thrown) {
    const problem = asProblem(thrown);
    await router.close(problem);
    throw problem;
  }
}

const sessionOf = (router: ReaderRouter, hello: Hello): Greeted => ({
  hello,
  ask: (request) => askWhole(router, request),
  openParty: () => openParty(router),
  forget: (pid) => void askWhole(router, encodeRequest({ op: 'forget', pid })).catch(() => undefined),
  over: router.over,
  close: () => router.close(new ProblemError('broken', 'The look into the container was called off.')),
});
