import type { Fix } from '../core/report.ts';
import type { SourceFile } from '../source-code/index.ts';

/**
 * A fix whose patch names its files as a person in the project's folder does: `a/app.py`, not `a/srv/app/app.py`. The
 * folder is where the imports of the file start: its path without the module's own.
 */
export function relativeToRoot(
  fix: Fix,
  modules: readonly { name: string; file: string }[],
  files: readonly SourceFile[],
): Fix {
  if (fix.patch === undefined || fix.files === undefined) return fix;
  const shortened = new Map(fix.files.map(({ path }) => [path, insideRoot(absolutePath(path, files), modules)]));
  const roots = new Set([...shortened.values()].map(({ root }) => root));
  const [root] = roots;
  if (roots.size !== 1 || root === undefined || root === '') return fix;
  const patch = fix.patch
    .split('\n')
    .map((line) => renamed(line, shortened))
    .join('\n');
  return {
    ...fix,
    advice: [...fix.advice, `The patch is for the folder ${root}: patch -p1 < fix.patch`],
    patch,
    files: fix.files.map((file) => ({ ...file, path: shortened.get(file.path)?.inside ?? file.path })),
  };
}

/** A patch names files without the leading slash. */
function absolutePath(path: string, files: readonly SourceFile[]): string {
  return files.find((file) => file.path === path || file.path === `/${path}`)?.path ?? path;
}

function insideRoot(
  path: string,
  modules: readonly { name: string; file: string }[],
): { root: string; inside: string } {
  const name = modules.find((module) => module.file === path && module.name !== '__main__')?.name ?? '';
  const parts = path.split('/');
  const isPackage = /^__init__\.py$/.test(parts.at(-1) ?? '');
  const depth = name === '' ? 1 : name.split('.').length + (isPackage ? 1 : 0);
  return { root: parts.slice(0, -depth).join('/'), inside: parts.slice(-depth).join('/') };
}

function renamed(line: string, shortened: ReadonlyMap<string, { inside: string }>): string {
  const header = /^(--- a\/|\+\+\+ b\/)(.*)$/.exec(line);
  const inside = header && (shortened.get(header[2]!)?.inside ?? shortened.get(`/${header[2]}`)?.inside);
  return header && inside ? `${header[1]}${inside}` : line;
}
