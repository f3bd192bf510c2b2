import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { interpreters } from '../../test/python/programs.ts';

/** What programs and tools run on. */
export interface Environment {
  readonly python: string;
  readonly version: string;
  /** Absent where no packages are needed. */
  readonly sources: string | undefined;
  /** PyHeap, where it was given. */
  readonly pyheap: string | undefined;
}

/** The tools beside whyoom and the real programs, as they were when the figures were first taken. */
export const PACKAGES = [
  'django==5.2.19',
  'guppy3==3.1.7',
  'memray==1.20.0',
  'pandas==3.1.1',
  // Of PyHeap.
  'pyelftools==0.33',
  'pympler==1.1',
  'scikit-learn==1.9.1',
];
/** Django's own tests are in its source only. */
const SOURCES = ['django==5.2.19'];
/** All tools run on it; PyHeap on nothing newer than 3.12. */
const PREFERRED = '3.11';

const run = promisify(execFile);
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'whyoom-bench');

/** The interpreter to use, by its path. Throws where there is none. */
export function findPython(given: string | undefined): string {
  if (given !== undefined) return given;
  const found = interpreters();
  const chosen = found.find(({ version }) => version.startsWith(`${PREFERRED}.`)) ?? found.at(-1);
  if (chosen === undefined) throw new Error('No CPython was found: name one with --python.');
  return chosen.path;
}

export const versionOf = (python: string): string =>
  execFileSync(python, ['-c', 'import platform; print(platform.python_version())'], { encoding: 'utf8' }).trim();

/** The folder of a virtual environment with all packages, made on first use: it is kept by what it is made of. */
export async function makePackages(python: string): Promise<string> {
  const inputs = [python, versionOf(python), ...PACKAGES, ...SOURCES.map((name) => `source ${name}`)];
  const key = createHash('sha256').update(inputs.join('\n')).digest('hex').slice(0, 12);
  const folder = join(cache, key);
  if (existsSync(join(folder, 'made'))) return folder;
  mkdirSync(cache, { recursive: true });
  // A virtual environment cannot be moved: it is made in its place, and marked when whole.
  rmSync(folder, { recursive: true, force: true });
  await run(python, ['-m', 'venv', folder]);
  const pip = [join(folder, 'bin/python'), '-m', 'pip', '--disable-pip-version-check', '-q'];
  await run(pip[0]!, [...pip.slice(1), 'install', ...PACKAGES]);
  await unpackSources(pip, folder);
  mkdirSync(join(folder, 'made'));
  return folder;
}

async function unpackSources(pip: readonly string[], folder: string): Promise<void> {
  const fetched = mkdtempSync(join(cache, 'fetching-'));
  try {
    const download = ['download', '--no-deps', '--no-binary', ':all:', '-d', fetched, ...SOURCES];
    await run(pip[0]!, [...pip.slice(1), ...download]);
    const sources = join(fetched, 'sources');
    mkdirSync(sources);
    for (const name of SOURCES) {
      const file = join(fetched, `${name.replace('==', '-')}.tar.gz`);
      await run('tar', ['-xzf', file, '-C', sources, '--strip-components=1']);
    }
    renameSync(sources, sourcesIn(folder));
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
}

/** Its interpreter, and the unpacked source of Django. */
export const pythonIn = (folder: string): string => join(folder, 'bin/python');
export const sourcesIn = (folder: string): string => join(folder, 'sources');
