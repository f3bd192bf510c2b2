import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MemoryLimit } from '../../../src/core/artifacts.ts';
import type { Inside } from '../../../src/core/pod-port.ts';
import { enterBy } from '../../../src/sources/pod/index.ts';
import { createProcessPort } from '../../../src/sources/process/index.ts';
import {
  asRoot,
  INTERPRETERS,
  PYTHON,
  problemOfCall,
  start,
  temporaryFolder,
  until,
  waiting,
} from '../process/programs.ts';
import { type ChildStream, childStream } from './child-stream.ts';

const WORKER = new URL('../../../src/heap-worker.ts', import.meta.url);
const local = createProcessPort(async () => expect.fail('not asked'));

/** Goes into this machine as if it were a container: the reader is a child of the test. */
async function enter({ python = PYTHON, uid }: { python?: string; uid?: number } = {}): Promise<{
  inside: Inside;
  reader: ChildStream;
}> {
  let reader: ChildStream | undefined;
  const inside = await enterBy(
    async ([, ...args]) => {
      reader = childStream([python, ...args], uid === undefined ? {} : { uid });
      return reader;
    },
    { way: 'exec', container: 'app' },
    { workerUrl: WORKER },
  );
  return { inside, reader: reader! };
}

/** Without the numbers of the machine, of groups that others are in too, and of pages that others map. */
const steady = ({ machineAvailableBytes: _, cgroup, rollup, ...limit }: MemoryLimit) => ({
  ...limit,
  rollup: rollup && { ...rollup, pssBytes: 0 },
  cgroup: cgroup && { path: cgroup.path, version: cgroup.version, limitBytes: cgroup.limitBytes },
});

describe('what a reader sees', () => {
  const READ = INTERPRETERS.filter(({ version }) => !/^(2|3\.[67])\./.test(version));
  test.each(READ)(
    'is what is seen from here: tree, limit and memory, by Python $version',
    async ({ path, version }) => {
      const { pid } = await start('sh', ['-c', `${path} -c "${waiting().replaceAll('\n', ';')}"; true`]);
      const { inside } = await enter({ python: path });
      const { processes, about, close } = inside;
      expect(about).toMatchObject({ way: 'exec', python: version });
      const tree = await processes.tree(pid);
      expect(tree).toEqual(await local.tree(pid));
      const chosen = tree.chosenPid!;
      expect(chosen).not.toBe(pid);
      const [limit, here] = [await processes.memoryLimit(chosen), await local.memoryLimit(chosen)];
      expect(steady(limit)).toEqual(steady(here));
      for (const _ of [1, 2]) {
        let own = await local.sample(chosen, limit);
        let sample: typeof own;
        let before: typeof own;
        do {
          before = own;
          sample = await processes.sample(chosen, limit);
          own = await local.sample(chosen, limit);
        } while (own.bytes !== before.bytes);
        expect({ ...sample, atUnixSeconds: 0 }).toEqual({ ...own, atUnixSeconds: 0 });
      }
      await close();
    },
  );

  test('of a process that is not there, or has ended, is said without this machine’s tools', async () => {
    const { inside } = await enter();
    const { pid, child } = await start(PYTHON, ['-c', waiting()]);
    const limit = await inside.processes.memoryLimit(pid);
    child.kill('SIGKILL');
    await until(() => child.signalCode !== null);
    for (const call of [() => inside.processes.tree(pid), () => inside.processes.sample(pid, limit)]) {
      expect(await problemOfCall(call)).toEqual({
        code: 'absent',
        message: `There is no process ${pid} (in the container).`,
      });
    }
    await inside.close();
  });

  test('is not more than it may see: another’s process is known by its name, and its heap is denied', async () => {
    if (!asRoot('a process of another user')) return;
    const { pid } = await start('/usr/bin/python3', ['-c', waiting()]);
    const { inside } = await enter({ python: '/usr/bin/python3', uid: 65534 });
    const tree = await inside.processes.tree(pid);
    expect(tree).toMatchObject({ chosenPid: pid, tree: [{ executable: '', python: { implementation: 'cpython' } }] });
    const limit = await inside.processes.memoryLimit(pid);
    expect(limit).not.toHaveProperty('rollup');
    expect((await inside.processes.sample(pid, limit)).rssBytes).toBeGreaterThan(1e6);
    expect(await problemOfCall(() => inside.processes.openHeap(pid, { maxPauseMs: 1000 }))).toEqual({
      code: 'denied',
      message: `Process ${pid} belongs to user 0, and the reader runs as user 65534 without the capability SYS_PTRACE.`,
      hint: expect.stringContaining('--allow ephemeral'),
    });
    await inside.close();
  });

  test('of a traced process is all but its heap: who traces it is named', async () => {
    const { pid } = await start(PYTHON, ['-c', waiting()]);
    const { child: tracer } = await start(PYTHON, ['-c', tracing(pid)]);
    const { inside } = await enter();
    expect(await problemOfCall(() => inside.processes.openHeap(pid, { maxPauseMs: 1000 }))).toMatchObject({
      code: 'denied',
      message: expect.stringMatching(
        new RegExp(`^Process ${pid} is already traced by python\\S* \\(pid ${tracer.pid} in the pod\\)`),
      ),
    });
    await inside.close();
    // While it is traced, its end cannot be waited for.
    tracer.kill('SIGKILL');
    await until(() => tracer.signalCode !== null);
  });
});

/** Traces a process without stopping it (PTRACE_SEIZE). */
const tracing = (pid: number) => `
import ctypes, sys
libc = ctypes.CDLL(None)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
assert libc.ptrace(0x4206, ${pid}, None, None) == 0
print('ready', flush=True)
sys.stdin.read()
`;

describe('source', () => {
  test('is read as the process sees it, through links and from its working directory', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'app/pkg'), { recursive: true });
    writeFileSync(join(folder, 'app/pkg/models.py'), "held = '\\xe9'\n# \u00e9\u4e2d\n");
    symlinkSync('pkg', join(folder, 'app/relative'));
    symlinkSync(join(folder, 'app/pkg/models.py'), join(folder, 'app/absolute.py'));
    symlinkSync('/etc/passwd', join(folder, 'app/passwd.py'));
    symlinkSync('circle.py', join(folder, 'app/circle.py'));
    const { pid } = await start(PYTHON, ['-c', waiting()], { cwd: join(folder, 'app') });
    const { inside } = await enter();
    const text = readFileSync(join(folder, 'app/pkg/models.py'));
    for (const path of [
      join(folder, 'app/pkg/models.py'),
      'pkg/models.py',
      './relative/../relative/models.py',
      'absolute.py',
    ]) {
      expect(Buffer.from(await inside.processes.readFile(pid, path)).equals(text)).toBe(true);
    }
    const problem = (path: string) => problemOfCall(() => inside.processes.readFile(pid, path));
    expect(await problem('passwd.py')).toMatchObject({
      code: 'refused',
      message: 'passwd.py is no Python file (.py).',
    });
    expect(await problem('circle.py')).toMatchObject({ code: 'refused' });
    expect(await problem('none.py')).toMatchObject({ code: 'absent' });
    expect(await problem('a\0b.py')).toMatchObject({ code: 'absent' });
    await inside.close();
  });

  test('is no device, no pipe and no folder, whatever it calls itself', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder.py'));
    symlinkSync('/dev/zero', join(folder, 'device.py'));
    const { pid } = await start(PYTHON, ['-c', `import os; os.mkfifo('pipe.py')\n${waiting()}`], { cwd: folder });
    const { inside } = await enter();
    for (const path of ['folder.py', 'device.py', 'pipe.py']) {
      const { code } = await problemOfCall(() => inside.processes.readFile(pid, path));
      expect(['absent', 'refused']).toContain(code);
    }
    await inside.close();
  });
});

describe('a reader that goes', () => {
  test('killed, takes all questions with it, and says how it ended', async () => {
    const { pid } = await start(PYTHON, ['-c', waiting()]);
    const { inside, reader } = await enter();
    const limit = await inside.processes.memoryLimit(pid);
    reader.child.kill('SIGSTOP');
    const asked = [1, 2, 3].map(() => problemOfCall(() => inside.processes.sample(pid, limit)));
    reader.child.kill('SIGKILL');
    for (const problem of await Promise.all(asked)) {
      expect(problem).toMatchObject({ code: 'broken', message: expect.stringContaining('was killed (exit code 137)') });
    }
    await inside.close();
  });

  test('leaves when it is no longer wanted, and nothing of it stays', async () => {
    const { inside, reader } = await enter();
    await inside.close();
    expect(await reader.ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await problemOfCall(() => inside.processes.tree(1))).toMatchObject({ code: 'broken' });
  });
});
