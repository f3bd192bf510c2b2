import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './places.ts';
import { say } from './say.ts';

/**
 * Something that is made once from its inputs and kept. `make` fills a draft folder beside its place; only a whole one
 * is moved there, so that an interrupted run leaves nothing half-made. Returns the folder.
 */
export function kept(name: string, inputs: readonly string[], make: (draft: string) => void): string {
  const key = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
  const folder = join(CACHE, `${name}-${key}`);
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  mkdirSync(CACHE, { recursive: true });
  removeUnused();
  const draft = mkdtempSync(join(CACHE, 'draft-'));
  const began = performance.now();
  say(`making ${name} …`);
  try {
    make(draft);
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  say(`made ${name} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return folder;
}

const HOUR_MS = 3_600_000;

/** Drafts of runs that were killed (none takes an hour), and what no run has asked for in two weeks. */
function removeUnused(): void {
  for (const name of readdirSync(CACHE).filter((each) => !each.startsWith('state'))) {
    const path = join(CACHE, name);
    const unusedMs = Date.now() - statSync(path).mtimeMs;
    if (unusedMs > (name.startsWith('draft-') ? HOUR_MS : 14 * 24 * HOUR_MS))
      rmSync(path, { recursive: true, force: true });
  }
}
