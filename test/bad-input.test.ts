import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CLI, startWhyoom, whyoom } from './cli/whyoom.ts';
import { asRoot, INTERPRETERS, PYTHON, start, temporaryFolder, until } from './sources/process/programs.ts';

/** Two lines: what is wrong, and the next thing to do. */
const TWO_LINES = /^whyoom: [^\n]+\n[^\n]+\n$/;
const LEAK = `
import sys, time
print('ready', flush=True)
kept = []
while True:
    kept.append(bytearray(1 << 14))
    time.sleep(0.01)
`;
const leaking = () => start(PYTHON, ['-c', LEAK]);
const stateOf = (pid: number) => /^State:\t(.)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

async function reportOn(pid: number, ...argv: string[]) {
  const { code, out, err } = await whyoom('--pid', String(pid), '-o', 'json', ...argv);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

/** The two lines with which a process is refused; nothing is waited for. */
async function refusalOf(pid: number): Promise<string> {
  const { code, out, err } = await whyoom('--pid', String(pid), '--for', '10m', '-o', 'json');
  expect([code, out]).toEqual([3, '']);
  expect(err).toMatch(TWO_LINES);
  return err;
}

const problemsIn = (report: { unknown: { problem: { message: string } }[] }) =>
  report.unknown.map(({ problem }) => problem.message).join('\n');

describe('a process that cannot be read', () => {
  test('because it is a zombie', async () => {
    const script =
      'import os, sys\npid = os.fork()\nif pid == 0: os._exit(0)\nprint(pid, flush=True)\nsys.stdin.read()';
    const { ready } = await start(PYTHON, ['-c', script]);
    await until(() => stateOf(Number(ready)) === 'Z');
    const { code, out, err } = await whyoom('--pid', ready, '--for', '1s');
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(TWO_LINES);
    expect(err).toMatch(/zombie/);
  });

  test('because it is another user’s', async () => {
    if (!asRoot('whyoom as another user')) return;
    const { pid } = await leaking();
    const node = join(temporaryFolder(), 'whyoom-as-nobody');
    writeFileSync(node, `#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"\n`, {
      mode: 0o755,
    });
    const argv = [process.execPath, CLI, '--pid', String(pid), '--for', '1s'];
    const ran = execFileSync('sh', ['-c', '"$@" 2>&1; echo "exit $?"', 'sh', node, ...argv], { encoding: 'utf8' });
    expect(ran).toMatch(/^whyoom: .*belongs to user 0, and you are user 65534\.\n.*sudo whyoom --pid \d+.*\nexit 3\n$/);
  });

  test.skipIf(!existsSync('/usr/bin/gdb'))('because a debugger has it', async () => {
    const { pid } = await leaking();
    const command = `echo ready; exec gdb -q -batch -p ${pid} -ex 'shell cat' >/dev/null 2>&1`;
    const gdb = await start('sh', ['-c', command]);
    await until(() => stateOf(pid) === 't');
    const report = await reportOn(pid, '--for', '1s');
    expect(report.verdict).toBe('undecided');
    expect(problemsIn(report)).toMatch(new RegExp(`already traced by gdb \\(pid ${gdb.pid}\\)`));
    expect(stateOf(pid)).toBe('t');
    gdb.child.stdin.end();
    await until(() => stateOf(pid) !== 't');
  });

  const old = INTERPRETERS.filter(({ version }) => /^(2\.7|3\.[67])\./.test(version));
  test.each(old)('because CPython $version is too old', async ({ path, version }) => {
    const { pid } = await start(path, [
      '-c',
      "import sys\nsys.stdout.write('ready\\n')\nsys.stdout.flush()\nsys.stdin.read()",
    ]);
    expect(await refusalOf(pid)).toContain(
      `CPython ${version.replace(/\.\d+$/, '')} is too old; whyoom reads 3.8 to 3.15`,
    );
  });

  test('because it is PyPy', async () => {
    const pypy = join(temporaryFolder(), 'pypy3.10');
    copyFileSync('/bin/cat', pypy);
    const { pid } = await start('sh', ['-c', `echo ready; exec ${pypy}`]);
    await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'pypy3.10\n');
    expect(await refusalOf(pid)).toMatch(/PyPy/);
  });
});

describe('a process that changes while it is looked at', () => {
  test('is left stopped where it was stopped', async () => {
    const { pid } = await leaking();
    process.kill(pid, 'SIGSTOP');
    await until(() => stateOf(pid) === 'T');
    const report = await reportOn(pid, '--for', '1s');
    expect(report.steps.find(({ key }: { key: string }) => key === 'heap').ok).toBe(true);
    expect(stateOf(pid)).toBe('T');
  });

  test.each([
    ['another Python program', "sys.executable, [sys.executable, '-c', 'import time; time.sleep(600)']"],
    ['something else', "'/bin/sleep', ['sleep', '600']"],
  ])('is not held against what it becomes: %s', async (_what, becomes) => {
    const script = `
import os, sys, time
print('ready', flush=True)
kept = []
while sum(map(len, kept)) < 20 << 20:
    kept.append(bytearray(1 << 14))
    time.sleep(0.01)
os.execv(${becomes})
`;
    const { pid } = await start(PYTHON, ['-c', script]);
    const report = await reportOn(pid, '--for', '60s');
    expect(report.findings.map((finding: { holder: { name: string } }) => finding.holder.name)).toEqual([
      '__main__.kept',
    ]);
    // It was seen while it lasted, and once: there was nothing to be looked at again.
    expect(report.steps.find(({ key }: { key: string }) => key === 'heap-growth').note).toMatch(/no second look/);
  });

  test('may end at any moment, and that is said', async () => {
    for (const seconds of [0.1, 0.4, 0.8, 1.2, 1.6]) {
      const script = `import time\nprint('ready', flush=True)\ntime.sleep(${seconds})`;
      const { pid } = await start(PYTHON, ['-c', script]);
      const { code, out, err } = await whyoom('--pid', String(pid), '--for', '20s', '-o', 'json');
      expect([0, 3]).toContain(code);
      if (code === 3) expect(err).toMatch(TWO_LINES);
      else expect(JSON.parse(out).verdict).toBe('undecided');
      expect(err).not.toMatch(/\n +at /);
    }
  });

  test('is read though its collector runs all the time', async () => {
    const script = `
import gc, threading, time
def collect():
    while True: gc.collect()
junk = [[at] for at in range(100_000)]
threading.Thread(target=collect, daemon=True).start()
print('ready', flush=True)
kept = []
while True:
    kept.append(bytearray(1 << 14))
    time.sleep(0.002)
`;
    const { pid } = await start(PYTHON, ['-c', script]);
    const report = await reportOn(pid, '--for', '10s');
    expect(report.unknown).toEqual([]);
    expect(report.findings[0].holder.name).toBe('__main__.kept');
  });
});

describe('where nothing can be written', () => {
  const toMount = (options: string) => {
    const folder = temporaryFolder();
    return { folder, mount: `mount -t tmpfs -o ${options} none ${folder}` };
  };
  const shell = (script: string) =>
    execFileSync('unshare', ['-m', 'sh', '-c', `${script} 2>&1 >/dev/null; echo "exit $?"`], { encoding: 'utf8' });

  test.each([
    ['a full disk', 'size=16k', /cannot be saved: ENOSPC/],
    ['a read-only disk', 'ro', /cannot be saved: EROFS/],
  ])('%s is said in two lines, and nothing is left behind', async (_what, options, says) => {
    if (!asRoot('a disk of its own')) return;
    const { pid } = await leaking();
    const { folder, mount } = toMount(options);
    const command = `'${process.execPath}' '${CLI}' --pid ${pid} --for 1s --save ${folder}/case`;
    const said = shell(`${mount} && { ${command}; code=$?; ls -A ${folder} >&2; (exit $code); }`);
    expect(said).toMatch(/^whyoom: [^\n]+\n[^\n]+\nexit 3\n$/);
    expect(said).toMatch(says);
  });

  test('a full stdout is said in two lines', async () => {
    const { pid } = await leaking();
    const command = `'${process.execPath}' '${CLI}' --pid ${pid} --for 1s`;
    const said = execFileSync('sh', ['-c', `${command} 2>&1 >/dev/full; echo "exit $?"`], { encoding: 'utf8' });
    expect(said).toMatch(/^whyoom: The report cannot be written: ENOSPC[^\n]*\n[^\n]+\nexit 3\n$/);
  });
});

test('a machine that has lost its /dev/null is told so, and the rest is reported', async () => {
  if (!asRoot('folders of its own')) return;
  const { pid } = await leaking();
  const command = `mount -t tmpfs none /dev && mknod -m 666 /dev/urandom c 1 9 && exec '${process.execPath}' '${CLI}' --pid ${pid} --for 1s -o json`;
  const report = JSON.parse(execFileSync('unshare', ['-m', 'sh', '-c', command], { encoding: 'utf8' }));
  expect(report.unknown[0].problem).toEqual({
    code: 'broken',
    message: 'The helper process that reads the heap could not be started (there is no /dev/null).',
    hint: 'sudo mknod -m 666 /dev/null c 1 3 makes it again.',
  });
  expect(report.usage.bytes).toBeGreaterThan(1e6);
});

describe('a program is found and its leak named', () => {
  const BODY = LEAK.replace("print('ready', flush=True)\n", '') // the same, from a file
    .replace('import sys, time', "import time\nprint('ready', flush=True)");

  async function expectKept(pid: number) {
    const report = await reportOn(pid, '--for', '10s');
    expect(report.verdict).toMatch(/leak|oom-risk/);
    expect(report.findings[0].holder.name).toMatch(/(^|\.)kept$/);
  }

  test('as a module of a package, as a zipapp, through a link, and with its executable gone', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'package'));
    writeFileSync(join(folder, 'package/__main__.py'), BODY);
    writeFileSync(join(folder, 'package/__init__.py'), '');
    const asModule = await start(PYTHON, ['-m', 'package'], { cwd: folder });
    execFileSync(PYTHON, ['-m', 'zipapp', join(folder, 'package'), '-o', join(folder, 'app.pyz')]);
    const asZip = await start(PYTHON, [join(folder, 'app.pyz')]);
    symlinkSync(PYTHON, join(folder, 'a link'));
    const throughLink = await start(join(folder, 'a link'), ['-c', LEAK]);
    const prefix = join(PYTHON, '../..');
    const copy = join(folder, 'copied');
    copyFileSync(PYTHON, copy);
    const script = `PYTHONHOME=${prefix} LD_LIBRARY_PATH=${prefix}/lib exec ${copy} -c "$0"`;
    const deleted = await start('sh', ['-c', script, LEAK]);
    rmSync(copy);
    for (const { pid } of [asModule, asZip, throughLink, deleted]) await expectKept(pid);
  });

  test('by a variable of one letter', async () => {
    const { pid } = await start(PYTHON, ['-c', LEAK.replaceAll('kept', 'k')]);
    expect((await reportOn(pid, '--for', '10s')).findings[0].holder.name).toBe('__main__.k');
  });
});

/** What moves the cursor, hides or turns text round, or is no text at all. */
const UNCLEAN = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Cs}/u;

test('names of any kind leave every format clean', async () => {
  const program = fileURLToPath(new URL('hostile-names.py', import.meta.url));
  const arguments_ = ['\x1b]0;title\x07', 'two\nlines', '\u202eevil'];
  const { pid } = await start(PYTHON, [program, ...arguments_]);
  await sleep(1000);
  const folder = join(temporaryFolder(), 'case');
  const { child, ran } = startWhyoom('--pid', String(pid), '--for', '8s', '--save', folder);
  const live = await ran;
  expect([child.exitCode, live.code]).toEqual([0, 0]);
  expect(live.out).not.toMatch(UNCLEAN);
  for (const format of ['terminal', 'json', 'markdown', 'html']) {
    const { code, out, err } = await whyoom('open', folder, '-o', format);
    expect([format, code, err]).toEqual([format, 0, '']);
    expect(out).not.toMatch(UNCLEAN);
    if (format === 'html') expect(out).not.toContain('<script>alert');
    if (format === 'json') expect(JSON.parse(out).findings.length).toBeGreaterThan(3);
  }
});
