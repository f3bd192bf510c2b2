import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { access, constants, link, lstat, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ProblemError, problemOf } from '../../core/problem.ts';

/** Throws a ProblemError where a heap cannot be saved: asked before the target is stopped. */
export async function checkHeapFile(file: string): Promise<void> {
  if (await lstat(file).catch(() => undefined)) throw exists(file);
  await access(`${dirname(resolve(file))}/.`, constants.W_OK).catch((thrown) => {
    throw unwritable(thrown);
  });
}

const exists = (file: string) =>
  new ProblemError('refused', `There is a file ${file} already.`, 'Give --save the name of a new file.');

const unwritable = (thrown: unknown) =>
  new ProblemError(
    'denied',
    `The heap cannot be saved: ${problemOf(thrown).message}.`,
    'Give --save a file in a folder that you may write to, with room for it.',
  );

/** Lets a file be written beside its place, and moves it there when it is complete; else nothing is left of it. */
export async function putInPlace<T>(file: string, write: (beside: string) => Promise<T>): Promise<T> {
  await checkHeapFile(file);
  const place = resolve(file);
  const beside = `${place}.${randomBytes(6).toString('hex')}.part`;
  try {
    const written = await write(beside);
    await move(beside, place);
    return written;
  } finally {
    await rm(beside, { force: true });
  }
}

/** A link takes no name that is taken; where there are no hard links, it was free a moment ago. */
async function move(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') throw exists(to);
    await rename(from, to).catch((again) => {
      throw unwritable(again);
    });
  }
}

/** Writes a new file that only its owner can read, piece by piece; returns its bytes. Leaves nothing where it fails. */
export function writePieces(file: string, pieces: Iterable<Uint8Array>): number {
  const opened = onDisk(() => openSync(file, 'wx', 0o600));
  let bytes = 0;
  try {
    for (const piece of pieces) bytes += writeAll(opened, piece);
    onDisk(() => fsyncSync(opened));
    return bytes;
  } catch (thrown) {
    rmSync(file, { force: true });
    throw thrown;
  } finally {
    closeSync(opened);
  }
}

function writeAll(opened: number, piece: Uint8Array): number {
  for (let done = 0; done < piece.length; ) done += onDisk(() => writeSync(opened, piece, done));
  return piece.length;
}

/** What fails on disk is the disk's problem; what fails while the pieces are made is not. */
function onDisk<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw unwritable(thrown);
  }
}
