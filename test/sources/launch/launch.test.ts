import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { launch } from '../../../src/sources/launch/command.ts';
import { limited } from '../../../src/sources/launch/memory-limit.ts';
import { findPython } from '../../../src/sources/launch/python.ts';
import { traceable } from '../../../src/sources/launch/traceable.ts';
import { temporaryFolder } from '../../temporary.ts';

/** A zombie that nobody has reaped yet is not there. */
const isThere = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}

test('a command that does not exist is said in plain words', async () => {
  await expect(launch(['no-such-command-anywhere'])).rejects.toThrow('There is no command "no-such-command-anywhere".');
  const plain = join(temporaryFolder(), 'plain');
  writeFileSync(plain, 'text', { mode: 0o644 });
  await expect(launch([plain])).rejects.toThrow(`"${plain}" may not be run.`);
});

test('stopping ends the command and what it started', async () => {
  const program = await launch(['sh', '-c', 'sleep 100 & sleep 100; true']);
  const children = () => readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8').trim().split(' ');
  await until(() => children().length === 2);
  const pids = children().map(Number);
  expect(await program.stop()).toBe('ended it with SIGTERM');
  expect(pids.filter(isThere)).toEqual([]);
});

test('a command that does not heed SIGTERM is killed', async () => {
  const program = await launch(['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done']);
  await sleep(200);
  expect(await program.stop()).toMatch(/^ended it with SIGKILL/);
  expect(program.ended()).toMatch(/SIGKILL/);
});

test('a command that was over before says how it ended', async () => {
  const program = await launch(['sh', '-c', 'exit 7']);
  await until(() => program.ended() !== undefined);
  expect(await program.stop()).toBe('it ended by itself with exit code 7');
});

test('a program under a limit is ended by it, and the limit is taken away afterwards', async () => {
  const python = await findPython(process.env);
  const under = await limited([python, '-c', 'kept = b"x" * (200 << 20); import time; time.sleep(100)'], 64 << 20);
  const program = await launch(under.command);
  await until(() => program.ended() !== undefined);
  // The kernel's kill in a memory cgroup, or a MemoryError under RLIMIT_AS.
  expect(program.ended()).toMatch(/SIGKILL|exit code 1/);
  await program.stop();
  await under.remove();
  const group = /memory cgroup ([^)]+)/.exec(under.says)?.[1];
  expect(group === undefined || !existsSync(group)).toBe(true);
});

test('a Python that was named and is none is not replaced by another', async () => {
  await expect(findPython({ WHYOOM_PYTHON: '/bin/true' })).rejects.toThrow(
    /WHYOOM_PYTHON \(\/bin\/true\) is no CPython/,
  );
});

test('where only ancestors may trace, the program is started through a launcher and is the same process', async () => {
  const out = join(temporaryFolder(), 'out');
  const program = 'import os, sys; open(sys.argv[1], "w").write(f"{os.getpid()} {sys.argv[2]}")';
  const plain = [await findPython(process.env), '-c', program, out, 'a b'];
  expect(traceable(plain, '0')).toEqual(plain);
  const launched = await launch(traceable(plain, '1'));
  await until(() => launched.ended() !== undefined);
  expect(readFileSync(out, 'utf8')).toBe(`${launched.pid} a b`);
});
