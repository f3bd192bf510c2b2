import type { ProcessInfo } from '../../core/artifacts.ts';
import { NEWEST_MINOR, OLDEST_MINOR, SUPPORTED_VERSIONS } from '../../heap/supported.ts';

type Python = NonNullable<ProcessInfo['python']>;

/** What the files of a process say about it. */
export interface ProcessFiles {
  /** The link /proc/PID/exe; undefined where it may not be read. */
  readonly executable: string | undefined;
  /** /proc/PID/maps. */
  readonly maps: string;
  /** The class of the executable by its ELF header (byte EI_CLASS): 32 or 64 bits; undefined where unknown. */
  readonly bits: 32 | 64 | undefined;
  /** Whether the executable has CPython's `_PyRuntime` in it. Costly, so asked last. */
  readonly hasRuntime: () => boolean;
}

const READS = `whyoom reads ${SUPPORTED_VERSIONS}`;

/**
 * Which Python a process runs, by the names of its files: `libpython3.11.so.1.0` mapped (also in uwsgi, a bundle of
 * PyInstaller or anything that embeds it), else the executable's name, else `_PyRuntime` in the executable, which every
 * CPython from 3.7 exports for its extensions. Undefined: none. The heap's own checks have the last word.
 */
export function detectPython(files: ProcessFiles): Python | undefined {
  const names = [...mappedCode(files.maps)].map(baseName);
  const executable = baseName(files.executable ?? '');
  if ([executable, ...names].some((name) => /^(lib)?pypy\d?/.test(name))) {
    return { implementation: 'pypy', unsupported: 'PyPy keeps its objects in another way; whyoom reads CPython' };
  }
  const found = firstMatch(LIBRARY, names) ?? firstMatch(EXECUTABLE, [executable]);
  if (found === undefined && !files.hasRuntime()) return undefined;
  const version = found?.[1] && found[2] ? `${found[1]}.${found[2]}` : undefined;
  const unsupported = whyUnsupported(version, found?.[3] ?? '', files.bits);
  return {
    implementation: 'cpython',
    ...(version === undefined ? {} : { version }),
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

/** By the name alone that a program was started by: what may not be looked into can still be told from a shell. */
export const pythonByName = (program: string): Python | undefined =>
  EXECUTABLE.test(baseName(program)) ? detectPython(nothingBut(program)) : undefined;

const nothingBut = (executable: string): ProcessFiles => ({
  executable,
  maps: '',
  bits: undefined,
  hasRuntime: () => false,
});

/** libpython3.11.so.1.0, libpython3.13t.so.1.0, libpython3.7m.so; packagers put a hash behind. Not the stub libpython3.so. */
const LIBRARY = /^libpython(\d)\.(\d{1,3})([a-z]*)(?:-[\w.]+)?\.so\b/;
/** python, python3, python3.11, python3.13t, python3.11-dbg */
const EXECUTABLE = /^python(?:(\d)(?:\.(\d{1,3}))?-?([a-z]*))?$/;

function whyUnsupported(version: string | undefined, flags: string, bits: 32 | 64 | undefined): string | undefined {
  if (bits === 32) return 'a 32-bit CPython; whyoom reads 64-bit ones';
  if (flags.includes('t')) return `a free-threaded CPython${spaced(version)}; whyoom reads builds with the GIL`;
  if (flags.includes('d')) return `a debug build of CPython${spaced(version)}; whyoom reads release builds`;
  if (version === undefined) return undefined;
  const [major, minor] = version.split('.').map(Number) as [number, number];
  if (major < 3 || (major === 3 && minor < OLDEST_MINOR)) return `CPython ${version} is too old; ${READS}`;
  if (major > 3 || minor > NEWEST_MINOR) return `CPython ${version} is newer than this whyoom knows; ${READS}`;
  return undefined;
}

const spaced = (version: string | undefined) => (version === undefined ? '' : ` ${version}`);

const firstMatch = (pattern: RegExp, names: readonly string[]) =>
  names.map((name) => pattern.exec(name)).find((match) => match !== null);

/** Last part of a path; the kernel adds " (deleted)" to files that were replaced while they run. */
const baseName = (path: string) => path.replace(/ \(deleted\)$/, '').slice(path.lastIndexOf('/') + 1);

/** The files of which code is mapped: whoever only reads a library's file does not run it. */
function mappedCode(maps: string): Set<string> {
  const files = new Set<string>();
  for (const [, path] of maps.matchAll(/^[0-9a-f]+-[0-9a-f]+ ..x. \S+ \S+ \d+ +(\/.*)$/gm)) files.add(path!);
  return files;
}
