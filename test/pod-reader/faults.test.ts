import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { decodeItems, decodeList, decodeStat, endNumbers } from '../../src/pod-reader/answers.ts';
import { FRAME, MOST_REQUEST_BYTES, OP } from '../../src/pod-reader/protocol.ts';
import { readRemotely } from '../../src/pod-reader/remote-memory.ts';
import { encodeRequest } from '../../src/pod-reader/requests.ts';
import { limited } from '../../src/sources/launch/memory-limit.ts';
import { interpreters } from '../python/programs.ts';
import { until } from '../start-program.ts';
import { Copied, worthCopying } from './copied.ts';
import { privateBytes, runsOn, startHeap, startReader, stateOf } from './reader-process.ts';

const LIMITS = { maxPauseMs: 5000, bufferBytes: 4 << 20 };
/** The oldest and the newest that this machine has outside of roots. */
const installed = interpreters().filter(({ path }) => path.includes('pyenv') || path.startsWith('/usr/'));
const [oldest, newest] = [installed[0]!, installed.at(-1)!];
const python = newest.path;
const NOBODY = 65534;

/** A request of any kind, as bytes. */
function framed(op: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head[0] = op;
  head.writeUInt32LE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

type Reader = ReturnType<typeof startReader>;

/** As much of an answer as fits a pipe: nobody takes it. */
const FEW_BYTES = 4096;

/** Comes back in a stop: some are over before they are seen, and then there is another. */
function inAStop(reader: Reader, pid: number, maxPauseMs: number): void {
  const request = encodeRequest({ op: 'stopped', pid, pack: true, maxPauseMs, bufferBytes: FEW_BYTES });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    reader.link.write(request);
    if (isHeldSoon(pid)) return;
  }
  throw new Error(`${pid} was never seen to stand.`);
}

/** Looks without a rest whether a process is held by a tracer: a stop may be over after a millisecond. */
function isHeldSoon(pid: number): boolean {
  const until = Date.now() + 1000;
  while (Date.now() < until) if (stateOf(pid) === 't') return true;
  return false;
}

test.each([oldest, newest])('a reader ($version) killed in the pause lets the target go', async ({ path }) => {
  const target = await startHeap(path, 'busy', 60_000);
  for (let round = 0; round < 10; round += 1) {
    const reader = startReader(path);
    const { memory } = readRemotely(reader.link, target.pid);
    memory.copy(worthCopying(memory), () => {});
    inAStop(reader, target.pid, 5000);
    reader.child.kill('SIGKILL');
    await reader.ended;
    await runsOn(target);
  }
});

test('when nobody asks any longer in the pause the reader is gone, and the target runs', async () => {
  const target = await startHeap(python, 'busy', 60_000);
  const reader = startReader(python);
  const { memory } = readRemotely(reader.link, target.pid);
  memory.copy(worthCopying(memory), () => {});
  inAStop(reader, target.pid, 5000);
  reader.hangUp();
  await reader.ended;
  await runsOn(target);
});

test('when nobody asks any longer in mid-copy, with nobody taking what is sent, the reader is gone', async () => {
  const target = await startHeap(python, 'busy', 60_000);
  const reader = startReader(python);
  const { memory } = readRemotely(reader.link, target.pid);
  const ranges = worthCopying(memory).slice(0, 100);
  reader.link.write(encodeRequest({ op: 'copy', pid: target.pid, pack: false, ranges }));
  await until(
    'a reader that waits for somebody to read',
    () => wchan(reader.pid) !== '0' && stateOf(reader.pid) === 'S',
  );
  reader.hangUp();
  expect(await reader.ended).toBe(0);
  await runsOn(target);
});

const wchan = (pid: number) => readFileSync(`/proc/${pid}/wchan`, 'utf8');

test('a pause that would be too long ends by itself, or ends the reader; the target runs', async () => {
  const target = await startHeap(python, 'busy', 60_000);
  const ends: (number | string)[] = [];
  let cutShort = 0;
  for (let round = 0; round < 80 && cutShort + ends.length <= 10; round += 1) {
    const reader = startReader(python);
    const { memory } = readRemotely(reader.link, target.pid);
    memory.copy(worthCopying(memory), () => {});
    try {
      const { missedPages } = memory.stopped({ maxPauseMs: 1 + (round % 4), bufferBytes: 1 << 20 }, () => {});
      if (missedPages > 0) cutShort += 1;
    } catch {
      ends.push(await reader.ended);
    }
    await runsOn(target);
  }
  // What is looked at last may take a little longer than is left: then the timer ends it.
  for (const end of ends) expect(['SIGALRM', 5]).toContain(end);
  expect(cutShort + ends.length).toBeGreaterThan(10);
});

test('the dead-man timer holds where the reader hangs in the pause', async () => {
  const target = await startHeap(python, 'busy', 60_000);
  const reader = startReader(python);
  const { memory } = readRemotely(reader.link, target.pid);
  memory.copy(worthCopying(memory), () => {});
  let end: number | string | undefined;
  // The pause may be over before the reader is made to hang: then it lives, and is asked again.
  for (let attempt = 0; attempt < 20 && end === undefined; attempt += 1) {
    inAStop(reader, target.pid, 100);
    // A stopped process takes its timer's signal when it goes on.
    reader.child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 300));
    reader.child.kill('SIGCONT');
    const later = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1000));
    end = await Promise.race([reader.ended, later]);
  }
  expect(end).toBe('SIGALRM');
  await runsOn(target);
});

test('a target that ends in mid-copy gives an error, and the reader goes on', async () => {
  const target = await startHeap(python, 'busy', 20_000);
  const other = await startHeap(python, 'idle', 2000);
  const { link } = startReader(python);
  const { memory } = readRemotely(link, target.pid);
  const ranges = worthCopying(memory);
  let taken = 0;
  const copy = () =>
    memory.copy(ranges, () => {
      taken += 1;
      if (taken === 5) process.kill(target.pid, 'SIGKILL');
    });
  try {
    copy();
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'absent' });
  }
  await target.ended;
  expect(() => memory.stopped(LIMITS, () => {})).toThrow(expect.objectContaining({ code: 'absent' }));
  expect(() => memory.maps()).toThrow(expect.objectContaining({ code: 'absent' }));
  const copied = new Copied();
  const beside = readRemotely(link, other.pid).memory;
  expect(beside.copy(worthCopying(beside), copied.take)).toBeGreaterThan(1 << 20);
});

test("another user's process is not read, and that is said; a process of one's own is", async () => {
  const foreign = await startHeap('/usr/bin/python3', 'idle', 100);
  const reader = startReader('/usr/bin/python3', {}, { uid: NOBODY, gid: NOBODY });
  expect(reader.hello).toMatchObject({ uid: NOBODY, capabilities: expect.stringMatching(/^0+$/) });
  const range = { start: 4096, end: 8192 };
  expect(() => readRemotely(reader.link, foreign.pid).memory.copy([range], () => {})).toThrow(
    expect.objectContaining({ code: 'denied' }),
  );
  const mine = await startHeap('/usr/bin/python3', 'busy', 2000, { uid: NOBODY, gid: NOBODY });
  const { memory } = readRemotely(reader.link, mine.pid);
  const copied = new Copied();
  memory.copy(worthCopying(memory), copied.take);
  expect(memory.stopped(LIMITS, copied.take).missedPages).toBe(0);
  await runsOn(mine);
});

test('garbage and requests that are cut off are answered with an error, and the next with its answer', async () => {
  // The same program runs beside it, as in a container: what both have mapped is neither's own.
  await startHeap(python, 'idle', 100);
  const reader = startReader(python);
  const ops = fc.oneof(fc.constantFrom(...Object.values(OP).filter((op) => op !== OP.stopped)), fc.nat(255));
  fc.assert(
    fc.property(ops, fc.uint8Array({ maxLength: 40 }), (op, payload) => {
      reader.link.write(framed(op, payload));
      let frame = reader.calls.next();
      while (frame.kind !== FRAME.end && frame.kind !== FRAME.error) frame = reader.calls.next();
      const [root] = decodeItems(reader.calls.ask({ op: 'items', items: [{ kind: 'stat', path: '/' }] }), 1);
      expect(root?.errno).toBe(0);
    }),
    { numRuns: 300 },
  );
  expect(privateBytes(reader.pid)).toBeLessThan(6 << 20);
});

test('a request longer than any is answered with an error, and the reader leaves, as it no longer knows where one begins', async () => {
  const reader = startReader(python);
  reader.link.write(framed(OP.items, new Uint8Array()).subarray(0, 1));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(MOST_REQUEST_BYTES + 1);
  reader.link.write(length);
  expect(() => endNumbers(reader.calls.next(), 0)).toThrow(/1048577 bytes/);
  expect(await reader.ended).toBe(3);
  expect(() => reader.calls.next()).toThrow(/cut/);
});

test('files, folders and links are read in one request, and each says what became of it', async () => {
  const target = await startHeap(python, 'idle', 100);
  const { calls } = startReader(python);
  const items = [
    { kind: 'read', path: `/proc/${target.pid}/status`, mostBytes: 1 << 16 },
    { kind: 'read', path: `/proc/${target.pid}/mem`, mostBytes: 0 },
    { kind: 'link', path: `/proc/${target.pid}/exe` },
    { kind: 'list', path: `/proc/${target.pid}/task` },
    { kind: 'stat', path: python },
    { kind: 'read', path: '/no/such/file', mostBytes: 10 },
    { kind: 'read', path: '/dev/zero', mostBytes: 10 },
    { kind: 'read', path: python, offset: 1, mostBytes: 3 },
  ] as const;
  const answers = decodeItems(calls.ask({ op: 'items', items }), items.length);
  expect(answers.map(({ errno }) => errno)).toEqual([0, 0, 0, 0, 0, 2, 22, 0]);
  expect(Buffer.from(answers[0]!.bytes).toString()).toContain(`Pid:\t${target.pid}\n`);
  expect(existsSync(Buffer.from(answers[2]!.bytes).toString())).toBe(true);
  expect(decodeList(answers[3]!.bytes)).toContainEqual({ name: String(target.pid), kind: 'folder' });
  expect(decodeStat(answers[4]!.bytes).bytes).toBe(readFileSync(python).length);
  expect(Buffer.from(answers[7]!.bytes).toString()).toBe('ELF');
});

test('words at many addresses come in their order, zeros where nothing is', async () => {
  const target = await startHeap(python, 'idle', 20_000);
  const { memory } = readRemotely(startReader(python).link, target.pid);
  const addresses = Float64Array.from([...target.objects, 4096, 2 ** 46, ...target.objects.toReversed()]);
  const heads = memory.gather(addresses, 24);
  const read = new Uint8Array(24);
  const wrong = [...addresses].filter((address, at) => {
    const got = memory.read(address, read);
    const expected = got === 24 ? read : new Uint8Array(24);
    return !Buffer.from(expected).equals(heads.subarray(at * 24, at * 24 + 24));
  });
  expect(wrong).toEqual([]);
  expect(memory.read(4096, read)).toBe(0);
});

test('without a request the reader ends by itself', async () => {
  const idle = startReader(python, { idleSeconds: 0.2 });
  expect(await idle.ended).toBe('SIGALRM');
});

test('the room under a limit is told, and where it is less than was asked for the reader leaves at once', async () => {
  const { command, says, remove } = await limited([], 64 << 20);
  onTestFinished(remove);
  expect(says).toContain('memory cgroup');
  const stays = startReader(python, { leastHeadroomBytes: 16 << 20, under: command });
  const { headroom, left } = stays.hello;
  expect(left).toBe(false);
  expect(headroom?.limitBytes).toBe(64 << 20);
  expect(headroom?.bytes).toBe(headroom!.limitBytes - headroom!.usageBytes + headroom!.fileBytes);
  expect(headroom?.bytes).toBeGreaterThan(50 << 20);
  // The first is still there, and takes some of it.
  const leaves = startReader(python, { leastHeadroomBytes: 64 << 20, under: command });
  expect(leaves.hello.left).toBe(true);
  expect(await leaves.ended).toBe(4);
  stays.hangUp();
  expect(await stays.ended).toBe(0);
});
