import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { SourceFolder } from '../core/ports.ts';
import { ProblemError } from '../core/problem.ts';

const MOST_FILES = 50_000;
const SKIPPED = new Set(['node_modules', '__pycache__', '.git', '.hg', '.tox', '.venv', 'venv']);

/** The Python files under a folder (`--source`). Throws a ProblemError where there is no such folder. */
export async function openSourceFolder(folder: string): Promise<SourceFolder> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new ProblemError('absent', `There is no folder ${folder}.`, 'Give --source the folder with the Python code.');
  }
  // With the folder's own name: given `src/shop`, the file `cart.py` in it is `shop/cart.py`.
  const root = resolve(folder);
  let listed: Promise<string[]> | undefined;
  const files = (): Promise<string[]> => {
    listed ??= pythonFiles(root);
    return listed;
  };
  return {
    async find(path, module) {
      const best = closest(path, await files(), module);
      return best === undefined ? undefined : await readFile(best);
    },
    async paths() {
      const paths = (await files()).map((file) => relative(root, file).replaceAll(sep, '/'));
      const depth = (path: string) => path.split('/').length;
      return paths.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
    },
    read: async (path) => await readFile(join(root, path)),
  };
}

/**
 * The one of `files` that has most trailing parts in common with `path`; undefined: none has, or several as many. Where
 * the module is known, all parts of its name must be among them: a `models.py` of another package is another file.
 */
export function closest(path: string, files: readonly string[], module?: string): string | undefined {
  const parts = path.split('/').reverse();
  const fitting = files.filter((file) => isOf(file, module));
  const scored = fitting.map((file) => ({ file, common: commonParts(parts, file.split('/').reverse()) }));
  const most = Math.max(0, ...scored.map(({ common }) => common));
  const best = scored.filter(({ common }) => common === most);
  return most > 0 && best.length === 1 ? best[0]!.file : undefined;
}

/** `__main__` is whatever file was started: its name says nothing. */
function isOf(file: string, module: string | undefined): boolean {
  if (module === undefined || module === '__main__') return true;
  const path = `/${module.replaceAll('.', '/')}`;
  return `/${file}`.endsWith(`${path}.py`) || `/${file}`.endsWith(`${path}/__init__.py`);
}

function commonParts(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((part, at) => part !== b[at]);
  return differs < 0 ? a.length : differs;
}

/** Full paths. Links are not followed: they may lead round in a circle. */
async function pythonFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  const open = [folder];
  while (open.length > 0 && files.length < MOST_FILES) {
    const at = open.pop()!;
    const entries: Dirent[] = await readdir(at, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) open.push(path);
      else if (entry.isFile() && entry.name.endsWith('.py')) files.push(path);
    }
  }
  return files;
}
