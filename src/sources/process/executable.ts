import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { readElf } from '../../heap/elf/elf.ts';
import { readAll } from './proc-files.ts';

/** Executables larger than this are not searched for an interpreter: browsers are, Pythons are not. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * The executable of a process, read through /proc/PID/exe: that is the file that runs, also when it was deleted or
 * replaced since, and in whatever container. What was found is kept by file, since workers share theirs.
 */
export function createExecutables(root = '') {
  const runtimes = new Map<string, boolean>();
  return {
    /** 32 or 64 bits by the ELF header; undefined where it may not be read. */
    bits(pid: number): 32 | 64 | undefined {
      return opened(`${root}/proc/${pid}/exe`, (file) => {
        const header = Buffer.alloc(5);
        const isElf = readSync(file, header, 0, 5, 0) === 5 && header.readUInt32BE(0) === 0x7f454c46;
        return !isElf ? undefined : header[4] === 1 ? 32 : header[4] === 2 ? 64 : undefined;
      });
    },
    /** Whether it is a CPython with everything linked in: `_PyRuntime` is exported, or the section `.PyRuntime` is there. */
    hasRuntime(pid: number): boolean {
      const found = opened(`${root}/proc/${pid}/exe`, (file) => {
        const { dev, ino, size } = fstatSync(file);
        const known = runtimes.get(`${dev}:${ino}`);
        if (known !== undefined) return known;
        const has = size <= MOST_BYTES && holdsRuntime(readAll(file, size));
        runtimes.set(`${dev}:${ino}`, has);
        return has;
      });
      return found ?? false;
    },
  };
}
export type Executables = ReturnType<typeof createExecutables>;

function holdsRuntime(bytes: Uint8Array): boolean {
  const elf = readElf(bytes, new Set(['_PyRuntime']));
  return elf !== undefined && (elf.symbols.has('_PyRuntime') || elf.sections.has('.PyRuntime'));
}

/** Undefined where the file cannot be opened or read, or makes no sense: then it tells nothing. */
function opened<T>(path: string, look: (file: number) => T): T | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return look(file);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
