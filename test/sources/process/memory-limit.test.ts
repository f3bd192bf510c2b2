import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createProcessPort } from '../../../src/sources/process/index.ts';
import { readMemoryLimit, readRollup } from '../../../src/sources/process/memory-limit.ts';
import { readSample } from '../../../src/sources/process/sample.ts';
import { PYTHON, problemOfCall, recorded, start, waiting } from './programs.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

describe('the limit that is met first', () => {
  test('is the address space where that was limited, and then it is what is measured', async () => {
    const { pid } = await start(PYTHON, ['-c', waiting()]);
    execFileSync('prlimit', ['--pid', String(pid), `--as=${512 * MiB}:${GiB}`]);
    const limit = readMemoryLimit(pid);
    expect(limit).toMatchObject({
      measure: 'virtual',
      limit: { bytes: 512 * MiB, scope: 'rlimit' },
      addressSpaceLimitBytes: 512 * MiB,
    });
    const virtual = Number(/VmSize:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
    expect(readSample(pid, limit, 0)).toMatchObject({ bytes: virtual });
  });

  test('is the address space for a program under ulimit -v, also through a shell', async () => {
    const script = `ulimit -v ${1024 * 1024}; exec ${PYTHON} -c "${waiting().replaceAll('\n', ';')}"`;
    const { pid } = await start('sh', ['-c', script]);
    expect(readMemoryLimit(pid)).toMatchObject({ limit: { bytes: GiB, scope: 'rlimit' }, measure: 'virtual' });
  });

  test('is none for a process without one: then RSS is measured', async () => {
    const { pid } = await start(PYTHON, ['-c', waiting()]);
    const limit = readMemoryLimit(pid);
    expect(limit.measure).toBe('rss');
    expect(limit).not.toHaveProperty('limit');
    expect(limit).not.toHaveProperty('addressSpaceLimitBytes');
    expect(limit.machineAvailableBytes).toBeGreaterThan(MiB);
  });

  test.each([
    // Of 128 MiB in the container 90 count: 30 % are left.
    { virtual: 600, addressSpace: 1000, first: 'container', measure: 'unreclaimable' },
    { virtual: 800, addressSpace: 1000, first: 'rlimit', measure: 'virtual' },
  ])('is the one of which the smaller share is left: $virtual of $addressSpace MiB of address space', (machine) => {
    const root = recorded({
      'proc/7/stat': '7 (python) S 1 7 7 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5 0 0\n',
      'proc/7/status': `Name:\tpython\nVmSize:\t${machine.virtual * 1024} kB\nVmRSS:\t1024 kB\n`,
      'proc/7/limits': `Max cpu time   unlimited  unlimited  seconds\nMax address space         ${machine.addressSpace * MiB} unlimited            bytes     \n`,
      'proc/7/cgroup': '0::/x\n',
      'proc/self/mountinfo': '35 25 0:30 / /cg rw - cgroup2 cgroup2 rw\n',
      'proc/meminfo': 'MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\nActive(anon):  1 kB\n',
      'cg/x/memory.current': `${100 * MiB}\n`,
      'cg/x/memory.max': `${128 * MiB}\n`,
      'cg/x/memory.stat': `active_file 0\ninactive_file ${10 * MiB}\n`,
    });
    const limit = readMemoryLimit(7, root);
    expect(limit).toMatchObject({ limit: { scope: machine.first }, measure: machine.measure });
    expect(limit.machineAvailableBytes).toBe(8_000_000 * 1024);
    expect(readSample(7, limit, 3, root)).toEqual({
      atUnixSeconds: 3,
      bytes: machine.first === 'container' ? 90 * MiB : machine.virtual * MiB,
      rssBytes: MiB,
      cpuSeconds: 0.02,
    });
  });
});

describe('the sums over a process’s mappings', () => {
  test('hold what the program holds, shared apart from private', async () => {
    const body =
      "import mmap\nheld = b'x' * 30_000_000\nshared = mmap.mmap(-1, 20_000_000)\nshared.write(b'z' * 20_000_000)\nimport os\nif os.fork() == 0:\n  sum(shared[::4096])\n  import sys; sys.stdin.read()";
    const { pid } = await start(PYTHON, ['-c', waiting(body)]);
    const rollup = readRollup(pid)!;
    expect(rollup.rssBytes).toBeGreaterThan(50e6);
    expect(rollup.anonymousBytes).toBeGreaterThan(30e6);
    expect(rollup.pssBytes).toBeLessThan(rollup.rssBytes);
    expect(rollup.sharedBytes + rollup.privateDirtyBytes).toBeLessThanOrEqual(rollup.rssBytes);
    expect(rollup.swapBytes).toBe(0);
  });

  test('are added up from smaps where the kernel gives no sum, and unknown where neither may be read', async () => {
    const { pid } = await start(PYTHON, ['-c', waiting()]);
    const old = recorded({ [`proc/${pid}/smaps`]: readFileSync(`/proc/${pid}/smaps`, 'utf8') });
    const [added, summed] = [readRollup(pid, old)!, readRollup(pid)!];
    expect(added.rssBytes).toBe(summed.rssBytes);
    expect(added.anonymousBytes).toBe(summed.anonymousBytes);
    expect(readRollup(pid, recorded({}))).toBeUndefined();
  });
});

describe('a sample', () => {
  test('follows what the program takes, and counts the processor time that it used', async () => {
    const body =
      "import sys\nprint('ready', flush=True)\nsys.stdin.readline()\nheld = b'x' * 40_000_000\nn = sum(range(20_000_000))\nprint('done', flush=True)\nsys.stdin.read()";
    const { pid, child } = await start(PYTHON, ['-c', body]);
    const limit = readMemoryLimit(pid);
    const before = readSample(pid, limit, 1);
    const done = new Promise((resolve) => child.stdout!.once('data', resolve));
    child.stdin!.write('go\n');
    await done;
    const after = readSample(pid, limit, 2);
    expect(after.rssBytes - before.rssBytes).toBeGreaterThan(38e6);
    expect(after.rssBytes - before.rssBytes).toBeLessThan(45e6);
    expect(after.bytes).toBe(after.rssBytes);
    expect(after.cpuSeconds).toBeGreaterThan(before.cpuSeconds);
  });

  test('is refused as absent when the control group has gone', async () => {
    const { pid } = await start(PYTHON, ['-c', waiting()]);
    const cgroup = { version: 2, path: '/gone', usageBytes: 1, reclaimableBytes: 0, sharedMemoryBytes: 0 } as const;
    const limit = { ...readMemoryLimit(pid), measure: 'unreclaimable', cgroup } as const;
    expect(await problemOfCall(() => readSample(pid, limit, 0))).toMatchObject({ code: 'absent' });
  });
});

describe('waiting', () => {
  const port = createProcessPort(async () => Promise.reject(new Error('not asked')));

  test('ends at the signal, without an error, also where that came before', async () => {
    const over = new AbortController();
    const waited = port.sleep(3_600_000, over.signal);
    over.abort();
    await expect(waited).resolves.toBeUndefined();
    await expect(port.sleep(3_600_000, over.signal)).resolves.toBeUndefined();
  });

  test('ends by itself without a signal, and not at once', async () => {
    const never = new AbortController().signal;
    const order: string[] = [];
    const long = port.sleep(40, never).then(() => order.push('long'));
    await port.sleep(1, never);
    order.push('short');
    await long;
    expect(order).toEqual(['short', 'long']);
  });
});
