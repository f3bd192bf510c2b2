import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';

/** What reading a file of /proc gave. `gone`: there is no such file, or the process ended meanwhile. */
export type ProcText =
  | { readonly text: string; readonly why?: undefined }
  | { readonly text?: undefined; readonly why: 'gone' | 'denied' };

/** No file of /proc that is read here is of use beyond this: maps of a process with 65,530 mappings have about 6 MB. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Reads a file of /proc or of a control group, as far as `mostBytes`. Their sizes are all 0 by `stat`, so it reads to
 * the end. Throws only on errors that are neither a missing process nor a missing right.
 */
export function readProc(path: string, mostBytes = MOST_BYTES): ProcText {
  const bytes = attempt(() => {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readAll(file, mostBytes);
    } finally {
      closeSync(file);
    }
  });
  return typeof bytes === 'string' ? { why: bytes } : { text: bytes.toString('utf8') };
}

/** Its text, or undefined for whatever reason. */
export const textOf = (path: string): string | undefined => readProc(path).text;

/** The text of a link of /proc (exe, cwd). */
export function readProcLink(path: string): ProcText {
  const target = attempt(() => ({ link: readlinkSync(path) }));
  return typeof target === 'string' ? { why: target } : { text: target.link };
}

/** Reads from where the file stands to its end, or as far as `mostBytes`. */
export function readAll(file: number, mostBytes: number): Buffer {
  const parts: Buffer[] = [];
  let left = mostBytes;
  while (left > 0) {
    const part = Buffer.allocUnsafe(Math.min(left, 65_536));
    const length = readSync(file, part, 0, part.length, null);
    if (length === 0) break;
    parts.push(part.subarray(0, length));
    left -= length;
  }
  return Buffer.concat(parts);
}

function attempt<T>(read: () => T): T | 'gone' | 'denied' {
  try {
    return read();
  } catch (error) {
    const why = whyNot(error);
    if (why === undefined) throw error;
    return why;
  }
}

const GONE = new Set(['ENOENT', 'ESRCH', 'ENOTDIR', 'ENODEV', 'ENAMETOOLONG']);

/** ESRCH is what a read of a process gives that ended after the file was opened; ENODEV the same of a control group. */
export function whyNot(error: unknown): 'gone' | 'denied' | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM') return 'denied';
  return typeof code === 'string' && GONE.has(code) ? 'gone' : undefined;
}

/** The numbers of lines like `VmRSS:   123 kB` or `inactive_file 4096`, by name; kB become bytes. */
export function numbersByName(text: string): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [, name, digits, unit] of text.matchAll(/^(\w+):?[ \t]+(\d+)(?: (kB))?[ \t]*$/gm)) {
    numbers.set(name!, Number(digits) * (unit ? 1024 : 1));
  }
  return numbers;
}
