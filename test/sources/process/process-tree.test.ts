import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProcessPort } from '../../../src/sources/process/index.ts';
import { processTree } from '../../../src/sources/process/process-tree.ts';
import { counted } from '../../counted.ts';
import {
  asRoot,
  INTERPRETERS,
  minorOf,
  PYTHON,
  problemOfCall,
  start,
  temporaryFolder,
  until,
  waiting,
} from './programs.ts';

const MiB = 1024 * 1024;
const find = (pid: number, root: number) => processTree(root).tree.find((one) => one.pid === pid)!;

describe('the Python that is read', () => {
  test.each(INTERPRETERS)('is told with its version: $version', async ({ version, path }) => {
    const { pid } = await start(path, [
      '-c',
      'import sys; sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.read()',
    ]);
    const { python, executable, command, threads, rssBytes, startedAtUnixSeconds } = find(pid, pid);
    const minor = version.split('.').slice(0, 2).join('.');
    const read = /^3\.([89]|1[0-5])$/.test(minor);
    expect(python).toMatchObject({ implementation: 'cpython', version: minor });
    expect(python?.unsupported).toEqual(read ? undefined : expect.stringContaining(`CPython ${minor} is too old`));
    expect(processTree(pid).chosenPid).toBe(read ? pid : undefined);
    expect(executable).toContain(minor);
    expect(command).toContain(`${path} -c 'import sys`);
    expect(threads).toBe(1);
    expect(rssBytes).toBeGreaterThan(2 * MiB);
    expect(Math.abs(Date.now() / 1000 - startedAtUnixSeconds)).toBeLessThan(60);
    counted('interpreters', version);
  });

  test('is found under a shell and under tini', async () => {
    const script = `${PYTHON} -c "${waiting().replaceAll('\n', ';')}"; true`;
    for (const [command, args] of [
      ['sh', ['-c', script]],
      ['/usr/bin/tini', ['-s', '--', 'sh', '-c', script]],
    ] as const) {
      const { pid } = await start(command, args);
      const { tree, rootPid, chosenPid } = processTree(pid);
      expect(rootPid).toBe(pid);
      expect(tree[0]).toMatchObject({ pid });
      expect(tree[0]!.python).toBeUndefined();
      expect(tree.find((one) => one.pid === chosenPid)?.python).toMatchObject({
        implementation: 'cpython',
        version: minorOf(PYTHON),
      });
    }
  });

  test('is found behind the link of a virtual environment, and in an interpreter with everything linked in', async () => {
    const folder = temporaryFolder();
    for (const base of [PYTHON, '/usr/bin/python3']) {
      execFileSync(base, ['-m', 'venv', '--without-pip', '--clear', folder]);
      const { pid } = await start(join(folder, 'bin/python'), ['-c', waiting()]);
      expect(find(pid, pid).python).toEqual({ implementation: 'cpython', version: minorOf(base) });
      expect(processTree(pid).chosenPid).toBe(pid);
    }
  });

  test('is found by what is in it where no name tells: an executable called worker', async () => {
    const worker = join(temporaryFolder(), 'worker');
    copyFileSync('/usr/bin/python3', worker);
    const { pid } = await start(worker, ['-S', '-c', waiting()]);
    expect(find(pid, pid).python).toMatchObject({ implementation: 'cpython' });
    rmSync(worker);
    expect(find(pid, pid)).toMatchObject({ executable: `${worker} (deleted)`, python: { implementation: 'cpython' } });
    expect(processTree(pid).chosenPid).toBe(pid);
  });

  test('is the worker that holds most, not the one that started it', async () => {
    const { pid, ready } = await start(PYTHON, ['-c', FORKS]);
    const [large] = ready.split(' ').map(Number);
    const { tree, chosenPid, rootPid } = processTree(pid);
    expect(rootPid).toBe(pid);
    expect(tree).toHaveLength(4);
    expect(tree.slice(1).every((one) => one.parentPid === pid)).toBe(true);
    expect(chosenPid).toBe(large);
    expect(find(large!, pid).rssBytes).toBeGreaterThan(50 * MiB);
  });

  test('is none in a program that is not Python', async () => {
    const { pid } = await start('sh', ['-c', 'echo ready; read line']);
    expect(processTree(pid)).toMatchObject({ rootPid: pid, tree: [{ pid, command: "sh -c 'echo ready; read line'" }] });
    expect(processTree(pid).chosenPid).toBeUndefined();
  });

  test('is the process where the id of one of its threads is given', async () => {
    const body =
      'import threading\nt = threading.Thread(target=threading.Event().wait, daemon=True)\nt.start()\nprint(t.native_id, flush=True)\nimport sys\nsys.stdin.read()';
    const { pid, ready } = await start(PYTHON, ['-c', body]);
    expect(processTree(Number(ready))).toMatchObject({ rootPid: pid, chosenPid: pid, tree: [{ pid, threads: 2 }] });
  });
});

const FORKS = `
import os, sys
pids = []
for size in (50_000_000, 10, 10):
    said, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        held = b'x' * size
        os.write(says, b'.')
        sys.stdin.read()
        os._exit(0)
    os.read(said, 1)
    pids.append(pid)
print(*pids, flush=True)
sys.stdin.read()
`;

describe('a process that cannot be looked at', () => {
  test('is absent where there is none, with how to find one', async () => {
    for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 22 + 7]) {
      const { code, message, hint } = await problemOfCall(() => processTree(pid));
      expect({ code, message }).toEqual({ code: 'absent', message: `There is no process ${pid}.` });
      expect(hint).toContain('pgrep');
    }
  });

  test('is absent once it has ended', async () => {
    const { pid, child } = await start(PYTHON, ['-c', waiting()]);
    const port = createProcessPort(async () => Promise.reject(new Error('not asked')));
    const limit = await port.memoryLimit(pid);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    await ended;
    for (const call of [
      () => port.tree(pid),
      () => port.memoryLimit(pid),
      () => port.sample(pid, limit),
      () => port.readFile(pid, '/etc/passwd'),
    ]) {
      expect(await problemOfCall(call)).toMatchObject({ code: 'absent' });
    }
  });

  test('is absent as a zombie, and left out of its parent’s tree', async () => {
    const { pid, ready } = await start(PYTHON, [
      '-c',
      'import os, sys\npid = os.fork()\nif pid == 0: os._exit(0)\nprint(pid, flush=True)\nsys.stdin.read()',
    ]);
    const zombie = Number(ready);
    const zombied = () => execFileSync('ps', ['-o', 'stat=', '-p', ready]).toString().startsWith('Z');
    await until(zombied);
    const { code, message } = await problemOfCall(() => processTree(zombie));
    expect(code).toBe('absent');
    expect(message).toContain(`process ${zombie} has ended (zombie)`.replace('process', 'Process'));
    expect(processTree(pid).tree.map((one) => one.pid)).toEqual([pid]);
  });

  test.skipIf(!asRoot('a process of another user'))(
    'is denied where it is another user’s, with what would allow it',
    async () => {
      const { pid } = await start(PYTHON, ['-c', waiting()]);
      const module = new URL('../../../src/sources/process/process-tree.ts', import.meta.url);
      const script = `import { processTree } from ${JSON.stringify(module.href)};
      try { processTree(${pid}); console.log('{}'); } catch (error) { console.log(JSON.stringify(error.problem)); }`;
      const said = execFileSync('setpriv', [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        '--input-type=module',
        '-e',
        script,
      ]);
      const { code, message, hint } = JSON.parse(said.toString());
      expect({ code, message }).toEqual({
        code: 'denied',
        message: `Process ${pid} may not be read: it belongs to user 0, and you are user 65534.`,
      });
      expect(hint).toContain(`sudo whyoom --pid ${pid}`);
      expect(hint).toContain('CAP_SYS_PTRACE');
    },
  );
});

test.skipIf(!asRoot('a /proc that hides processes')).each([1, 2])(
  'a process that /proc hides (hidepid=%i) is denied and not absent; none is absent',
  async (hidepid) => {
    const module = new URL('../../../src/sources/process/process-tree.ts', import.meta.url);
    const script = `import { processTree } from ${JSON.stringify(module.href)};
      for (const pid of [1, 4000000]) try { processTree(pid); } catch (error) { console.log(JSON.stringify(error.problem)); }`;
    // A namespace of its own for the process ids: older kernels would hide the processes of the whole machine.
    const inside = `mount -t proc -o hidepid=${hidepid} proc /proc && setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`;
    const node = [process.execPath, '--input-type=module', '-e', script];
    const said = execFileSync('unshare', ['-m', '-p', '-f', 'sh', '-c', inside, 'sh', ...node]).toString();
    const [hidden, none] = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(hidden).toMatchObject({ code: 'denied', hint: expect.stringContaining('sudo whyoom --pid 1') });
    expect(hidden.message).toContain('Process 1 is there, but you may not see it');
    expect(none).toMatchObject({ code: 'absent', message: 'There is no process 4000000.' });
  },
);

test('processes that come and go while the tree is read do no harm', async () => {
  const { pid } = await start('sh', ['-c', 'echo ready; while :; do /bin/true; done']);
  for (let look = 0; look < 100; look++) {
    const { tree } = processTree(pid);
    expect(tree[0]).toMatchObject({ pid });
    expect(tree.slice(1).every((one) => one.parentPid === pid)).toBe(true);
  }
});

describe('a command line', () => {
  test('cannot move the cursor, break the line or hide text', async () => {
    const { pid } = await start(PYTHON, ['-c', waiting(), 'a\nb', '\u001b[2J', '\u202eevil', 'two words', "it's"]);
    const { command } = find(pid, pid);
    expect(command).toContain(String.raw`'a\nb' \x1b[2J \u{202e}evil 'two words' 'it'\''s'`);
    expect(command).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('that the process has wiped out is replaced by its short name', async () => {
    const { pid } = await start(PYTHON, ['-c', waiting(WIPES_ITS_ARGUMENTS)]);
    expect(find(pid, pid).command).toBe(String.raw`[my\nname]`);
  });
});

/** Fields 48 and 49 of stat say where a process's arguments lie. */
const WIPES_ITS_ARGUMENTS = `
fields = open('/proc/self/stat').read().rsplit(')', 1)[1].split()
begin, end = int(fields[45]), int(fields[46])
with open('/proc/self/mem', 'r+b', buffering=0) as memory:
    memory.seek(begin)
    memory.write(bytes(end - begin))
with open('/proc/self/comm', 'w') as comm:
    comm.write('my\\nname')
`;
