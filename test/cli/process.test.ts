import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { writeCase } from '../../src/sources/case/write.ts';
import { exampleCase } from '../core/example.ts';
import { temporaryFolder } from '../temporary.ts';
import { CLI, LEAK, python, running, startWhyoom, whyoom } from './whyoom.ts';

/** A zombie that nobody has reaped yet does not run. */
function isRunning(pid: number | string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

test('a saved case gives byte for byte the report of the live run, in every format', async () => {
  const pid = await running([await python(), '-c', LEAK]);
  const folder = join(temporaryFolder(), 'case');
  const live = await whyoom('--pid', String(pid), '--for', '3s', '-o', 'json', '--save', folder);
  expect(live.code).toBe(0);
  expect(JSON.parse(live.out).series[0].lives[0].length).toBeGreaterThan(5);
  expect(live.err).toBe(`Case saved; open it with: whyoom open ${folder}\n`);
  expect((await whyoom('open', folder, '-o', 'json')).out).toBe(live.out);
  expect((await whyoom(folder, '-o', 'json')).out).toBe(live.out);
  for (const format of ['terminal', 'markdown', 'html']) {
    const opened = await whyoom('open', folder, '-o', format);
    expect(opened.code).toBe(0);
    expect(opened.out).toContain(`pid ${pid}`);
  }
});

test('a command is looked at and ended, and what it prints does not mix with the report', async () => {
  const { code, out, err } = await whyoom('--for', '1s', '-o', 'json', '--', await python(), '-u', '-c', LEAK);
  expect(code).toBe(0);
  const [process] = JSON.parse(out).processes;
  expect(process.python).toMatch(/^3\./);
  expect(isRunning(process.pid)).toBe(false);
  expect(err).toMatch(/kept 5\n/);
  expect(err).toMatch(/whyoom: the program: ended it with SIGTERM\n$/);
});

test('a command whose Python is a child of a shell is found', async () => {
  const { code, out } = await whyoom(
    '--for',
    '500ms',
    '-o',
    'json',
    '--',
    'sh',
    '-c',
    `${await python()} -c '${LEAK}'; true`,
  );
  expect(code).toBe(0);
  expect(JSON.parse(out).target.name).toMatch(/^python\S* -c \(pid \d+\)$/);
});

test('a command that ends by itself leaves a report of what was seen', async () => {
  const short = 'import time; kept = [bytes(1 << 20) for _ in range(9)]; time.sleep(4)';
  const { code, out, err } = await whyoom('--for', '20s', '-o', 'json', '--', await python(), '-c', short);
  expect(code).toBe(0);
  expect(JSON.parse(out).series[0].lives[0].length).toBeGreaterThan(3);
  expect(err).toMatch(/it ended by itself with exit code 0/);
});

test('a command that is over at once is no target', async () => {
  const { code, err } = await whyoom('--', 'true');
  expect(code).toBe(3);
  expect(err).toMatch(/The command was over before whyoom could look at it: it ended by itself with exit code 0\.\n/);
});

test('a process without Python is refused at once, with what runs there', async () => {
  const pid = await running(['sleep', '100']);
  const { code, out, err } = await whyoom('--pid', String(pid), '--for', '10m', '-o', 'json');
  expect([code, out]).toEqual([3, '']);
  expect(err).toBe(
    `whyoom: No Python process at or under ${pid} (it runs "sleep 100").\nGive the pid of a Python process: pgrep -af python\n`,
  );
});

test('the first Ctrl-C reports what is known so far', async () => {
  const pid = await running([await python(), '-c', LEAK]);
  const { child, ran } = startWhyoom('--pid', String(pid), '--for', '10m', '-o', 'json');
  await sleep(4000);
  child.kill('SIGINT');
  const { code, out } = await ran;
  expect(code).toBe(0);
  expect(JSON.parse(out).series[0].lives[0].length).toBeGreaterThan(3);
});

test('the second Ctrl-C ends at once, and the command with it', async () => {
  // It is no Python: whyoom waits for an interpreter, so that the first Ctrl-C alone does not end everything.
  const { child, ran } = startWhyoom(
    '--for',
    '10m',
    '--',
    'sh',
    '-c',
    'echo $$; trap "" TERM; while :; do sleep 0.1; done',
  );
  let pid = '';
  child.stderr.on('data', (data) => {
    pid ||= String(data).trim();
  });
  while (!pid) await sleep(20);
  await sleep(300);
  child.kill('SIGINT');
  await sleep(300);
  child.kill('SIGINT');
  expect((await ran).code).toBe(130);
  while (isRunning(pid)) await sleep(20);
});

test('with --exit-code the exit code is the verdict', async () => {
  const folder = join(temporaryFolder(), 'case');
  await writeCase(folder, exampleCase);
  const { code, out } = await whyoom('open', folder, '-o', 'json', '--exit-code');
  const expected = { healthy: 0, leak: 1, 'oom-risk': 1, undecided: 2 };
  expect(code).toBe(expected[JSON.parse(out).verdict as keyof typeof expected]);
});

test('a reader that goes away early is no error', async () => {
  const folder = join(temporaryFolder(), 'case');
  await writeCase(folder, exampleCase);
  const script = '{ "$0" "$1" open "$2" -o json; echo "exit $?" >&2; } | true';
  const shown = execFileSync('bash', ['-c', `( ${script} ) 2>&1`, process.execPath, CLI, folder], { encoding: 'utf8' });
  expect(shown).toBe('exit 0\n');
});
