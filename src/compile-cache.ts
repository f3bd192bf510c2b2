import { lstatSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Lets Node keep what it compiled of the bundle: the next start takes 20 ms less of a processor, of 100. Never in the shared folder
 * for temporary files, which is Node's own choice: what lies there would be run. Nor in a home that is another's (`sudo -E`).
 */
const folder = cacheFolder();
if (folder !== undefined) enableCompileCache?.(folder);

function cacheFolder(): string | undefined {
  const { HOME, XDG_CACHE_HOME, NODE_DISABLE_COMPILE_CACHE } = process.env;
  if (!HOME || NODE_DISABLE_COMPILE_CACHE !== undefined) return undefined;
  const cache = XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(HOME, '.cache');
  try {
    if (lstatSync(cache).uid !== process.getuid?.()) return undefined;
  } catch {
    return undefined;
  }
  return join(cache, 'whyoom');
}
