import { ProblemError } from '../../core/problem.ts';
import { visible } from '../process/command-line.ts';
import type { ProcFiles } from '../process/proc-files.ts';

/** Source is read over a link that may be slow; a module of a person's own hand has less. */
const MOST_SOURCE_BYTES = 4 * 1024 * 1024;
/** As the kernel's own limit (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * A Python file (`.py`) as the process sees it: through its root, for the reader may be in another container of the pod. Links are
 * followed here, name by name: the kernel would follow an absolute one from the reader's root. All is asked of `files`, which may
 * not know yet. Throws a ProblemError: `absent`, `refused`.
 */
export function sourceFile(pid: number, path: string, files: ProcFiles): Uint8Array {
  // A process of another user, or one that made itself unreadable, does not show its root: by exec it is the reader's own.
  const root = files.link(`/proc/${pid}/root`).why === 'denied' ? '' : `/proc/${pid}/root`;
  const start = path.startsWith('/') ? '' : (files.link(`/proc/${pid}/cwd`).text ?? '');
  const place = followed(root, `${start}/${path}`, files);
  if (!place.endsWith('.py')) throw new ProblemError('refused', `${visible(path)} is no Python file (.py).`);
  const bytes = files.range(`${root}${place}`, 0, MOST_SOURCE_BYTES + 1);
  if (bytes.length > MOST_SOURCE_BYTES) throw new ProblemError('refused', `${visible(path)} is larger than 4 MiB.`);
  // An empty file has no holder either.
  if (bytes.length === 0)
    throw new ProblemError('absent', `The process sees no file ${visible(path)}, or it may not be read.`);
  return bytes;
}

/** The path without links in it, from the root on; `..` above the root stays there. */
function followed(root: string, path: string, files: ProcFiles): string {
  let done: string[] = [];
  let left = path.split('/');
  for (let links = 0; left.length > 0; ) {
    const [name, ...rest] = left as [string, ...string[]];
    left = rest;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done = done.slice(0, -1);
      continue;
    }
    const target = files.link(`${root}/${[...done, name].join('/')}`).text;
    if (target === undefined) done.push(name);
    else {
      links += 1;
      if (links > MOST_LINKS) throw new ProblemError('refused', `${visible(path)} leads over links in a circle.`);
      if (target.startsWith('/')) done = [];
      left = [...target.split('/'), ...rest];
    }
  }
  return `/${done.join('/')}`;
}
