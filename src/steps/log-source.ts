import { createHash } from 'node:crypto';
import type { Source } from '../core/artifacts.ts';
import type { LogDigests } from '../core/log-artifact.ts';
import type { SourceFolder } from '../core/ports.ts';
import { ProblemError, problemOf } from '../core/problem.ts';
import { defineKubeStep, defineLogsStep } from '../core/step.ts';
import { namesNear, piecesOf, speaksOf } from './logs/speaking-files.ts';

const MOST_FILES = 200;
const MOST_BYTES = 8 * 2 ** 20;
/** What is read and found to have nothing to do with the log. */
const MOST_READ = 5000;
const MOST_READ_BYTES = 128 * 2 ** 20;

type File = Source['files'][number];
interface Folder {
  readonly sourceFolder?: SourceFolder | undefined;
}

const step = {
  makes: 'log-source',
  title: 'Reading the source that prints what the logs say',
  needs: ['log-digest'],
  rung: 'local',
  run: async ({ sourceFolder }: Folder, { 'log-digest': digests }: { 'log-digest': LogDigests }) => {
    if (!sourceFolder) throw new ProblemError('absent', 'No source was given.', 'Name its folder with --source DIR.');
    return await sourceOfTemplates(sourceFolder, growingTemplates(digests));
  },
  summary: ({ files, missing }: Source) =>
    `${files.length} ${files.length === 1 ? 'file' : 'files'}${missing.length > 0 ? `, ${missing.length} not readable` : ''}`,
} as const;

/** The same of log files and of a workload's logs: both have a digest, and a folder that was named with `--source`. */
export const logSource = defineLogsStep(step);
export const podLogSource = defineKubeStep(step);

/** Templates with a number that is higher in the end than it was at first, in some life: those whose source may tell what grows. */
export function growingTemplates({ programs }: LogDigests): string[] {
  const growing = programs
    .flatMap(({ digest }) => digest.series)
    .filter(({ points, unit }) => unit !== 'seconds' && unit !== 'percent' && grows(points))
    .sort((a, b) => b.count - a.count);
  return [...new Set(growing.map(({ template }) => template))];
}

function grows(points: LogDigests['programs'][number]['digest']['series'][number]['points']): boolean {
  const first = new Map<number, number>();
  for (const { life, value } of points) {
    const start = first.get(life);
    if (start === undefined) first.set(life, value);
    else if (value > start) return true;
  }
  return false;
}

/** The files of a folder that print one of the templates, and those that speak of what is named near to where they do. */
async function sourceOfTemplates(folder: SourceFolder, templates: readonly string[]): Promise<Source> {
  const pieces = piecesOf(templates);
  const { files, missing } = await readAll(folder);
  const names = new Map(files.map((file) => [file, namesNear(file.text, pieces)]));
  const all = new Set([...names.values()].flatMap((own) => [...own]));
  const printing = files.filter((file) => names.get(file)!.size > 0);
  const speaking = files.filter((file) => names.get(file)!.size === 0 && speaksOf(file.text, all));
  return { files: fitting([...printing, ...speaking], missing), missing: missing.slice(0, MOST_MISSING) };
}
const MOST_MISSING = 2000;

async function readAll(folder: SourceFolder): Promise<{ files: File[]; missing: Source['missing'] }> {
  const files: File[] = [];
  const missing: Source['missing'] = [];
  let bytes = 0;
  for (const path of (await folder.paths()).slice(0, MOST_READ)) {
    if (bytes > MOST_READ_BYTES) break;
    try {
      const data = await folder.read(path);
      bytes += data.length;
      if (data.length > MOST_BYTES) continue;
      const sha256 = createHash('sha256').update(data).digest('hex');
      files.push({ path, sha256, text: Buffer.from(data).toString('utf8') });
    } catch (thrown) {
      missing.push({ path, why: problemOf(thrown).message });
    }
  }
  return { files, missing };
}

/** As many as a case keeps; what does not fit is said to be missing. */
function fitting(files: readonly File[], missing: Source['missing']): File[] {
  let room = MOST_BYTES;
  return files.filter((file, at) => {
    const fits = at < MOST_FILES && file.text.length <= room;
    if (fits) room -= file.text.length;
    else missing.push({ path: file.path, why: 'too much source' });
    return fits;
  });
}
