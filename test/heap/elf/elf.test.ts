import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataSegments, type ElfFile, readElf } from '../../../src/heap/elf/elf.ts';
import { counted } from '../../counted.ts';
import { INTERPRETERS } from '../../sources/process/programs.ts';

const WANTED = new Set(['_PyRuntime', 'Py_Version', 'PyUnicode_Type', 'no_such_symbol']);

/** Every interpreter of this machine and the library behind it, once each. */
const IMAGES = [
  ...new Set(
    [...INTERPRETERS.map(({ path }) => path), ...systemPythons(), ...libraries()]
      .filter((path) => existsSync(path))
      .map((path) => realpathSync(path)),
  ),
];

function systemPythons(): string[] {
  return readdirSync('/usr/bin').flatMap((name) => (/^python3\.\d+$/.test(name) ? [`/usr/bin/${name}`] : []));
}

function libraries(): string[] {
  const folders = ['/usr/lib/x86_64-linux-gnu', ...INTERPRETERS.map(({ path }) => join(path, '../../lib'))];
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => {
      const names = readdirSync(folder).filter((name) => /^libpython3.*\.so\.1\.0$/.test(name));
      return names.map((name) => join(folder, name));
    });
}

const tool = (name: string, ...args: string[]) =>
  execFileSync(name, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });

test('there are interpreters to be compared', () => {
  expect(IMAGES.length).toBeGreaterThan(0);
});

test.each(IMAGES)('symbols, sections and segments of %s are those that binutils shows', (path) => {
  const elf = readElf(readFileSync(path), WANTED)!;
  const shown = new Map(
    tool('nm', '-D', '--defined-only', path)
      .split('\n')
      .map((line) => /^([0-9a-f]+) \w (\w+)/.exec(line))
      .flatMap((match) => (match && WANTED.has(match[2]!) ? [[match[2]!, Number.parseInt(match[1]!, 16)]] : [])),
  );
  expect(elf.symbols).toEqual(shown);
  const headers = tool('readelf', '-lSW', path);
  const sections = [...headers.matchAll(/^ +\[ *\d+\] (\S+) +[A-Z_]+ +([0-9a-f]{16}) /gm)];
  expect(sections.length).toBeGreaterThan(20);
  for (const [, name, address] of sections) expect(elf.sections.get(name!)).toBe(Number.parseInt(address!, 16));
  const loads = [...headers.matchAll(/^ +LOAD +\S+ 0x([0-9a-f]+) \S+ \S+ 0x([0-9a-f]+) (.{3}) /gm)].map((match) => ({
    start: Number.parseInt(match[1]!, 16),
    bytes: Number.parseInt(match[2]!, 16),
    flags: match[3]!,
  }));
  expect(elf.loadAddress).toBe(Math.min(...loads.map(({ start }) => start)));
  expect(dataSegments(readFileSync(path).subarray(0, 4096), elf.loadAddress)).toEqual(
    loads.filter(({ flags }) => flags.includes('W')).map(({ start, bytes }) => ({ start, end: start + bytes })),
  );
  counted('interpreters', path);
});

const empty: ElfFile['symbols'] = new Map();
const anyWord = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 63n, 64n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n),
);

/** A real image, cut to what the tables need least: headers damaged in a few places, and cut short anywhere. */
test.each(IMAGES.filter((path) => /\/libpython3\.(9|11|13)/.test(path)))(
  'damaged headers of %s neither throw nor go on for ever',
  (path) => {
    const image = new Uint8Array(readFileSync(path));
    const view = new DataView(image.buffer);
    const sectionsAt = Number(view.getBigUint64(40, true));
    const sectionCount = view.getUint16(60, true);
    const place = fc.oneof(
      fc.nat({ max: 64 + 56 * 12 }),
      fc.nat({ max: sectionCount * 64 }).map((at) => sectionsAt + at),
    );
    const damage = fc.array(fc.tuple(place, anyWord, fc.constantFrom(1, 2, 4, 8)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(damage, fc.option(fc.nat({ max: image.length }), { freq: 5 }), (changes, cut) => {
        const undo = changes.map(([at, word, width]) => {
          const before = image.subarray(at, at + width).slice();
          for (let byte = 0; byte < width && at + byte < image.length; byte += 1) {
            image[at + byte] = Number((word >> BigInt(8 * byte)) & 0xffn);
          }
          return () => image.set(before, at);
        });
        const elf = readElf(cut === null ? image : image.subarray(0, cut), WANTED);
        const segments = dataSegments(image.subarray(0, 4096), 0x7f0000000000);
        for (const back of undo.reverse()) back();
        for (const address of (elf?.symbols ?? empty).values()) expect(Number.isFinite(address)).toBe(true);
        expect(segments.length).toBeLessThan(100);
      }),
      { numRuns: 100 },
    );
    expect(readElf(image, WANTED)!.symbols.has('_PyRuntime')).toBe(true);
  },
);

test('tables of symbols laid over one another are not read again and again', () => {
  const sections = 60_000;
  const file = new Uint8Array(64 + sections * 64);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  view.setBigUint64(40, 64n, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, sections, true);
  for (let at = 0; at < sections; at += 1) {
    view.setUint32(64 + at * 64 + 4, 11, true);
    view.setBigUint64(64 + at * 64 + 32, BigInt(file.length), true);
  }
  expect(readElf(file, WANTED)!.symbols.size).toBe(0);
});

test('bytes that are no 64-bit little-endian ELF are nothing, and random ones behind its magic do not throw', () => {
  expect(readElf(new Uint8Array(), WANTED)).toBeUndefined();
  expect(readElf(new TextEncoder().encode('#!/bin/sh\n'.repeat(100)), WANTED)).toBeUndefined();
  const header = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
  expect(readElf(Uint8Array.from([...header.slice(0, 4), 1, 1, ...Array(80).fill(0)]), WANTED)).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 58, maxLength: 4000 }), (bytes) => {
      const file = Uint8Array.from([...header, ...bytes]);
      expect(readElf(file, WANTED)).toBeDefined();
      expect(Array.isArray(dataSegments(file, 4096))).toBe(true);
    }),
  );
});
