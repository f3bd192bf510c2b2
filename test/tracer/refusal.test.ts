import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type AccessFacts, explainRefusal } from '../../src/sources/process/tracer/refusal.ts';
import { here, isRoot, start, startHeartbeat, startTarget, startTracer, stopped, targetOf, trace } from './programs.ts';

const NOBODY = 65534;
const asNobody = { uid: NOBODY, gid: NOBODY };

/** A process of the same user, and nothing in the way. */
const open: AccessFacts = {
  pid: 4242,
  state: 'S',
  kernelThread: false,
  targetIds: [1000, 1000, 1000, 1000, 1000, 1000],
  ownIds: [1000, 1000, 1000, 1000, 1000, 1000],
  memOwner: 1000,
  targetCapabilities: 0n,
  ownCapabilities: 0n,
  ownUserNamespace: false,
  ownSeccomp: false,
};
const SYS_PTRACE = 1n << 19n;
const { state: _, ...gone } = open;

test.each<[string, AccessFacts, string, RegExp, RegExp]>([
  ['a process that has gone', gone, 'absent', /no process 4242/, /ps aux/],
  ['a kernel thread', { ...open, kernelThread: true }, 'unsupported', /kernel/, /^$/],
  ['a zombie', { ...open, state: 'Z' }, 'absent', /exited/, /^$/],
  ['another tracer', { ...open, tracer: { pid: 77, command: 'gdb' } }, 'denied', /gdb \(pid 77\)/, /kill 77/],
  ['another user', { ...open, targetIds: [0, 0, 0, 0, 0, 0] }, 'denied', /uid 0, you are 1000/, /sudo .*SYS_PTRACE/],
  [
    'a saved user that differs',
    { ...open, targetIds: [1000, 1000, 0, 1000, 1000, 1000] },
    'denied',
    /another user/,
    /sudo/,
  ],
  ['a group that differs', { ...open, targetIds: [1000, 1000, 1000, 5, 5, 5] }, 'denied', /group/, /sudo/],
  ['a process that is not dumpable', { ...open, memOwner: 0 }, 'denied', /non-dumpable/, /sudo/],
  ['more capabilities', { ...open, targetCapabilities: 1n << 10n }, 'denied', /capabilities/, /sudo/],
  ['Yama at 1', { ...open, yamaScope: 1 }, 'denied', /ptrace_scope is 1/, /sysctl kernel.yama.ptrace_scope=0/],
  ['Yama at 2', { ...open, yamaScope: 2 }, 'denied', /ptrace_scope is 2/, /sudo/],
  [
    'Yama at 3, even with the capability',
    { ...open, yamaScope: 3, ownCapabilities: SYS_PTRACE },
    'denied',
    /is 3/,
    /reboot/,
  ],
  [
    'a user namespace',
    { ...open, ownUserNamespace: true, ownCapabilities: SYS_PTRACE },
    'denied',
    /user namespace/,
    /host/,
  ],
  ['seccomp', { ...open, ownSeccomp: true, ownCapabilities: SYS_PTRACE }, 'denied', /seccomp/, /seccomp=unconfined/],
  ['AppArmor', { ...open, confinement: 'docker-default (enforce)' }, 'denied', /docker-default/, /apparmor=unconfined/],
  ['nothing known', open, 'denied', /no usual reason/, /dmesg/],
])('the reason is named: %s', (_name, facts, code, message, hint) => {
  const { problem } = explainRefusal(facts);
  expect(problem.code).toBe(code);
  expect(problem.message).toMatch(message);
  expect(problem.hint ?? '').toMatch(hint);
});

test.skipIf(!isRoot)("another user's process is refused, and does not notice", async () => {
  const target = await startTarget();
  const [line] = await trace(target.pid, 'nothing', 1, asNobody);
  expect(line).toMatchObject({ code: 'denied', message: expect.stringContaining('another user') });
  expect(line!.hint).toContain(`sudo whyoom --pid ${target.pid}`);
  await target.runsOn();
});

test.skipIf(!isRoot)('a process of the same user is allowed without any capability', async () => {
  const [file, program] = startHeartbeat([], [], asNobody);
  const target = await targetOf(file, program, program.pid);
  expect(await trace(target.pid, 'states', 1, asNobody)).toMatchObject([{ value: 't' }]);
  await target.runsOn();
});

test.skipIf(!isRoot)('a process that is not dumpable is refused to its own user', async () => {
  const [file, program] = startHeartbeat(['undumpable'], [], asNobody);
  const target = await targetOf(file, program, program.pid);
  const [line] = await trace(target.pid, 'nothing', 1, asNobody);
  expect(line).toMatchObject({ code: 'denied', message: expect.stringContaining('non-dumpable') });
});

test.skipIf(!isRoot)('root of a user namespace is told that its rights end there', async () => {
  const target = await startTarget();
  const tracer = start('unshare', [
    '-Ur',
    process.execPath,
    here('stop-fixture.ts'),
    `${target.pid}`,
    '1000',
    'nothing',
    '1',
  ]);
  expect(await tracer.ended).toBe(0);
  expect(JSON.parse(tracer.lines()[0]!)).toMatchObject({
    code: 'denied',
    message: expect.stringContaining('user namespace'),
  });
});

test('a process that is traced already is refused, with the tracer named', async () => {
  const target = await startTarget();
  const first = startTracer(target.pid, 60_000, 'hold');
  await stopped(first);
  const [line] = await trace(target.pid, 'nothing');
  expect(line).toMatchObject({ code: 'denied', message: expect.stringContaining(`(pid ${first.pid})`) });
  expect(target.state()).toBe('t');
  first.child.kill('SIGKILL');
  await target.runsOn();
});

test('processes that have gone, started the tracer, or are threads of the kernel are refused', async () => {
  expect(await trace(4_194_304, 'nothing')).toMatchObject([{ code: 'absent' }]);
  expect(await trace(process.pid, 'nothing')).toMatchObject([{ code: 'refused' }]);
  expect(await trace(1, 'nothing')).toMatchObject([{ code: 'refused' }]);
});

test('without the optional package the reason is said, and nothing else breaks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-no-koffi-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const part of ['src/core/problem.ts', 'src/sources/process/tracer', 'test/tracer/stop-fixture.ts']) {
    mkdirSync(dirname(join(folder, part)), { recursive: true });
    cpSync(here(`../../${part}`), join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const tracer = start(process.execPath, [join(folder, 'test/tracer/stop-fixture.ts'), '1', '1000', 'nothing', '1']);
  expect(await tracer.ended).toBe(0);
  expect(JSON.parse(tracer.lines()[0]!)).toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('The optional package koffi is not installed'),
  });
});
