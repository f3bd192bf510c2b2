import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parseMaps } from '../../src/heap/memory/maps.ts';
import { openLiveMemory } from '../../src/sources/process/live-memory.ts';
import { liveTarget } from '../../src/sources/process/live-target.ts';
import { isRoot, PYTHON, start, until } from './programs.ts';

const PAGE = 4096;

/** 16 pages: 8 with a pattern, of which the third is taken away; 8 never touched. */
const PROGRAM = `
import ctypes, mmap, sys, time
area = mmap.mmap(-1, 16 * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
address = ctypes.addressof(ctypes.c_char.from_buffer(area))
area[: 8 * 4096] = bytes(i * 7 % 251 for i in range(8 * 4096))
ctypes.CDLL(None).munmap(ctypes.c_void_p(address + 2 * 4096), 4096)
print(address, flush=True)
time.sleep(600)
`;
const pattern = (from: number, length: number) => Uint8Array.from({ length }, (_, i) => ((from + i) * 7) % 251);

async function openProgram() {
  const program = start(PYTHON, ['-c', PROGRAM]);
  const address = Number(await until('the address', () => program.lines()[0]));
  const memory = openLiveMemory(program.pid);
  onTestFinished(() => memory.close());
  return { program, address, memory };
}

test('reads what is there, stops short at a hole and gives nothing in it', async () => {
  const { address, memory } = await openProgram();
  const reader = memory.reader();
  const into = new Uint8Array(4 * PAGE);
  expect(reader.read(address + 5, into)).toBe(2 * PAGE - 5);
  expect(into.subarray(0, 2 * PAGE - 5)).toEqual(pattern(5, 2 * PAGE - 5));
  expect(reader.read(address + 2 * PAGE, into)).toBe(0);
  expect(reader.read(address + 3 * PAGE, into)).toBe(4 * PAGE);
  expect(into).toEqual(pattern(3 * PAGE, 4 * PAGE));
});

test('tells pages that are there from pages that were never touched', async () => {
  const { address, memory } = await openProgram();
  const pages = memory.reader().pages!(address, address + 16 * PAGE);
  expect([...pages]).toEqual([1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('no address makes it throw', async () => {
  const { memory } = await openProgram();
  const reader = memory.reader();
  const anywhere = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constantFrom(0, 2 ** 47, 2 ** 63, 2 ** 64),
  );
  fc.assert(fc.property(anywhere, (address) => reader.read(address, new Uint8Array(16)) <= 16));
});

test('maps name the program, and its file can be read through them', async () => {
  const { program, memory } = await openProgram();
  const map = memory.reader().maps.find((map) => map.path.includes('python') && map.executable)!;
  expect(map).toMatchObject({ readable: true, writable: false, private: true });
  const image = liveTarget(program.pid).readImage(map);
  expect(Buffer.from(image.subarray(0, 4)).toString('latin1')).toBe('\x7fELF');
});

test('after the end of the process reads give nothing, a new reader is refused, and it is not alive', async () => {
  const { program, address, memory } = await openProgram();
  const target = liveTarget(program.pid);
  const reader = memory.reader();
  expect(target.alive()).toBe(true);
  program.child.kill('SIGKILL');
  await program.ended;
  expect(target.alive()).toBe(false);
  expect(reader.read(address, new Uint8Array(16))).toBe(0);
  expect(() => memory.reader()).toThrow(/no process/);
  expect(() => openLiveMemory(program.pid)).toThrow(/no process/);
});

test.skipIf(!isRoot)('a kernel thread has no memory', () => {
  expect(() => openLiveMemory(2).reader()).toThrow(/kernel/);
});

test('lines of maps are understood, and lines that are none are left out', () => {
  const text = [
    '55d0c0a00000-55d0c0a21000 r--p 00001000 fe:01 4242                       /opt/a b/py\\012thon3 (deleted)',
    '7ffd1c5f0000-7ffd1c611000 rw-s 00000000 00:00 0 ',
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
    'nonsense',
  ].join('\n');
  expect(parseMaps(text)).toEqual([
    {
      start: 0x55d0c0a00000,
      end: 0x55d0c0a21000,
      readable: true,
      writable: false,
      executable: false,
      private: true,
      offset: 0x1000,
      inode: 4242,
      path: '/opt/a b/py\nthon3 (deleted)',
    },
    {
      start: 0x7ffd1c5f0000,
      end: 0x7ffd1c611000,
      readable: true,
      writable: true,
      executable: false,
      private: false,
      offset: 0,
      inode: 0,
      path: '',
    },
  ]);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(parseMaps(text))));
});
