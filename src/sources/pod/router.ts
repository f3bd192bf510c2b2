import type { ByteStream, StreamEnd } from '../../core/byte-stream.ts';
import { ProblemError } from '../../core/problem.ts';
import { heapProblemOf } from '../process/heap-messages.ts';
import { ANSWERS, type FramePiece, PieceSplitter } from './frames.ts';

/** Whoever waits for an answer. */
export interface Waiter {
  /** A piece of the answer; the next one comes when this has resolved. */
  take(piece: FramePiece): void | Promise<void>;
  /** The answer will not come. */
  fail(why: ProblemError): void;
}

export interface RouterOptions {
  /** So long nothing may come while an answer is waited for. */
  readonly silenceMs: number;
  /** More than any answer has: what goes on beyond that has no end. */
  readonly mostAnswerBytes?: number;
  /** What to say of a stream that ended while it was used. */
  readonly explain: (end: StreamEnd) => ProblemError;
}

/**
 * One link to one reader, shared: the reader answers strictly in the order of the requests, so that nothing needs to be
 * understood to hand each answer to who asked. When the link breaks, or nothing comes for too long, everything that waits
 * fails with the same problem, and so does whatever is asked later.
 */
export class ReaderRouter {
  /** Resolves when the link is over, for whatever reason; it never rejects. */
  readonly over: Promise<ProblemError>;
  readonly #stream: ByteStream;
  readonly #options: RouterOptions;
  readonly #waiting: Waiter[] = [];
  #writes: Promise<void> = Promise.resolve();
  #problem: ProblemError | undefined;
  #silence: NodeJS.Timeout | undefined;
  /** Of the answer that is under way. */
  #answerBytes = 0;
  #resolveOver!: (why: ProblemError) => void;

  constructor(stream: ByteStream, options: RouterOptions) {
    this.#stream = stream;
    this.#options = options;
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve;
    });
    void this.#receive();
  }

  /** The answer that comes without a request goes to the waiter. */
  greet(waiter: Waiter): void {
    this.#wait(waiter);
  }

  /** Sends a whole request; what answers it goes to the waiter. */
  send(request: Uint8Array, waiter: Waiter): void {
    if (this.#problem) {
      waiter.fail(this.#problem);
      return;
    }
    this.#wait(waiter);
    this.#writes = this.#writes
      .then(() => (this.#problem ? undefined : this.#stream.write(request)))
      // A reader that left has said why on its way out: that is the better reason, and comes at once.
      .catch(async (thrown) => this.#fail(await this.#whyNotWritten(thrown)));
  }

  #wait(waiter: Waiter): void {
    this.#waiting.push(waiter);
    if (this.#waiting.length === 1) this.#expect();
  }

  /** No more is asked: the reader sees the end of its input, and leaves; who does not is cut off. */
  async close(why: ProblemError): Promise<void> {
    const broken = this.#problem !== undefined;
    this.#settle(why);
    if (!broken) {
      this.#stream.end();
      await Promise.race([this.#stream.ended, after(LEAVE_MS)]);
    }
    this.#stream.close();
  }

  async #receive(): Promise<void> {
    const splitter = new PieceSplitter(ANSWERS);
    try {
      for await (const chunk of this.#stream.received) {
        this.#quiet();
        for (const piece of splitter.pieces(chunk)) await this.#hand(piece);
        this.#expect();
        if (this.#problem) break;
      }
      this.#quiet();
      if (!this.#problem) this.#fail(this.#options.explain(await this.#stream.ended));
    } catch (thrown) {
      this.#fail(asProblem(thrown));
    }
  }

  async #hand(piece: FramePiece): Promise<void> {
    const [first] = this.#waiting;
    if (this.#problem) return;
    if (!first) throw unasked();
    this.#answerBytes += piece.bytes.length;
    if (this.#answerBytes > (this.#options.mostAnswerBytes ?? MOST_ANSWER_BYTES)) throw endless();
    await first.take(piece);
    if (!piece.endsAll) return;
    this.#answerBytes = 0;
    if (this.#waiting[0] === first) this.#waiting.shift();
  }

  /** Waits for the reader, unless nobody waits for an answer. */
  #expect(): void {
    this.#quiet();
    if (this.#waiting.length === 0 || this.#problem) return;
    this.#silence = setTimeout(() => this.#fail(silent(this.#options.silenceMs)), this.#options.silenceMs);
  }

  #quiet(): void {
    clearTimeout(this.#silence);
  }

  /** The reader's input ends with the stream: it lets the target go and leaves. */
  #fail(why: ProblemError): void {
    if (this.#problem) return;
    this.#settle(why);
    this.#stream.close();
  }

  #settle(why: ProblemError): void {
    if (this.#problem) return;
    this.#problem = why;
    this.#quiet();
    this.#resolveOver(why);
    for (const waiter of this.#waiting.splice(0)) waiter.fail(why);
  }

  async #whyNotWritten(thrown: unknown): Promise<ProblemError> {
    const ended = await Promise.race([this.#stream.ended, after(WAIT_FOR_WHY_MS)]);
    return ended ? this.#options.explain(ended) : asProblem(thrown);
  }
}

/** A round of changes may bring whatever the process has taken since the last one; nothing else comes near. */
const MOST_ANSWER_BYTES = 2 ** 30;
const WAIT_FOR_WHY_MS = 1000;
/** For a reader to leave by itself. */
const LEAVE_MS = 2000;

const after = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms).unref());

/** Of whatever was thrown: the reader's protocol throws HeapError. */
export function asProblem(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  const { code, message, hint } = heapProblemOf(thrown);
  return new ProblemError(code, message, hint);
}

const unasked = () => new ProblemError('broken', 'The reader in the container said something that it was not asked.');

const endless = () => new ProblemError('broken', 'What the reader in the container answers has no end.');

const silent = (silenceMs: number) =>
  new ProblemError(
    'timeout',
    `The reader in the container has not answered for ${silenceMs / 1000} s.`,
    'The connection to the API server or the kubelet may be gone, or the container have no CPU time left. The target runs on.',
  );
