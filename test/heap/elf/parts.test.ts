import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readElf } from '../../../src/heap/elf/elf.ts';
import { readElfParts } from '../../../src/heap/elf/parts.ts';
import { interpreters } from '../../python/programs.ts';

const WANTED = new Set(['_PyRuntime', 'Py_Version', 'PyObject_Malloc']);

const readerOf = (file: Uint8Array) => {
  const read = { bytes: 0, trips: 0 };
  return {
    read,
    parts: (parts: readonly { offset: number; bytes: number }[]) => {
      read.trips += 1;
      return parts.map(({ offset, bytes }) => {
        const part = file.subarray(offset, offset + bytes);
        read.bytes += part.length;
        return part;
      });
    },
  };
};

/** Where the interpreter is: in the program, or in a libpython that it loads. */
const files = interpreters()
  .flatMap(({ version, path }) => [
    { version, path },
    { version, path: join(dirname(path), `../lib/libpython${version.split('.', 2).join('.')}.so.1.0`) },
  ])
  .filter(({ path }) => existsSync(path) && (readElf(readFileSync(path), WANTED)?.symbols.size ?? 0) > 0);

test('there are such files here', () => expect(files.length).toBeGreaterThan(0));

test.each(files)('of $path, CPython $version, so much is read that its symbols are known', ({ path }) => {
  const file = readFileSync(path);
  const { read, parts } = readerOf(file);
  const whole = readElf(file, WANTED);
  const part = readElf(readElfParts(parts), WANTED);
  expect(whole?.symbols.size).toBeGreaterThan(0);
  expect([...part!.symbols].sort()).toEqual([...whole!.symbols].sort());
  expect([part!.loadAddress, [...part!.sections]]).toEqual([whole!.loadAddress, [...whole!.sections]]);
  expect(read.trips).toBeLessThanOrEqual(3);
  expect(read.bytes).toBeLessThan(Math.max(file.length / 4, 100_000));
});

test('a file that is damaged is read without harm, and within bounds', () => {
  const sane = readFileSync(readlinkSync('/proc/self/exe')).subarray(0, 1 << 16);
  const damages = fc.array(fc.tuple(fc.nat({ max: 4095 }), fc.nat({ max: 255 })), { maxLength: 60 });
  fc.assert(
    fc.property(damages, fc.nat({ max: 1 << 16 }), (places, length) => {
      const file = sane.slice(0, length);
      for (const [at, byte] of places) file[at] = byte;
      const { read, parts } = readerOf(file);
      readElf(readElfParts(parts), WANTED);
      expect(read.trips).toBeLessThanOrEqual(3);
    }),
    { numRuns: 300 },
  );
});
