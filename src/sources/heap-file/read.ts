import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { AskedHeap } from '../../core/ports.ts';
import { ProblemError } from '../../core/problem.ts';
import { savedSummarySchema } from '../../core/saved-heap.ts';
import { HeapError } from '../../heap/heap-error.ts';
import { pathsTo } from '../../heap/query/paths.ts';
import { type ByteSource, isHeapHead } from '../../heap/saved/chunks.ts';
import { decodeHeap } from '../../heap/saved/decode.ts';
import type { SavedSummary } from '../../heap/saved/summary.ts';

const MEMORY_SHARE = 0.8;
const HEAD_BYTES = 8;

/** Whether a file begins as a saved heap does. */
export function isHeapFile(file: string): boolean {
  try {
    return withSource(file, (source) => isHeapHead(source.read(0, HEAD_BYTES)));
  } catch {
    return false;
  }
}

/** Whether there is a file there, which may be no heap. */
export function isPlainFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Opens a heap that `whyoom heap --save` has written. Throws a ProblemError where it is none, or does not hold together. */
export function openHeapFile(file: string): AskedHeap & { readonly target: string } {
  const { summary, record } = asProblems(
    () => withSource(file, (source) => decodeHeap(source, process.availableMemory() * MEMORY_SHARE)),
    `${file}: `,
  );
  const { target, look, types } = checkSummary(summary);
  return {
    target,
    overview: async (rows) => ({
      ...look,
      types: types.slice(0, rows.types),
      holders: look.holders.slice(0, rows.holders),
    }),
    pathsTo: async (wanted, most) => asProblems(() => pathsTo(record, wanted, most)),
    close: async () => {},
  };
}

function checkSummary(summary: unknown): SavedSummary {
  const checked = savedSummarySchema.safeParse(summary);
  if (checked.success) return checked.data;
  throw new ProblemError(
    'broken',
    `The saved heap is damaged: its summary does not fit (${checked.error.issues[0]?.path.join('.')}).`,
    'Take it from where it was saved once more.',
  );
}

function asProblems<T>(work: () => T, where = ''): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof HeapError) throw new ProblemError(thrown.code, where + thrown.message, thrown.hint);
    throw thrown;
  }
}

function withSource<T>(file: string, work: (source: ByteSource) => T): T {
  const opened = openPlain(file);
  try {
    const { size } = fstatSync(opened);
    return work({ size, read: (offset, length) => readAt(opened, offset, Math.min(length, size)) });
  } finally {
    closeSync(opened);
  }
}

/** A pipe is not waited for, and nothing but a plain file has a length. */
function openPlain(file: string): number {
  const opened = openForReading(file);
  if (fstatSync(opened).isFile()) return opened;
  closeSync(opened);
  throw new ProblemError('unsupported', `${file} is no file.`, 'Give a file that whyoom heap --save wrote.');
}

const isAbsent = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';

function openForReading(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    if (isAbsent(thrown))
      throw new ProblemError('absent', `There is no ${file}.`, 'Give a file that whyoom heap --save wrote.');
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ProblemError('absent', `${file} cannot be opened: ${why}.`, 'Give a file that whyoom heap --save wrote.');
  }
}

function readAt(opened: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const got = readSync(opened, bytes, done, length - done, offset + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}
