import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTargetFile } from '../../../src/sources/process/files.ts';
import { asRoot, PYTHON, problemOfCall, start, temporaryFolder, waiting } from './programs.ts';

const text = (pid: number, path: string) => Buffer.from(readTargetFile(pid, path)).toString();

/** A program that works in a folder with these files. */
async function inFolder() {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'app'));
  writeFileSync(join(folder, 'app/main.py'), 'print(1)\n');
  const { pid } = await start(PYTHON, ['-c', waiting()], { cwd: join(folder, 'app') });
  return { folder, pid };
}

describe('a file of the target', () => {
  test('is read by its full path, from the target’s working directory, and through links', async () => {
    const { folder, pid } = await inFolder();
    symlinkSync('app', join(folder, 'link'));
    symlinkSync(join(folder, 'link/main.py'), join(folder, 'absolute.py'));
    for (const path of [
      join(folder, 'app/main.py'),
      'main.py',
      './main.py',
      '../app//main.py',
      '../link/main.py',
      '../absolute.py',
    ]) {
      expect(text(pid, path)).toBe('print(1)\n');
    }
    expect(text(pid, `${'../'.repeat(30)}${folder}/app/main.py`)).toBe('print(1)\n');
  });

  test('is only a regular file of a reasonable size', async () => {
    const { folder, pid } = await inFolder();
    execFileSync('mkfifo', [join(folder, 'app/fifo')]);
    writeFileSync(join(folder, 'app/large.py'), Buffer.alloc(16 * 1024 * 1024 + 1));
    for (const path of ['fifo', '/dev/zero', '.', '/', 'large.py', '', '/proc/version', '/dev/null']) {
      expect(await problemOfCall(() => readTargetFile(pid, path))).toMatchObject({ code: 'refused' });
    }
    writeFileSync(join(folder, 'app/large.py'), Buffer.alloc(16 * 1024 * 1024));
    expect(readTargetFile(pid, 'large.py')).toHaveLength(16 * 1024 * 1024);
  });

  test('that is not there is absent, and a circle of links ends', async () => {
    const { folder, pid } = await inFolder();
    symlinkSync('circle', join(folder, 'app/circle'));
    for (const path of ['nothing.py', 'main.py/x', 'a\0b', 'x'.repeat(5000), '<frozen importlib._bootstrap>']) {
      expect(await problemOfCall(() => readTargetFile(pid, path))).toMatchObject({ code: 'absent' });
    }
    expect(await problemOfCall(() => readTargetFile(pid, 'circle'))).toMatchObject({ code: 'refused' });
    const { message } = await problemOfCall(() => readTargetFile(pid, '\u001b[2J'));
    expect(message).toContain(String.raw`\x1b[2J`);
  });

  test('leaves no file open behind, whatever happens', async () => {
    const { folder, pid } = await inFolder();
    symlinkSync('circle', join(folder, 'app/circle'));
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (const path of ['main.py', '../app/main.py', '/etc/hostname', 'nothing', 'circle', '/dev/null', 'a\0b']) {
      try {
        readTargetFile(pid, path);
      } catch {
        // What it throws is tested above.
      }
    }
    expect(open()).toBe(before);
  });

  test.skipIf(!asRoot('a process with another root'))(
    'stays within the target’s own root, wherever its links point',
    async () => {
      const jail = temporaryFolder();
      mkdirSync(join(jail, 'etc'));
      writeFileSync(join(jail, 'etc/passwd.py'), 'the jail’s own');
      symlinkSync('/etc/passwd.py', join(jail, 'evil.py'));
      symlinkSync('../../../../../../etc/passwd.py', join(jail, 'climbs.py'));
      symlinkSync('/', join(jail, 'all'));
      // Changing the root leaves everything that is mapped as it is: the interpreter runs on.
      const { pid } = await start(PYTHON, ['-c', waiting(`import os\nos.chroot('${jail}')\nos.chdir('/')`)]);
      for (const path of [
        '/etc/passwd.py',
        'etc/passwd.py',
        '/evil.py',
        'climbs.py',
        '/all/all/evil.py',
        '../../etc/passwd.py',
      ]) {
        expect(text(pid, path)).toBe('the jail’s own');
      }
      expect(await problemOfCall(() => readTargetFile(pid, '/etc/shadow'))).toMatchObject({ code: 'absent' });
    },
  );

  test('is Python by its own name, whatever the link that leads there is called', async () => {
    const { folder, pid } = await inFolder();
    writeFileSync(join(folder, 'app/settings.env'), 'PASSWORD=x\n');
    symlinkSync('settings.env', join(folder, 'app/settings.py'));
    symlinkSync('main.py', join(folder, 'app/main'));
    for (const path of ['settings.env', 'settings.py']) {
      expect(await problemOfCall(() => readTargetFile(pid, path))).toMatchObject({ code: 'refused' });
    }
    expect(text(pid, 'main')).toBe('print(1)\n');
  });

  test.skipIf(!asRoot('a process of nobody'))('is not read by root where the target itself may not', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const file = (name: string, mode: number, uid: number, gid: number) => {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      writeFileSync(path, name);
      chownSync(path, uid, gid);
      chmodSync(path, mode);
      return path;
    };
    const nobody = 65534;
    const open = [
      file('all.py', 0o644, 0, 0),
      file('own.py', 0o400, nobody, 0),
      file('group.py', 0o040, 0, nobody),
      file('other-group.py', 0o640, 0, 4242),
    ];
    const closed = [
      file('secret.py', 0o600, 0, 0),
      file('secret-of-group.py', 0o660, 0, 0),
      file('own-but-shut.py', 0o044, nobody, nobody),
      file('shut/inside.py', 0o644, 0, 0),
    ];
    chmodSync(join(folder, 'shut'), 0o700);
    symlinkSync(closed[0]!, join(folder, 'link.py'));
    const ids = ['--reuid=65534', '--regid=65534', '--groups=4242'];
    // A shell: the interpreters may lie in root's home, where nobody may not go.
    const { pid } = await start('setpriv', [...ids, 'sh', '-c', 'echo ready; read line']);
    for (const path of open) expect(text(pid, path)).toBe(path.slice(folder.length + 1));
    for (const path of [...closed, join(folder, 'link.py')]) {
      expect(await problemOfCall(() => readTargetFile(pid, path))).toMatchObject({
        code: 'denied',
        message: expect.stringContaining('the process itself may not read it'),
        hint: expect.stringContaining('--source'),
      });
    }
    const ofRoot = await start(PYTHON, ['-c', waiting()]);
    for (const path of [...open, ...closed]) expect(text(ofRoot.pid, path)).toBe(path.slice(folder.length + 1));
  });

  test.skipIf(!asRoot('a file without the right to read it'))('is denied where you may not read it', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'secret.py'), 'x', { mode: 0o600 });
    const module = new URL('../../../src/sources/process/files.ts', import.meta.url).href;
    const script = `import { readTargetFile } from ${JSON.stringify(module)};
      for (const [pid, path] of [[process.pid, ${JSON.stringify(join(folder, 'secret.py'))}], [1, '/etc/hostname']])
        try { readTargetFile(pid, path); console.log('{}'); } catch (error) { console.log(JSON.stringify(error.problem)); }`;
    const said = execFileSync('setpriv', [
      ...['--reuid=65534', '--regid=65534', '--clear-groups'],
      ...[process.execPath, '--input-type=module', '-e', script],
    ]).toString();
    const [file, target] = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(file).toMatchObject({ code: 'denied', message: expect.stringContaining('secret.py') });
    expect(target).toMatchObject({ code: 'denied', hint: expect.stringContaining('sudo whyoom --pid 1') });
  });
});
