import { constants, existsSync } from 'node:fs';
import { access, type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Case,
  decodeCase,
  decodeManifest,
  fileOf,
  MANIFEST,
  type Manifest,
  MOST_FILE_BYTES,
  notACase,
} from '../../core/case.ts';
import { isLogFile, LOG_FOLDER } from '../../core/case-logs.ts';
import { ProblemError } from '../../core/problem.ts';
import { bytesText } from '../../util/bytes.ts';

/** Of all logs together. Each is kept to 16 MiB as long as nobody asks for more, and marks of redaction are longer than some secrets. */
const MOST_LOGS_BYTES = 2 ** 30;

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
  const gathered = manifest.steps.filter(({ problem }) => !problem).map(({ key }) => fileOf(key));
  for (const name of [...gathered, ...(await logFiles(folder, manifest))]) {
    const data = await read(folder, name);
    if (data) files.set(name, data);
  }
  return decodeCase(manifest, files);
}

/** The names of the logs that the manifest speaks of. Their folder is no link to another place. */
async function logFiles(folder: string, manifest: Manifest): Promise<string[]> {
  const names = Object.keys(manifest.files).filter(isLogFile);
  if (names.length === 0) return [];
  const path = join(folder, LOG_FOLDER);
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isDirectory()) throw absurd(path, 'it is not a folder');
  const bytes = names.reduce((sum, name) => sum + manifest.files[name]!.bytes, 0);
  if (bytes > MOST_LOGS_BYTES) throw absurd(path, `it has ${bytesText(bytes)}`);
  return names;
}

/** A plain file of the folder. A link is not followed: it could lead to any file of whoever opens the case. */
async function read(folder: string, name: string): Promise<Uint8Array | undefined> {
  const path = join(folder, name);
  const file = await openPlain(path);
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    if (size > (isLogFile(name) ? MOST_LOGS_BYTES : MOST_FILE_BYTES)) throw absurd(path, `it has ${bytesText(size)}`);
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
