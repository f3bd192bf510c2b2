import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The oldest Node that the package promises, and the lines in support after it. */
export const NODES = ['22.18.0', '24', '26'] as const;

/** The path of a Node of that version; installed once from npm, into a cache outside the checkout. */
export function nodeOf(version: string): string {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'whyoom-test');
  const folder = join(cache, `node-${version}`);
  const name = `node-linux-${process.arch}`;
  if (!existsSync(folder)) {
    const made = `${folder}-${process.pid}`;
    mkdirSync(made, { recursive: true });
    npm(made, 'install', '--no-save', `${name}@${version}`);
    try {
      renameSync(made, folder);
    } catch (error) {
      // Another run was faster.
      if (!existsSync(folder)) throw error;
      rmSync(made, { recursive: true });
    }
  }
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** Runs npm in a folder of its own, which gets a package.json so that npm does not look further up. Gives its stdout. */
export function npm(folder: string, ...argv: string[]): string {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{"private": true}\n');
  return execFileSync('npm', ['--no-audit', '--no-fund', '--loglevel=error', ...argv], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
