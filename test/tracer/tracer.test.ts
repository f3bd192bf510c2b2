import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { counted } from '../counted.ts';
import {
  CHILDREN,
  compiled,
  ERRORS,
  endHang,
  here,
  isRoot,
  SIGNALS,
  start,
  startHeartbeat,
  startTarget,
  startTracer,
  stopped,
  targetOf,
  threadStates,
  trace,
  until,
} from './programs.ts';

test('every thread stands in the pause and runs after it, and the parent sees nothing', async () => {
  const target = await startTarget();
  const [line] = await trace(target.pid, 'states');
  expect(line).toMatchObject({ value: 't', threads: 9, wasStopped: false });
  expect(line!.pauseMs).toBeGreaterThan(0);
  await target.runsOn();
  expect(target.parentSaw()).toEqual([]);
  expect(target.count(ERRORS)).toBe(0);
});

test('nothing is reaped while threads settle of which all are seized already', async () => {
  const target = await startTarget();
  const lines = await trace(target.pid, 'wakings', 5);
  expect(lines.map((line) => line.value)).toEqual([1, 2, 3, 4, 5]);
  await target.runsOn();
});

test('the body is told how long ago the alarm was set, which was before the first thread was attached', async () => {
  const target = await startTarget();
  for (const { value } of await trace(target.pid, 'moments', 5)) {
    const moments = value as number[];
    expect(moments.every(Number.isFinite)).toBe(true);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
  }
  await target.runsOn();
});

test('waits with a time-out survive two hundred stops', async () => {
  const target = await startTarget();
  const lines = await trace(target.pid, 'states', 200);
  expect(new Set(lines.map((line) => line.value))).toEqual(new Set(['t']));
  await target.runsOn();
  expect(target.parentSaw()).toEqual([]);
  expect(target.count(ERRORS)).toBe(0);
});

test('threads and children that come and go all the time are all stopped, and none stays so', async () => {
  const target = await startTarget('churn');
  const lines = await trace(target.pid, 'states', 200);
  // Z: a thread on its way out, which no longer runs.
  expect(lines.filter((line) => !/^Z?t$|^X?Z?t$/.test(String(line.value)))).toEqual([]);
  expect(lines).toHaveLength(200);
  const before = target.count(CHILDREN);
  await until('more children', () => target.count(CHILDREN) > before + 20);
  await target.runsOn();
  expect(target.count(ERRORS)).toBe(0);
  expect(target.parentSaw()).toEqual([]);
});

test('a body that throws lets the target go', async () => {
  const target = await startTarget();
  expect(await trace(target.pid, 'fail')).toMatchObject([{ code: 'broken', message: 'the body failed' }]);
  await target.runsOn();
});

test('a signal that comes in the pause is delivered once, after it', async () => {
  const target = await startTarget();
  for (let sent = 1; sent <= 10; sent++) {
    await trace(target.pid, 'signal');
    await until('the signal', () => target.count(SIGNALS) >= sent);
    await target.runsOn();
    expect(target.count(SIGNALS)).toBe(sent);
  }
});

test('a signal that comes while threads are being stopped is delivered once', async () => {
  const target = await startTarget();
  const tracer = startTracer(target.pid, 5000, 'nothing', 3000);
  await until('the first stop', () => tracer.lines().length > 0);
  let sent = 0;
  while (tracer.child.exitCode === null) {
    process.kill(target.pid, 'SIGUSR1');
    sent++;
    await until('the signal', () => target.count(SIGNALS) >= sent);
  }
  expect(await tracer.ended).toBe(0);
  await target.runsOn();
  expect(target.count(SIGNALS)).toBe(sent);
  expect(sent).toBeGreaterThan(20);
  expect(target.parentSaw()).toEqual([]);
});

test('a process that was stopped is left stopped, whether the tracer ends well or is killed', async () => {
  const target = await startTarget();
  process.kill(target.pid, 'SIGSTOP');
  await until('the stop', () => target.state() === 'T');
  expect(await trace(target.pid, 'states', 3)).toMatchObject(Array(3).fill({ value: 't', wasStopped: true }));
  expect(target.state()).toBe('T');
  const tracer = startTracer(target.pid, 60_000, 'hold');
  await stopped(tracer);
  tracer.child.kill('SIGKILL');
  await tracer.ended;
  await until('the stop again', () => target.state() === 'T');
  process.kill(target.pid, 'SIGCONT');
  await target.runsOn();
  expect(target.parentSaw()).toEqual(['stopped 19', 'continued']);
});

test('SIGCONT in the pause is not lost', async () => {
  const target = await startTarget();
  process.kill(target.pid, 'SIGSTOP');
  await until('the stop', () => target.state() === 'T');
  const tracer = startTracer(target.pid, 2000, 'hold');
  await stopped(tracer);
  process.kill(target.pid, 'SIGCONT');
  tracer.child.kill('SIGTERM');
  await tracer.ended;
  await target.runsOn();
});

test('SIGSTOP in the pause takes effect after it, and the parent sees it', async () => {
  const target = await startTarget();
  const tracer = startTracer(target.pid, 60_000, 'hold');
  await stopped(tracer);
  process.kill(target.pid, 'SIGSTOP');
  tracer.child.kill('SIGKILL');
  await tracer.ended;
  await until('the stop', () => target.state() === 'T' && target.parentSaw().includes('stopped 19'));
  process.kill(target.pid, 'SIGCONT');
  await target.runsOn();
});

test('a target that is killed in the pause dies, and its parent hears of it', async () => {
  const target = await startTarget();
  const [line] = await trace(target.pid, 'kill');
  expect(line).toMatchObject({ value: true, threads: 9 });
  await until('the end', () => target.parentSaw().includes('ended -9'));
});

test('a target that replaces its program again and again while it is stopped goes on', async () => {
  const target = await startTarget('exec');
  const states = (await trace(target.pid, 'states', 400)).map(({ value, message }) => value ?? message);
  expect(states.filter((letters) => !/^[XZ]*t$/.test(String(letters)))).toEqual([]);
  await target.runsOn();
  expect(target.parentSaw()).toEqual([]);
});

test('an exec at the very moment of the stop locks neither up, and no pause is one in which the target runs', async () => {
  const program = start(compiled('execs.c'), []);
  for (let run = 0; run < 3; run++) {
    const states = (await trace(program.pid, 'states', 400)).map(({ value, message }) => value ?? message);
    expect(states.filter((letters) => !/^[XZ]*t$/.test(String(letters)))).toEqual([]);
  }
  const begun = programOf(program.pid);
  await until('one more exec', () => programOf(program.pid) !== begun);
});

/** Where its stack begins: another place after each exec. */
const programOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').at(27);

test('of the calls that wait, those fail with EINTR that the documentation names, and no other', async () => {
  const program = start(compiled('interrupted.c'), []);
  await until('its waits', () => program.lines()[0] === 'ready');
  await trace(program.pid, 'nothing', 500);
  const interrupted = program.lines().slice(1);
  expect(INTERRUPTED).toEqual(expect.arrayContaining(interrupted));
  expect(interrupted).toContain('epoll_wait');
  const documented = readFileSync(here('../../docs/safety.md'), 'utf8');
  for (const call of ['epoll_wait', 'SO_RCVTIMEO', 'sigtimedwait']) expect(documented).toContain(call);
});
const INTERRUPTED = ['epoll_wait', 'recv_with_time_out', 'sigtimedwait'];

test('a pause that does not end is ended by the alarm, and the target runs', async () => {
  const target = await startTarget();
  const tracer = startTracer(target.pid, 100, 'spin');
  expect(await tracer.ended).toBe('SIGALRM');
  expect(tracer.lines()).toEqual(['stopped']);
  counted('kills', 'SIGALRM in the pause');
  await target.runsOn();
  expect(target.parentSaw()).toEqual([]);
});

test.skipIf(!isRoot)('the first process of a PID namespace is stopped from outside and from inside', async () => {
  const [file, program] = startHeartbeat([], ['unshare', '-fp', '--kill-child', '--mount-proc']);
  const children = `/proc/${program.pid}/task/${program.pid}/children`;
  const pid = Number(await until('the child', () => readFileSync(children, 'utf8').trim() || undefined));
  const target = await targetOf(file, program, pid);
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^NSpid:.*\t1$/m);
  expect(await trace(pid, 'states', 20)).toMatchObject(Array(20).fill({ value: 't', threads: 9 }));
  await target.runsOn();
  const inside = start('nsenter', [
    '-t',
    String(pid),
    '-p',
    '-m',
    process.execPath,
    here('stop-fixture.ts'),
    '1',
    '5000',
    'states',
    '20',
  ]);
  expect(await inside.ended).toBe(0);
  expect(inside.lines().map((line) => JSON.parse(line))).toMatchObject(Array(20).fill({ value: 't', threads: 9 }));
  await target.runsOn();
});

test('a thread that hangs in the kernel makes the stop give up, and all others run on', async () => {
  const target = await startTarget('hang');
  onTestFinished(() => endHang(target.file));
  await until('the hanging thread', () => threadStates(target.pid).includes('D'));
  const tracer = startTracer(target.pid, 300, 'states');
  expect(await tracer.ended).toBe(0);
  expect(JSON.parse(tracer.lines()[0]!)).toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('state D'),
  });
  await target.runsOn();
  endHang(target.file);
  await until('the end of the hang', () => target.count(CHILDREN) === 1);
  expect(target.parentSaw()).toEqual([]);
});
