import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

/**
 * What reading a file of /proc gave. `gone`: there is no such file, or the process ended meanwhile; `asked`: not known yet,
 * for it is read elsewhere, and whoever asked will be called again.
 */
export type ProcText =
  | { readonly text: string; readonly why?: undefined }
  | { readonly text?: undefined; readonly why: 'gone' | 'denied' | 'asked' };

/** The files of /proc and of the control groups, and what else they lead to: of this machine, or of a container. */
export interface ProcFiles {
  /** As far as `mostBytes`. Throws only on errors that are neither a missing process nor a missing right. */
  read(path: string, mostBytes?: number): ProcText;
  /** The text of a link (exe, cwd). */
  link(path: string): ProcText;
  /** The names in a folder; none where it cannot be read. */
  list(path: string): readonly string[];
  exists(path: string): boolean;
  /** Bytes of a regular file from `offset` on, fewer at its end; none where it cannot be read. */
  range(path: string, offset: number, bytes: number): Uint8Array;
  /**
   * Whether a process without a readable line of stat is there all the same: /proc may be mounted such that other users'
   * processes cannot be seen (hidepid=2; proc(5)).
   */
  hides(pid: number): boolean;
}

/** No file of /proc that is read here is of use beyond this: maps of a process with 65,530 mappings have about 6 MB. */
export const MOST_PROC_BYTES = 16 * 1024 * 1024;

/** The files of this machine, or of a folder in which another one is recorded. */
export function localFiles(root = ''): ProcFiles {
  return {
    read: (path, mostBytes = MOST_PROC_BYTES) => readProc(root + path, mostBytes),
    link(path) {
      const target = attempt(() => ({ link: readlinkSync(root + path) }));
      return typeof target === 'string' ? { why: target } : { text: target.link };
    },
    list(path) {
      const names = attempt(() => readdirSync(root + path));
      return typeof names === 'string' ? [] : names;
    },
    exists: (path) => existsSync(root + path),
    range(path, offset, bytes) {
      const got = attempt(() => withFile(root + path, (file) => readRange(file, offset, bytes)));
      return typeof got === 'string' ? new Uint8Array() : got;
    },
    hides: (pid) => root === '' && isPid(pid) && attempt(() => process.kill(pid, 0)) !== 'gone',
  };
}

const isPid = (pid: number) => Number.isSafeInteger(pid) && pid > 0 && pid < 2 ** 31;

export const THIS_MACHINE: ProcFiles = localFiles();

/** Their sizes are all 0 by `stat`, so it reads to the end. */
function readProc(path: string, mostBytes: number): ProcText {
  const bytes = attempt(() => withFile(path, (file) => readAll(file, mostBytes)));
  return typeof bytes === 'string' ? { why: bytes } : { text: bytes.toString('utf8') };
}

function withFile<T>(path: string, read: (file: number) => T): T {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return read(file);
  } finally {
    closeSync(file);
  }
}

function readRange(file: number, offset: number, bytes: number): Uint8Array {
  if (!fstatSync(file).isFile()) return new Uint8Array();
  const into = new Uint8Array(bytes);
  return into.subarray(0, readSync(file, into, 0, bytes, offset));
}

/** The text of a file, or undefined for whatever reason. */
export const textOf = (path: string, files: ProcFiles = THIS_MACHINE): string | undefined => files.read(path).text;

/** Of the first of the files that can be read; those behind it are not asked for. */
export function firstTextOf(paths: readonly string[], files: ProcFiles): string | undefined {
  for (const path of paths) {
    const { text, why } = files.read(path);
    if (text !== undefined || why === 'asked') return text;
  }
  return undefined;
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
