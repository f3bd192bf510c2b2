import type { ProblemError } from './problem.ts';

/** Bytes both ways, to a program in a container or to a port of it. */
export interface ByteStream {
  /** Resolves once there is room for more. Rejects with a ProblemError where nobody reads any longer. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more will be written: the far side sees the end of its input, and may still answer. */
  end(): void;
  /** What comes, in order, held back while nobody takes it. Ends without an error: `ended` says how. To be read once. */
  readonly received: AsyncIterable<Uint8Array>;
  /** Resolves when both ways have ended; it never rejects. */
  readonly ended: Promise<StreamEnd>;
  /** Cuts it. Nothing that waits is lost in silence: `ended` resolves. */
  close(): void;
}

export type StreamEnd =
  /** The last of what a program wrote to stderr, at most some KiB; empty for a port. */
  | { readonly exitCode: number; readonly stderr: string; readonly problem?: undefined }
  | { readonly problem: ProblemError; readonly stderr: string };
