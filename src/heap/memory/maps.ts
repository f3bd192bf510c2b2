import type { MemoryMap } from './reader.ts';

/** No user-space address lies higher; what does (vsyscall) would not fit a double. */
export const HIGHEST_ADDRESS = 2 ** 52;

const MAP_LINE = /^([0-9a-f]+)-([0-9a-f]+) (r|-)(w|-)(x|-)(p|s) ([0-9a-f]+) [0-9a-f]+:[0-9a-f]+ (\d+) *(.*)$/;

/** The lines of /proc/PID/maps; what does not look like one, or lies above user space, is left out. */
export function parseMaps(text: string): MemoryMap[] {
  return text.split('\n').flatMap((line) => {
    const field = MAP_LINE.exec(line);
    if (!field) return [];
    const end = Number.parseInt(field[2]!, 16);
    if (end > HIGHEST_ADDRESS) return [];
    return {
      start: Number.parseInt(field[1]!, 16),
      end,
      readable: field[3] === 'r',
      writable: field[4] === 'w',
      executable: field[5] === 'x',
      private: field[6] === 'p',
      offset: Number.parseInt(field[7]!, 16),
      inode: Number(field[8]),
      // The kernel writes a line feed in a path as \012 and leaves everything else as it is (show_map_vma).
      path: field[9]!.replaceAll('\\012', '\n'),
    };
  });
}
