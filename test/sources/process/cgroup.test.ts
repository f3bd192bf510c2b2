import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCgroup, unreclaimableBytes } from '../../../src/sources/process/cgroup.ts';
import { groupFolders, parseGroups, parseMounts } from '../../../src/sources/process/cgroup-folders.ts';
import { readMemoryLimit } from '../../../src/sources/process/memory-limit.ts';
import { localFiles } from '../../../src/sources/process/proc-files.ts';
import { readSample } from '../../../src/sources/process/sample.ts';
import { counted } from '../../counted.ts';
import { asRoot, endPrograms, PYTHON, recorded, start, temporaryFolder, until, waiting } from './programs.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
/** A machine's files as a pod under version 2 has them, in the format of Documentation/admin-guide/cgroup-v2.rst. */
const V2 = localFiles(new URL('./cgroup-v2', import.meta.url).pathname);
const PODS = '/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice';
const CONTAINER = `${PODS}/kubepods-burstable-pod1f2e.slice/cri-containerd-8a7b.scope`;
const FULL_POD = `${PODS}/kubepods-burstable-pod77aa.slice`;

describe('version 2, recorded', () => {
  test('gives the container’s limit, usage, file pages apart, kernel memory, swap and kills', () => {
    expect(readCgroup(4242, 16 * GiB, V2)).toEqual({
      version: 2,
      path: CONTAINER,
      limitBytes: 128 * MiB,
      usageBytes: 120 * MiB,
      reclaimableBytes: 30 * MiB,
      sharedMemoryBytes: 4 * MiB,
      kernelBytes: 6 * MiB,
      swapBytes: 2 * MiB,
      events: { oomKills: 3, limitHits: 415 },
    });
    expect(unreclaimableBytes({ version: 2, path: CONTAINER }, V2)).toBe(90 * MiB);
  });

  test('takes the pod’s limit where the pod has less room than the container', () => {
    // The container beside it holds most of the pod's 256 MiB.
    expect(readCgroup(4343, 16 * GiB, V2)).toMatchObject({
      path: FULL_POD,
      limitBytes: 256 * MiB,
      usageBytes: 250 * MiB,
    });
  });

  test('takes no limit for one where there is "max" all the way, and names the process’s own group', () => {
    const group = readCgroup(4444, 16 * GiB, V2);
    expect(group).toMatchObject({ path: '/sys/fs/cgroup/system.slice/app.service', usageBytes: 50 * MiB });
    expect(group).not.toHaveProperty('limitBytes');
  });

  test('takes a limit above the whole machine for none', () => {
    expect(readCgroup(4242, 100 * MiB, V2)).not.toHaveProperty('limitBytes');
  });

  test('finds nothing for a process of the root group, and nothing for one that has gone', () => {
    expect(readCgroup(1, 16 * GiB, V2)).toBeUndefined();
    expect(readCgroup(99, 16 * GiB, V2)).toBeUndefined();
    expect(unreclaimableBytes({ version: 2, path: '/sys/fs/cgroup/gone' }, V2)).toBeUndefined();
  });
});

describe('where the groups are', () => {
  const usage = { 'memory.current': '1\n', 'memory.max': '9\n' };
  const under = (folder: string, files: Record<string, string>) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
  const mount = (top: string, point: string, type = 'cgroup2', options = 'rw') =>
    `30 23 0:26 ${top} ${point} rw,nosuid shared:4 - ${type} cgroup ${options}\n`;

  test('in a container that sees its own group as the root', () => {
    const root = recorded({
      'proc/7/cgroup': '0::/\n',
      'proc/self/mountinfo': mount('/', '/sys/fs/cgroup'),
      ...under('sys/fs/cgroup', usage),
    });
    expect(groupFolders(7, root)).toEqual({ version: 2, folders: ['/sys/fs/cgroup'] });
  });

  test('in a container of version 1 that sees the whole path but only its own part mounted', () => {
    const root = recorded({
      'proc/7/cgroup': '9:name=systemd:/docker/abc\n5:hugetlb,memory:/docker/abc/worker\n0::/\n',
      'proc/self/mountinfo': mount('/docker/abc', '/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '1\n',
      'sys/fs/cgroup/memory/worker/memory.usage_in_bytes': '1\n',
    });
    const folders = ['/sys/fs/cgroup/memory/worker', '/sys/fs/cgroup/memory'];
    expect(groupFolders(7, root)).toEqual({ version: 1, folders });
  });

  test('through the process’s own mounts where it is in another container than whyoom', () => {
    const root = recorded({
      'proc/7/cgroup': '0::/../other\n',
      'proc/self/mountinfo': mount('/', '/sys/fs/cgroup'),
      'proc/7/mountinfo': mount('/../other', '/sys/fs/cgroup'),
      ...under('sys/fs/cgroup', usage),
      ...under('proc/7/root/sys/fs/cgroup', usage),
    });
    expect(groupFolders(7, root)).toEqual({ version: 2, folders: ['/proc/7/root/sys/fs/cgroup'] });
  });

  test('in hybrid mode under version 1 if that has memory, else under version 2', () => {
    const mounts = mount('/', '/sys/fs/cgroup/unified') + mount('/', '/sys/fs/cgroup/memory', 'cgroup', 'rw,memory');
    const one = recorded({
      'proc/7/cgroup': '4:memory:/a:b\n0::/a:b\n',
      'proc/self/mountinfo': mounts,
      'sys/fs/cgroup/memory/a:b/memory.usage_in_bytes': '1\n',
      'sys/fs/cgroup/unified/a:b/cgroup.procs': '7\n',
    });
    expect(groupFolders(7, one)).toMatchObject({ version: 1, folders: ['/sys/fs/cgroup/memory/a:b'] });
    const two = recorded({
      'proc/7/cgroup': '1:name=systemd:/x\n0::/x\n',
      'proc/self/mountinfo': mounts,
      ...under('sys/fs/cgroup/unified/x', usage),
    });
    expect(groupFolders(7, two)).toMatchObject({ version: 2, folders: ['/sys/fs/cgroup/unified/x'] });
  });

  test('not above a group of version 1 that does not count what is below it', () => {
    const root = recorded({
      'proc/7/cgroup': '4:memory:/a/b\n',
      'proc/self/mountinfo': mount('/', '/m', 'cgroup', 'rw,memory'),
      'm/memory.usage_in_bytes': '1\n',
      'm/a/memory.usage_in_bytes': '1\n',
      'm/a/memory.use_hierarchy': '0\n',
      'm/a/b/memory.usage_in_bytes': '1\n',
    });
    expect(groupFolders(7, root)?.folders).toEqual(['/m/a/b']);
  });

  test('with spaces in the path, and of a group that was removed while the process runs', () => {
    expect(parseMounts(mount('/', '/my\\040cgroups'))).toEqual([{ version: 2, top: '/', point: '/my cgroups' }]);
    expect(parseGroups('0::/gone (deleted)\n')).toEqual({ 2: '/gone' });
  });

  test('nowhere in files that make no sense', () => {
    const root = recorded({
      'proc/7/cgroup': 'x\n::\n4:memory\n',
      'proc/self/mountinfo': '- - -\n\n1 2 3\n - cgroup2',
    });
    expect(groupFolders(7, root)).toBeUndefined();
  });
});

const ownGroup = parseGroups(readFileSync('/proc/self/cgroup', 'utf8'))[1];
const V1 = '/sys/fs/cgroup/memory';
const parent = `${V1}${ownGroup}/whyoom-test-${process.pid}`;
const child = `${parent}/child`;
const canTest = asRoot('control groups of version 1') && ownGroup !== undefined && existsSync(V1 + ownGroup);
if (!canTest) console.warn('SKIPPED: control groups of version 1 (this machine has none that may be made)');

describe.skipIf(!canTest)('version 1, on this machine', () => {
  beforeEach(() => mkdirSync(child, { recursive: true }));
  afterEach(async () => {
    await endPrograms();
    for (const group of [child, parent]) await until(() => removed(group));
  });

  const inChild = async (body: string) => {
    const program = `import os\nopen('${child}/cgroup.procs', 'w').write(str(os.getpid()))\n${body}`;
    return start(PYTHON, ['-c', waiting(program)]);
  };

  test('tells 40 MB of objects from 30 MB of file pages and 20 MB of shared memory', async () => {
    writeFileSync(`${child}/memory.limit_in_bytes`, String(256 * MiB));
    const file = `${temporaryFolder()}/pages`;
    const { pid } = await inChild(`
import mmap
held = b'x' * 40_000_000
open('${file}', 'wb').write(b'y' * 30_000_000)
os.sync()
shared = mmap.mmap(-1, 20_000_000)
shared.write(b'z' * 20_000_000)`);
    const limit = readMemoryLimit(pid);
    expect(limit).toMatchObject({ measure: 'unreclaimable', limit: { bytes: 256 * MiB, scope: 'container' } });
    expect(limit.cgroup).toMatchObject({ version: 1, path: child, limitBytes: 256 * MiB, events: { oomKills: 0 } });
    expect(limit.cgroup!.reclaimableBytes).toBeGreaterThan(29e6);
    expect(limit.cgroup!.sharedMemoryBytes).toBeGreaterThan(19e6);
    expect(limit.cgroup!.sharedMemoryBytes).toBeLessThan(22e6);
    const sample = readSample(pid, limit, 7);
    expect(sample.atUnixSeconds).toBe(7);
    expect(sample.bytes).toBeGreaterThan(60e6);
    expect(sample.bytes).toBeLessThan(85e6);
    expect(sample.rssBytes).toBeGreaterThan(60e6);
    counted('programs', 'cgroup v1 usage');
  });

  test('takes the limit above where that leaves less room, and none where there is none', async () => {
    const { pid } = await inChild('');
    expect(readCgroup(pid, 16 * GiB)).not.toHaveProperty('limitBytes');
    writeFileSync(`${parent}/memory.limit_in_bytes`, String(64 * MiB));
    expect(readCgroup(pid, 16 * GiB)).toMatchObject({ path: parent, limitBytes: 64 * MiB });
    writeFileSync(`${child}/memory.limit_in_bytes`, String(32 * MiB));
    expect(readCgroup(pid, 16 * GiB)).toMatchObject({ path: child, limitBytes: 32 * MiB });
  });

  test('counts a kill, also one in a group below the limit', async () => {
    writeFileSync(`${parent}/memory.limit_in_bytes`, String(48 * MiB));
    const { pid } = await inChild(`
if os.fork() == 0:
    held = b'x' * 200_000_000
    os._exit(0)
assert os.wait()[1] == 9`);
    expect(readCgroup(pid, 16 * GiB)).toMatchObject({ path: parent, events: { oomKills: 1 } });
    expect(readCgroup(pid, 16 * GiB)!.events!.limitHits).toBeGreaterThan(0);
    counted('kills', 'cgroup v1 oom_kill');
  });
});

function removed(group: string): boolean {
  try {
    rmdirSync(group);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return true;
}
