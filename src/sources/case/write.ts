import { constants } from 'node:fs';
import { access, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { KEYS } from '../../core/artifacts.ts';
import { type Case, decodeManifest, encodeCase, fileOf, MANIFEST } from '../../core/case.ts';
import { LOG_FOLDER } from '../../core/case-logs.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';

const CASE_FILES: ReadonlySet<string> = new Set([MANIFEST, ...KEYS.map(fileOf)]);

/**
 * Throws a ProblemError where a case cannot be saved: asked before the target is touched, so that nobody waits for a
 * look that cannot be kept. An empty folder and an older case may be written over; a folder with anything else may not.
 */
export async function checkCaseFolder(folder: string): Promise<void> {
  const names = await namesIn(folder);
  const foreign =
    names?.find((name) => name !== LOG_FOLDER && !CASE_FILES.has(name)) ??
    (names?.includes(LOG_FOLDER) ? await foreignLog(folder) : undefined);
  if (foreign === undefined) return await checkWritable(folder);
  throw new ProblemError(
    'refused',
    `The folder ${folder} is not empty: it holds ${foreign}, which is no part of a case.`,
    'Give --save a new folder.',
  );
}

/** Anybody may have a folder of logs: it is a case's where the manifest names every file in it. */
async function foreignLog(folder: string): Promise<string | undefined> {
  const known = await readFile(join(folder, MANIFEST), 'utf8').then(
    (text) => decodeManifest(text).files,
    () => ({}),
  );
  const found = await readdir(join(folder, LOG_FOLDER)).catch(() => undefined);
  if (!found) return LOG_FOLDER;
  return found.map((name) => `${LOG_FOLDER}/${name}`).find((name) => !Object.hasOwn(known, name));
}

/** Cases are put beside their place first: the nearest folder above that exists must take new files. */
async function checkWritable(folder: string): Promise<void> {
  let above = dirname(resolve(folder));
  while (above !== '/' && !(await lstat(above).catch(() => undefined))) above = dirname(above);
  // The dot makes a plain file in the way an error.
  await access(`${above}/.`, constants.W_OK).catch((thrown) => {
    throw unwritable(thrown);
  });
}

const unwritable = (thrown: unknown): ProblemError =>
  new ProblemError(
    'denied',
    `The case cannot be saved: ${problemOf(thrown).message}.`,
    'Give --save a folder that you may write to.',
  );

/** Saves a case as a folder, all of it or nothing: it is written beside its place and moved there when complete. */
export async function writeCase(folder: string, whole: Case): Promise<void> {
  await checkCaseFolder(folder);
  const place = await realpath(folder).catch(() => resolve(folder));
  try {
    await mkdir(dirname(place), { recursive: true });
    const written = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
    try {
      for (const [name, text] of encodeCase(whole)) {
        await mkdir(dirname(join(written, name)), { recursive: true });
        await writeFile(join(written, name), text, { mode: 0o600 });
      }
      await putInPlace(written, place);
    } finally {
      await rm(written, { recursive: true, force: true });
    }
  } catch (thrown) {
    throw unwritable(thrown);
  }
}

async function putInPlace(written: string, place: string): Promise<void> {
  const older = `${written}-older`;
  const hadOne = (await namesIn(place)) !== undefined;
  if (hadOne) await rename(place, older);
  try {
    await rename(written, place);
  } catch (thrown) {
    if (hadOne) await rename(older, place);
    throw thrown;
  }
  await rm(older, { recursive: true, force: true });
}

/** What is in the folder; undefined: there is none. Throws a ProblemError where something else has its name. */
async function namesIn(folder: string): Promise<string[] | undefined> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found) return undefined;
  return await readdir(folder).catch((thrown) => {
    throw new ProblemError(
      'refused',
      `${folder} cannot be used: ${problemOf(thrown).message}.`,
      'Give --save a new folder.',
    );
  });
}
