import { readElf } from '../elf/elf.ts';
import { HeapError } from '../heap-error.ts';
import type { MemoryMap, MemoryReader } from '../memory/reader.ts';
import { NEWEST_MINOR, OLDEST_MINOR, SUPPORTED_VERSIONS } from '../supported.ts';

/** Where a process keeps its interpreter. */
export interface PythonImage {
  /** Address of `_PyRuntime`. */
  readonly runtime: number;
  readonly path: string;
}

/**
 * Only debug builds count all references (Py_REF_DEBUG, which Py_DEBUG implies), and only with Py_TRACE_REFS is every object
 * on a list, which up to 3.12 takes two words before its reference count (Include/object.h, Objects/object.c).
 */
const DEBUG_SYMBOLS = ['_Py_NegativeRefcount', '_Py_RefTotal', '_Py_INCREF_IncRefTotal', '_Py_PrintReferences'];
const SYMBOLS = new Set(['_PyRuntime', 'Py_Version', ...DEBUG_SYMBOLS]);
/** EI_CLASS of an ELF header (elf(5)). */
const ELF_CLASS_32 = 1;
/** `_Py_DebugOffsets` starts with this (Include/internal/pycore_debug_offsets.h, 3.13+). */
const DEBUG_COOKIE = 'xdebugpy';

/**
 * Finds the interpreter by its dynamic symbol `_PyRuntime`, which a stripped build keeps, and refuses by name what
 * cannot be read, before anything is stopped. Throws HeapError.
 */
export function locatePython(reader: MemoryReader, readImage: (map: MemoryMap) => Uint8Array): PythonImage {
  let is32Bit = false;
  for (const map of candidates(reader.maps)) {
    const file = imageOf(map, readImage);
    is32Bit ||= file[4] === ELF_CLASS_32;
    const elf = readElf(file, SYMBOLS);
    const runtime = elf?.symbols.get('_PyRuntime');
    if (elf === undefined || runtime === undefined) continue;
    const bias = map.start - map.offset - (elf.loadAddress - (elf.loadAddress % 4096));
    const image = { runtime: bias + runtime, path: map.path };
    const version = elf.symbols.get('Py_Version');
    if (DEBUG_SYMBOLS.some((name) => elf.symbols.has(name))) {
      throw new HeapError(
        'unsupported',
        'This is a debug build of CPython (Py_DEBUG or Py_TRACE_REFS), whose objects are laid out in another way; whyoom reads release builds.',
      );
    }
    refuseUnknown(reader, image, version === undefined ? undefined : bias + version);
    return image;
  }
  const pypy = reader.maps.find((map) => /libpypy|\/pypy3?/.test(map.path));
  if (pypy) throw new HeapError('unsupported', 'This process runs PyPy; whyoom reads the heap of CPython only.');
  if (is32Bit) throw new HeapError('unsupported', 'This is a 32-bit program; whyoom reads 64-bit CPythons.');
  throw new HeapError('unsupported', 'No CPython interpreter (3.7 or newer) is mapped into this process.');
}

/** First mappings of files, those named after Python first, the executable before other libraries. */
function candidates(maps: readonly MemoryMap[]): MemoryMap[] {
  const first = maps.filter((map) => map.inode !== 0 && map.offset === 0 && map.path.startsWith('/'));
  const named = first.filter((map) => /\/(lib)?python3[^/]*$/.test(map.path.replace(/ \(deleted\)$/, '')));
  const main = first.slice(0, 1);
  const embedding = first.filter((map) => /\.so|\(deleted\)/.test(map.path) && /python|uwsgi/i.test(map.path));
  return [...new Set([...named, ...main, ...embedding])];
}

function imageOf(map: MemoryMap, readImage: (map: MemoryMap) => Uint8Array): Uint8Array {
  try {
    return readImage(map);
  } catch {
    return new Uint8Array();
  }
}

/** By what the image itself says: Py_Version from 3.11 on, the debug offsets from 3.13 on. */
function refuseUnknown(reader: MemoryReader, image: PythonImage, versionAddress: number | undefined): void {
  const head = new Uint8Array(24);
  const cookie = reader.read(image.runtime, head) === head.length ? String.fromCharCode(...head.subarray(0, 8)) : '';
  const view = new DataView(head.buffer);
  if (cookie === DEBUG_COOKIE && view.getUint32(16, true) === 1) {
    throw new HeapError('unsupported', 'This is a free-threaded CPython (no GIL), whose heap whyoom cannot read yet.');
  }
  const version = cookie === DEBUG_COOKIE ? view.getUint32(8, true) : word32(reader, versionAddress);
  if (version === undefined) return;
  const minor = (version >>> 16) & 0xff;
  if (version >>> 24 !== 3 || minor < OLDEST_MINOR || minor > NEWEST_MINOR) {
    throw new HeapError(
      'unsupported',
      `This is CPython ${version >>> 24}.${minor}; whyoom reads ${SUPPORTED_VERSIONS}.`,
    );
  }
}

function word32(reader: MemoryReader, address: number | undefined): number | undefined {
  if (address === undefined) return undefined;
  const bytes = new Uint8Array(4);
  return reader.read(address, bytes) === 4 ? new DataView(bytes.buffer).getUint32(0, true) : undefined;
}
