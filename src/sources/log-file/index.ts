import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat as statOf } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import type { LogPort, OpenLog } from '../../core/ports.ts';
import { ProblemError } from '../../core/problem.ts';
import { type Compression, compressionOf, unpacked } from './compression.ts';

const CHUNK_BYTES = 2 ** 18;
const STANDARD_INPUT = '-';

/** Files, pipes and standard input as logs. Every call throws a ProblemError where that cannot be. */
export const createLogPort = (): LogPort => ({
  open: async (file) => {
    // Lines live for a moment. V8 would let their part of the heap grow to a hundred megabytes, which makes reading no faster.
    setFlagsFromString('--semi-space-growth-factor=1');
    return file === STANDARD_INPUT ? standardInput() : await openFile(file);
  },
  canReadTwice: (file) =>
    statOf(file).then(
      (stat) => stat.isFile(),
      // Reading it will say why it cannot be.
      () => file !== STANDARD_INPUT,
    ),
  nowUnixSeconds: () => Date.now() / 1000,
});

async function openFile(file: string): Promise<OpenLog> {
  const handle = await open(file, 'r').catch((why) => {
    throw unreadable(file, why);
  });
  const stat = await handle.stat();
  if (stat.isDirectory()) {
    await handle.close();
    throw new ProblemError(
      'unsupported',
      `${file} is a folder, not a log.`,
      `Give its files: whyoom --logs ${file}/*.log`,
    );
  }
  if (!stat.isFile()) return { chunks: chunksOf(file, handle) };
  const changed = { changedAtUnixSeconds: stat.mtimeMs / 1000 };
  const compression = await compressionOf(handle);
  if (compression === undefined) return { chunks: chunksOf(file, handle), ...changed };
  return { chunks: unpackedChunks(file, handle, compression), ...changed };
}

async function* unpackedChunks(file: string, handle: FileHandle, by: Compression): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacked(file, handle, by);
  } catch (why) {
    throw why instanceof ProblemError ? why : unreadable(file, why as Error);
  } finally {
    await handle.close();
  }
}

/** One buffer, filled again and again: gigabytes pass through it. */
async function* chunksOf(file: string, handle: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (why) {
    throw why instanceof ProblemError ? why : unreadable(file, why as Error);
  } finally {
    await handle.close();
  }
}

function standardInput(): OpenLog {
  if (process.stdin.isTTY)
    throw new ProblemError(
      'absent',
      'There is no log on standard input.',
      'Pipe one in: kubectl logs … | whyoom --logs -',
    );
  return { chunks: createReadStream('', { fd: 0, autoClose: false, highWaterMark: CHUNK_BYTES }) };
}

const REASONS: Readonly<Record<string, 'absent' | 'denied'>> = { ENOENT: 'absent', EACCES: 'denied', EPERM: 'denied' };

function unreadable(file: string, why: NodeJS.ErrnoException): ProblemError {
  const said = { ENOENT: 'there is no such file', EACCES: 'it may not be read' }[why.code ?? ''] ?? why.message;
  return new ProblemError(
    REASONS[why.code ?? ''] ?? 'broken',
    `${file}: ${said}.`,
    'Give the files of one program, the oldest first.',
  );
}
