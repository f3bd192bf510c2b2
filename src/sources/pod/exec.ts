import type { ByteStream } from '../../core/byte-stream.ts';

/** Runs a command where the reader is to be, until whoever looks has heard enough or, where given, until then. Rejects with a ProblemError. */
export type Exec = (command: readonly string[], until?: AbortSignal) => Promise<ByteStream>;
