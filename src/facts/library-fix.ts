import { isInstalled } from '../core/program.ts';
import type { Fix } from '../core/report.ts';
import type { Uses } from '../source-code/index.ts';
import { listText } from './amounts.ts';
import type { HeapHolder } from './growing-holders.ts';

type Modules = readonly { readonly name: string; readonly file: string }[];

/**
 * Advice in place of a change to installed code, for nobody keeps such a change, and who wrote the code may count on what
 * it breaks. Undefined where the code to change is the program's own.
 */
export function libraryFix(
  { files = [] }: Pick<Fix, 'files'>,
  { path }: Pick<HeapHolder, 'path'>,
  { feeds, emptiedOnlyIn }: Pick<Uses, 'feeds' | 'emptiedOnlyIn'>,
  modules: Modules,
): Fix | undefined {
  const changed = files.map((file) => file.path);
  const feeding = feeds.map(({ file }) => file);
  const foreign =
    changed.find((file) => isForeign(file, modules)) ??
    (changed.length === 0 && feeding.every((file) => isForeign(file, modules)) ? feeding[0] : undefined);
  if (foreign === undefined) return undefined;
  const module = modules.find(({ file }) => withoutSlash(file) === withoutSlash(foreign))?.name ?? foreign;
  const own = ownStep(path, modules);
  const emptying = emptiedOnlyIn.filter((name) => name !== '<module>');
  return {
    summary: `Bound it where your program ${own === undefined ? `uses ${module}` : `makes or feeds ${own}`}; the code that puts elements in is that of ${module}, which is not yours to change.`,
    advice: [
      `See whether ${module} has a setting for it: a size, a time to live, a limit on what is open at once.`,
      ...(emptying.length === 0 ? [] : [`What takes elements out is ${listText(emptying)}: see whether it is called.`]),
    ],
  };
}

const withoutSlash = (file: string): string => file.replace(/^\/+/, '');

/** A program that was installed itself (`pip install .`, then `python -m shop`) is its own all the same. */
function isForeign(file: string, modules: Modules): boolean {
  if (!isInstalled(file)) return false;
  const main = modules.find(({ name }) => name === '__main__')?.file;
  return main === undefined || packageOf(main) === undefined || packageOf(main) !== packageOf(file);
}

/** `shop` of `/usr/lib/python3/dist-packages/shop/cart.py` */
const packageOf = (file: string): string | undefined => /(?:site|dist)-packages\/([^/]+)\//.exec(file)?.[1];

/** What the last step through the program's own code has: `cache`. */
function ownStep(path: HeapHolder['path'], modules: Modules): string | undefined {
  const last = path.findLastIndex(({ file }) => file !== undefined && !isForeign(file, modules));
  return last < 0 ? undefined : path[last + 1]?.name;
}
