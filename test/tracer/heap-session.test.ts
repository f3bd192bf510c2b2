import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openHeap } from '../../src/sources/process/heap-session.ts';
import { counted } from '../counted.ts';
import { here, start, startTarget, until } from './programs.ts';

const WORKER = new URL('stub-worker.ts', import.meta.url);

async function open(look: string, pid: number, maxPauseMs = 5000) {
  vi.stubEnv('WHYOOM_TEST_LOOK', look);
  onTestFinished(() => void vi.unstubAllEnvs());
  const session = await openHeap(WORKER, pid, { maxPauseMs });
  onTestFinished(() => session.close());
  return session;
}

/** A file in which the helper says that the target stands, and its own pid. */
function sayFile() {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-session-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'said');
  const helperPid = () => existsSync(file) && Number(/^stopped (\d+)\n/.exec(readFileSync(file, 'utf8'))?.[1]);
  return { file, helper: () => until('the stop', () => helperPid() || undefined) };
}

/** Gone, or waiting for a first process that does not hurry to take its exit status. */
const hasEnded = (pid: number) =>
  !existsSync(`/proc/${pid}`) || /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

test('a look happens in a pause, and the answers come back', async () => {
  const target = await startTarget();
  const session = await open('maps', target.pid);
  expect(await session.first()).toMatchObject({ value: { maps: expect.any(Number), maxPauseMs: 5000 }, threads: 9 });
  expect(await session.counts()).toEqual({
    atUnixSeconds: 1,
    watched: 2,
    growing: 3,
    itemsGained: 4,
    bytesGained: 5,
    alive: true,
  });
  await target.runsOn();
  expect(target.parentSaw()).toEqual([]);
});

test('the helper is in a session of its own, is the first to go when memory runs out, and ends on close', async () => {
  const target = await startTarget();
  const session = await open('process', target.pid);
  const look = (await session.first()) as unknown as { value: { pid: number; session: number; oomScore: string } };
  expect(look.value.session).toBe(look.value.pid);
  expect(look.value.oomScore).toBe('1000');
  await session.close();
  expect(existsSync(`/proc/${look.value.pid}`)).toBe(false);
  await expect(session.first()).rejects.toMatchObject({
    problem: { message: 'The reading of the heap was called off.' },
  });
});

test.each([
  ['unsupported', { code: 'unsupported', message: 'not this one', hint: 'another one' }],
  ['denied', { code: 'denied', message: 'not you' }],
])('an error of the reader comes back as the problem that it is: %s', async (look, problem) => {
  const target = await startTarget();
  const session = await open(look, target.pid);
  await expect(session.first()).rejects.toMatchObject({ problem });
  expect(await session.counts()).toMatchObject({ alive: true });
  await target.runsOn();
});

test('a pause that is too long ends with the time-out, and the target runs', async () => {
  const target = await startTarget();
  const session = await open('spin', target.pid, 100);
  await expect(session.first()).rejects.toMatchObject({
    problem: { code: 'timeout', message: 'The copy took longer than --max-pause (0.1 s); the target was let go.' },
  });
  await target.runsOn();
  await expect(session.counts()).rejects.toMatchObject({ problem: { code: 'timeout' } });
});

test.each([
  ['memory', /SIGKILL.*lack of memory/],
  ['crash', /exit code 9/],
])('a helper that ends in the pause is told of, and the target runs: %s', async (look, message) => {
  const target = await startTarget();
  const session = await open(look, target.pid);
  await expect(session.first()).rejects.toMatchObject({
    problem: { code: 'broken', message: expect.stringMatching(message) },
  });
  counted('kills', `helper in the pause: ${look}`);
  await target.runsOn();
});

test.each([
  ['memory', /SIGKILL/],
  ['denied', /not you/],
])('where the second look fails, what the counts told is not lost, and why is said: %s', async (look, why) => {
  const target = await startTarget();
  const session = await open(look, target.pid);
  expect(await session.growth()).toEqual({ seconds: 1, secondMissing: expect.stringMatching(why) });
  await target.runsOn();
});

test('a session that is closed in the pause lets the target go', async () => {
  const target = await startTarget();
  const { file, helper } = sayFile();
  vi.stubEnv('WHYOOM_TEST_FILE', file);
  const session = await open('hold', target.pid, 60_000);
  const look = expect(session.first()).rejects.toMatchObject({ problem: { code: 'broken' } });
  await helper();
  await session.close();
  await look;
  await target.runsOn();
});

/** Ends whyoom while its helper holds the target, and sees the target run on. */
async function endInThePause(target: Awaited<ReturnType<typeof startTarget>>, signal: NodeJS.Signals) {
  const { file, helper } = sayFile();
  const env = { ...process.env, WHYOOM_TEST_LOOK: 'hold', WHYOOM_TEST_FILE: file };
  const whyoom = start(process.execPath, [here('session-fixture.ts'), String(target.pid)], { env });
  const helperPid = await helper();
  expect(target.state()).toBe('t');
  whyoom.child.kill(signal);
  expect(await whyoom.ended).toBe(signal);
  await until('the end of the helper', () => hasEnded(helperPid));
  await target.runsOn();
}

const WHYOOM_KILLS = 100;

test(`whyoom killed in the pause ${WHYOOM_KILLS} times: its helper goes along, the target runs on at once`, {
  timeout: 600_000,
}, async () => {
  const target = await startTarget();
  for (let kill = 0; kill < WHYOOM_KILLS; kill++) {
    await endInThePause(target, 'SIGKILL');
    counted('kills', `whyoom in the pause ${kill}`);
  }
  expect(target.parentSaw()).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'whyoom ended by %s in the pause takes the helper with it',
  async (signal) => {
    const target = await startTarget();
    await endInThePause(target, signal);
    expect(target.parentSaw()).toEqual([]);
  },
);

test('a process that is not there, and whyoom itself, are refused before anything starts', async () => {
  await expect(open('maps', 4_194_304)).rejects.toMatchObject({ problem: { code: 'absent' } });
  await expect(open('maps', process.pid)).rejects.toMatchObject({ problem: { code: 'refused' } });
});

test('a helper that cannot start is told of with its own words', async () => {
  const missing = new URL('no-such-worker.ts', import.meta.url);
  await expect(openHeap(missing, 1, { maxPauseMs: 1000 })).rejects.toMatchObject({
    problem: { code: 'broken', message: expect.stringContaining('no-such-worker') },
  });
});

test('a target that ends between two looks is absent', async () => {
  const target = await startTarget();
  const session = await open('maps', target.pid);
  await session.first();
  process.kill(target.pid, 'SIGKILL');
  await until('the end', () => target.parentSaw().includes('ended -9'));
  expect(await session.counts()).toMatchObject({ alive: false });
  await expect(session.first()).rejects.toMatchObject({ problem: { code: 'absent' } });
});
