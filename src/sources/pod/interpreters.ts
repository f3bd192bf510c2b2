import { posix } from 'node:path';

/**
 * Where images keep a Python, the likeliest first: CPython's own images, Debian's, virtual environments, conda. Each is tried by
 * an exec of its own, for there may be no shell. All bear Python's name: another program would make what it likes of the
 * arguments, and might be a second instance of the service.
 */
export const INTERPRETERS: readonly string[] = [
  'python3',
  '/usr/local/bin/python3',
  '/usr/bin/python3',
  '/opt/venv/bin/python3',
  '/venv/bin/python3',
  '/app/.venv/bin/python3',
  '/opt/conda/bin/python3',
  'python',
];

/** The program that runs as the container's first process. */
export const FIRST_PROGRAM = '/proc/1/exe';

/** Whether a path, as the link /proc/1/exe gives it, is that of a Python 3. */
export const isPythonPath = (path: string): boolean =>
  path.startsWith('/') && /^python(3[\d.]*)?$/.test(posix.basename(path.replace(/ \(deleted\)$/, '')));
