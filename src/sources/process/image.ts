import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
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
  const range = `${map.start.toString(16)}-${map.end.toString(16)}`;
  for (const path of [`/proc/${pid}/map_files/${range}`, ...pathsOf(pid, map)]) {
    const image = readRegularFile(path);
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

/** A path that was deleted may by now be another file. */
const pathsOf = (pid: number, { path }: MemoryMap): string[] =>
  path.startsWith('/') && !DELETED.test(path) ? [`/proc/${pid}/root${path}`] : [];

/** Undefined for what is no regular file (a pipe would block), is too large, or cannot be opened. */
function readRegularFile(path: string): Uint8Array | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    return stat.isFile() && stat.size <= MAX_IMAGE_BYTES ? readFileSync(descriptor) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
