import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { ProblemError } from '../../core/problem.ts';
import type { MemoryMap } from '../../heap/memory/reader.ts';

/** No executable or library comes near it. */
const MAX_IMAGE_BYTES = 1 << 30;
const DELETED = / \(deleted\)$/;

/**
 * The file behind a mapping, as the target sees it: by the mapping itself where the kernel allows it (that finds
 * deleted and replaced files too), else by its path under /proc/PID/root. Throws ProblemError `absent` or `broken`.
 */
export function readImage(pid: number, map: MemoryMap): Uint8Array {
  for (const path of pathsOf(pid, map)) {
    const image = withRegularFile(path, (descriptor) => readFileSync(descriptor));
    if (image) return image;
  }
  throw new ProblemError(
    'absent',
    `The file of a mapping of process ${pid} cannot be read: ${JSON.stringify(map.path)}.`,
    DELETED.test(map.path)
      ? 'The file was replaced while the process runs: run whyoom as root to read the old one.'
      : undefined,
  );
}

/** A part of that file, as much as comes; 0 where it cannot be read or is not the one that is mapped. */
export function readImageAt(pid: number, map: MemoryMap, offset: number, into: Uint8Array): number {
  for (const path of pathsOf(pid, map)) {
    const got = withRegularFile(path, (descriptor, inode) =>
      inode === map.inode ? readSync(descriptor, into, 0, into.length, offset) : 0,
    );
    if (got) return got;
  }
  return 0;
}

/** The mapping itself, then the path, unless that was deleted: by now it may be another file. */
export function pathsOf(pid: number, { start, end, path }: MemoryMap): string[] {
  const mapping = `/proc/${pid}/map_files/${start.toString(16)}-${end.toString(16)}`;
  return path.startsWith('/') && !DELETED.test(path) ? [mapping, `/proc/${pid}/root${path}`] : [mapping];
}

/** Undefined for what is no regular file (a pipe would block), is too large, or cannot be opened or read. */
function withRegularFile<T>(path: string, read: (descriptor: number, inode: number) => T): T | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    return stat.isFile() && stat.size <= MAX_IMAGE_BYTES ? read(descriptor, stat.ino) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
