import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
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
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  removeOldDrafts();
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

/** What runs left that were killed. None takes an hour. */
function removeOldDrafts(): void {
  const drafts = readdirSync(CACHE).filter((name) => name.startsWith('draft-'));
  for (const path of drafts.map((name) => join(CACHE, name))) {
    if (Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { recursive: true, force: true });
  }
}
