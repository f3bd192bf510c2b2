import { constants, existsSync } from 'node:fs';
import { access, type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Case, decodeCase, decodeManifest, fileOf, MANIFEST, MOST_FILE_BYTES, notACase } from '../../core/case.ts';
import { ProblemError } from '../../core/problem.ts';
import { bytesText } from '../../util/bytes.ts';

/** Whether the folder looks like a saved case. */
export const isCaseFolder = (folder: string): Promise<boolean> =>
  access(join(folder, MANIFEST)).then(
    () => true,
    () => false,
  );

/** Opens a saved case. It may come from anywhere: what does not hold together is a ProblemError that says so. */
export async function readCase(folder: string): Promise<Case> {
  const text = await read(folder, MANIFEST);
  if (!text && !existsSync(folder))
    throw new ProblemError('absent', `There is no ${folder}.`, 'Give a case that whyoom --save wrote.');
  if (!text) throw notACase(`there is no ${MANIFEST} in ${folder}`);
  const manifest = decodeManifest(Buffer.from(text).toString('utf8'));
  const files = new Map<string, Uint8Array>();
  for (const { key, problem } of manifest.steps) {
    const data = problem ? undefined : await read(folder, fileOf(key));
    if (data) files.set(fileOf(key), data);
  }
  return decodeCase(manifest, files);
}

/** A plain file of the folder. A link is not followed: it could lead to any file of whoever opens the case. */
async function read(folder: string, name: string): Promise<Uint8Array | undefined> {
  const path = join(folder, name);
  const file = await openPlain(path);
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    if (size > MOST_FILE_BYTES) throw absurd(path, `it has ${bytesText(size)}`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function openPlain(path: string): Promise<FileHandle | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    if (error.code === 'ELOOP') throw absurd(path, 'it is a link to another place');
    throw new ProblemError('denied', `${path} cannot be read: ${error.message}.`, 'Check who owns the folder: ls -l');
  });
  if (file && !(await file.stat()).isFile()) {
    await file.close();
    throw absurd(path, 'it is not a plain file');
  }
  return file;
}

const absurd = (path: string, why: string): ProblemError =>
  new ProblemError(
    'refused',
    `${path} is not opened: ${why}.`,
    'A case holds a few small, plain files; ask for it again.',
  );
