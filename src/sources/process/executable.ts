import { holdsName } from '../../heap/elf/names.ts';
import type { ProcFiles } from './proc-files.ts';

/**
 * The executable of a process, read through /proc/PID/exe: that is the file that runs, also when it was deleted or
 * replaced since, and in whatever container. Only its headers and names are read.
 */
export const executableBits = (pid: number, files: ProcFiles): 32 | 64 | undefined => {
  const header = Buffer.from(files.range(`/proc/${pid}/exe`, 0, 5));
  if (header.length < 5 || header.readUInt32BE(0) !== 0x7f454c46) return undefined;
  return header[4] === 1 ? 32 : header[4] === 2 ? 64 : undefined;
};

/** Whether it is a CPython with everything linked in: `_PyRuntime` is exported, or the section `.PyRuntime` is there. */
export const hasRuntime = (pid: number, files: ProcFiles): boolean =>
  holdsName((offset, bytes) => files.range(`/proc/${pid}/exe`, offset, bytes), '_PyRuntime', '.PyRuntime');
