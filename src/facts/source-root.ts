import type { Fix } from '../core/report.ts';
import type { SourceFile } from '../source-code/index.ts';

type Modules = readonly { readonly name: string; readonly file: string }[];

/**
 * A fix whose patch names its files as a person in the project's folder does: `a/app.py`, not `a/srv/app/app.py`. The
 * folder is where the imports of the file start: its path without the module's own. Of several such folders, the one
 * that they lie in.
 */
export function relativeToRoot(fix: Fix, modules: Modules, files: readonly SourceFile[]): Fix {
  if (fix.patch === undefined || fix.files === undefined) return fix;
  const paths = new Map(fix.files.map(({ path }) => [path, absolutePath(path, files)]));
  const root = commonFolder([...paths.values()].map((path) => rootOf(path, modules)));
  if (root === '') return fix;
  const inside = (path: string) => paths.get(path)?.slice(root.length + 1);
  return {
    ...fix,
    advice: [...fix.advice, `The patch is for the folder ${root}: \`patch -p1 < fix.patch\``],
    patch: fix.patch
      .split('\n')
      .map((line) => renamed(line, inside))
      .join('\n'),
    files: fix.files.map((file) => ({ ...file, path: inside(file.path) ?? file.path })),
  };
}

/** A patch names files without the leading slash. */
function absolutePath(path: string, files: readonly SourceFile[]): string {
  return files.find((file) => file.path === path || file.path === `/${path}`)?.path ?? path;
}

/** `/srv/app` of `/srv/app/shop/cart.py`, where that is the module `shop.cart`; else the folder that the file lies in. */
function rootOf(path: string, modules: Modules): string {
  const module = modules.find(({ name, file }) => file === path && name !== '__main__');
  const own = module?.name.replaceAll('.', '/');
  const end =
    [`/${own}.py`, `/${own}/__init__.py`].find((each) => own && path.endsWith(each)) ?? /\/[^/]*$/.exec(path)?.[0];
  return path.slice(0, path.length - (end ?? path).length);
}

function commonFolder(folders: readonly string[]): string {
  return folders.reduce((common, folder) => {
    const [a, b] = [common.split('/'), folder.split('/')];
    const differs = a.findIndex((part, at) => part !== b[at]);
    return (differs < 0 ? a : a.slice(0, differs)).join('/');
  }, folders[0] ?? '');
}

function renamed(line: string, inside: (path: string) => string | undefined): string {
  // A tab ends a name with spaces in it.
  const header = /^(--- a\/|\+\+\+ b\/)([^\t]*)(\t?)$/.exec(line);
  const name = header && inside(header[2]!);
  return header && name ? `${header[1]}${name}${header[3]}` : line;
}
