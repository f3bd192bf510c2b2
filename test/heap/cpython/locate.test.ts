import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { locatePython } from '../../../src/heap/cpython/locate.ts';
import type { MemoryReader } from '../../../src/heap/memory/reader.ts';
import { OLDEST_MINOR, SUPPORTED_VERSIONS } from '../../../src/heap/supported.ts';
import { liveTarget } from '../../../src/sources/process/live-target.ts';
import { interpreters } from '../../python/programs.ts';

const minorOf = ({ version }: { version: string }) => Number(version.split('.')[1]);
const withOffsets = interpreters().filter((each) => minorOf(each) >= 13);

async function targetOf(path: string) {
  const program = "print('ready', flush=True)\nimport sys\nsys.stdin.read()";
  const child = spawn(path, ['-S', '-E', '-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return liveTarget(child.pid!);
}

/** The memory of the process, but for one number of 32 bits at each of these addresses. */
function changed(reader: MemoryReader, numbers: ReadonlyMap<number, number>): MemoryReader {
  return {
    maps: reader.maps,
    read(address, into) {
      const length = reader.read(address, into);
      for (const [at, value] of numbers) {
        if (at >= address && at + 4 <= address + length) {
          new DataView(into.buffer, into.byteOffset).setUint32(at - address, value, true);
        }
      }
      return length;
    },
  };
}

/** `PY_VERSION_HEX` of a first release. */
const hexOf = (major: number, minor: number) => (((major << 24) | (minor << 16)) >>> 0) + 0xf0;

test.each(withOffsets)('what $version says in its debug offsets is believed', async ({ path }) => {
  const target = await targetOf(path);
  const { runtime } = locatePython(target.reader(), target.readImage);
  const located = (at: number, value: number) => () =>
    locatePython(changed(target.reader(), new Map([[runtime + at, value]])), target.readImage);
  expect(located(16, 1)).toThrow('This is a free-threaded CPython (no GIL), whose heap whyoom cannot read yet.');
  expect(located(8, hexOf(3, 99))).toThrow(`This is CPython 3.99; whyoom reads ${SUPPORTED_VERSIONS}.`);
  expect(located(8, hexOf(4, 10))).toThrow(`This is CPython 4.10; whyoom reads ${SUPPORTED_VERSIONS}.`);
  expect(located(8, hexOf(3, OLDEST_MINOR))()).toEqual(located(16, 0)());
});

test('an interpreter with debug offsets is there to be asked', () => {
  expect(withOffsets.length).toBeGreaterThan(0);
});
