import type { ByteStream } from '../../core/byte-stream.ts';

/** Runs a command where the reader is to be. Rejects with a ProblemError. */
export type Exec = (command: readonly string[]) => Promise<ByteStream>;
