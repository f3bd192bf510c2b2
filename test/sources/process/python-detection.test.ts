import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandLine } from '../../../src/sources/process/command-line.ts';
import { parseStat } from '../../../src/sources/process/process-state.ts';
import { detectPython } from '../../../src/sources/process/python-detection.ts';

const mapping = (path: string, rights = 'r-xp') =>
  `7f3c00000000-7f3c00200000 ${rights} 00026000 fe:00 1234   ${path}\n`;
const detect = (executable: string, maps = '', bits: 32 | 64 = 64, runtime = false) =>
  detectPython({ executable, maps: mapping('/usr/lib/libc.so.6') + maps, bits, hasRuntime: () => runtime });

describe('detectPython', () => {
  test.each([
    ['/usr/bin/python3.12', '', '3.12'],
    ['/usr/local/bin/python3.9 (deleted)', '', '3.9'],
    ['/opt/conda/bin/python', '', undefined],
    ['/usr/bin/uwsgi-core', mapping('/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0'), '3.11'],
    ['/app/dist/app', mapping('/tmp/_MEIa81x/libpython3.10.so.1.0 (deleted)'), '3.10'],
    ['/app/site-packages/bin/uwsgi', mapping('/app/uwsgi.libs/libpython3.9-1a2b3c4d.so.1.0'), '3.9'],
    ['/app/my folder/python', mapping('/app/my folder/libpython3.13.so.1.0'), '3.13'],
  ])('finds the CPython in %s', (executable, maps, version) => {
    expect(detect(executable, maps)).toEqual({ implementation: 'cpython', ...(version && { version }) });
  });

  test.each([
    ['/usr/bin/python2.7', '', 'CPython 2.7 is too old; whyoom reads 3.8 to 3.15'],
    ['/usr/bin/python3.7', '', 'CPython 3.7 is too old; whyoom reads 3.8 to 3.15'],
    ['/x', mapping('/usr/lib/libpython3.7m.so.1.0'), 'CPython 3.7 is too old; whyoom reads 3.8 to 3.15'],
    ['/usr/bin/python3.16', '', 'CPython 3.16 is newer than this whyoom knows; whyoom reads 3.8 to 3.15'],
    ['/usr/bin/python4.0', '', 'CPython 4.0 is newer than this whyoom knows; whyoom reads 3.8 to 3.15'],
    ['/usr/bin/python3.13t', '', 'a free-threaded CPython 3.13; whyoom reads builds with the GIL'],
    ['/x', mapping('/usr/lib/libpython3.13t.so.1.0'), 'a free-threaded CPython 3.13; whyoom reads builds with the GIL'],
    ['/usr/bin/python3.11-dbg', '', 'a debug build of CPython 3.11; whyoom reads release builds'],
  ])('says why it will not read %s %s', (executable, maps, unsupported) => {
    expect(detect(executable, maps)).toMatchObject({ implementation: 'cpython', unsupported });
  });

  test('says that a 32-bit one cannot be read', () => {
    expect(detect('/usr/bin/python3.11', '', 32)?.unsupported).toContain('32-bit');
  });

  test('knows PyPy by its library and by its name', () => {
    for (const found of [detect('/opt/pypy/bin/pypy3.10'), detect('/x', mapping('/opt/pypy/bin/libpypy3.10-c.so'))]) {
      expect(found).toMatchObject({ implementation: 'pypy', unsupported: expect.stringContaining('PyPy') });
    }
  });

  test('goes by the runtime in the executable where no name tells', () => {
    expect(detect('/app/server', '', 64, true)).toEqual({ implementation: 'cpython' });
    expect(detect('/app/server', '', 64, false)).toBeUndefined();
  });

  test('is not taken in by programs that only read a library or are called alike', () => {
    expect(detect('/usr/bin/py-spy', mapping('/usr/lib/libpython3.11.so.1.0', 'r--p'))).toBeUndefined();
    expect(detect('/usr/bin/pythonista')).toBeUndefined();
    expect(detect('/app/python3.11.d/server')).toBeUndefined();
    expect(detect('/x', mapping('/srv/libpython3.so'))).toBeUndefined();
  });

  test('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (executable, maps) => {
        const found = detect(executable, maps);
        expect([undefined, 'cpython', 'pypy']).toContain(found?.implementation);
      }),
    );
  });
});

describe('what a process says about itself', () => {
  test('keeps its numbers whatever its name is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 15 }), (comm) => {
        const rest = 'S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 12345 1000 200';
        expect(parseStat(`42 (${comm}) ${rest}\n`)).toEqual({
          pid: 42,
          comm,
          state: 'S',
          parentPid: 1,
          cpuSeconds: 3,
          startedAfterBootSeconds: 123.45,
        });
      }),
    );
    for (const wrong of ['', '42', '42 (x)', '(x) S', 'x (x) S 1', '42 )x( S 1'])
      expect(parseStat(wrong)).toBeUndefined();
  });

  test('is shown as one line without control characters, cut where it is endless', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (cmdline) => {
        expect(commandLine(cmdline, 'x')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(commandLine('x'.repeat(100_000), 'x')).toHaveLength(1001);
    expect(commandLine('gunicorn: master [app]     \0\0\0', 'gunicorn')).toBe('gunicorn: master [app]');
    expect(commandLine('', 'kworker/0:1')).toBe('[kworker/0:1]');
    expect(commandLine('python\0\0-x\0', 'python')).toBe("python '' -x");
  });
});
