import { expect, onTestFinished, test } from 'vitest';
import { indexAt } from '../../src/heap/memory/ranges.ts';
import type { RemoteMemory } from '../../src/heap/memory/remote.ts';
import { PAGE_BYTES } from '../../src/heap/memory/snapshot.ts';
import { readRemotely } from '../../src/pod-reader/remote-memory.ts';
import { counted } from '../counted.ts';
import { buildsToRead } from '../interpreters/builds.ts';
import { startProgram, until } from '../start-program.ts';
import { Copied, marked, worthCopying, writable } from './copied.ts';
import { runsOn, startHeap, startReader, stateOf } from './reader-process.ts';

const LIMITS = { maxPauseMs: 5000, bufferBytes: 8 << 20 };
const { builds } = buildsToRead();
// The program beside is run by whichever libpython: those that embed one add nothing to what can be asked of a reader.
const interpreters = builds.filter(({ name }) => !name.includes('server'));

test.each(interpreters)(
  '$name copies a working process of its own kind as it stood: not a byte differs',
  async (build) => {
    const target = await startHeap(build.path, 'busy');
    const reader = startReader(build.path);
    expect(reader.hello).toMatchObject({ canStop: true, left: false, pid: reader.pid });
    const { memory } = readRemotely(reader.link, target.pid);
    const copied = new Copied();
    const ranges = worthCopying(memory);
    expect(memory.copy(ranges, copied.take)).toBe(copied.pages.size * PAGE_BYTES);
    memory.changes(copied.take);
    await runsOn(target);
    memory.changes(copied.take);
    // It stands from here on, and must still do so after the reader has held it.
    target.child.kill('SIGSTOP');
    await until('the target stands', () => stateOf(target.pid) === 'T');
    const stopped = memory.stopped(LIMITS, copied.take);
    expect(stopped.changedPages).toBeGreaterThan(0);
    expect(stopped.missedPages).toBe(0);
    expect(copied.differing(target.pid)).toEqual([]);
    // Pools that came since, in memory that was mapped since or lay untouched, are among what was sent.
    expect(poolPages(memory).filter((address) => !copied.pages.has(address))).toEqual([]);
    expect(memory.stopped(LIMITS, copied.take).changedPages).toBe(0);
    // Let go, it wakes for a moment, in the kernel, and stops again.
    await until('the target stands again', () => stateOf(target.pid) === 'T');
    target.child.kill('SIGCONT');
    await runsOn(target);
    counted('readers', build.name);
  },
);

test.each(interpreters)(
  '$name finds the pool of every object, and touches nothing that was not there',
  async (build) => {
    const target = await startHeap(build.path, 'idle', 60_000);
    const { memory } = readRemotely(startReader(build.path).link, target.pid);
    const maps = writable(memory.maps());
    const before = residentPages(memory.pages(maps));
    const ranges = worthCopying(memory).sort((a, b) => a.start - b.start);
    expect(target.objects.filter((address) => indexAt(ranges, address) < 0)).toEqual([]);
    const pools = memory.pools(maps).reduce((sum, flags) => sum + flags.reduce((all, flag) => all + flag, 0), 0);
    // 5.6 MB of payload are no pools, and 20 MB of objects are.
    expect(pools * PAGE_BYTES).toBeGreaterThan(8 << 20);
    const copied = new Copied();
    memory.copy(maps, copied.take);
    memory.changes(copied.take);
    memory.stopped(LIMITS, copied.take);

    // 64 MiB shared, and 64 of its own, were never touched. A page or two it needs for itself.
    expect(residentPages(memory.pages(maps)) - before).toBeLessThan(8);
  },
);

const REWRITES = `
import signal, time
rows = [{"id": at, "tags": [at, at + 1]} for at in range(25_000)]
def rewrite(*_):
    for at, row in enumerate(rows):
        row["id"] = -at
    print("rewritten", flush=True)
signal.signal(signal.SIGUSR1, rewrite)
print("ready", flush=True)
while True:
    time.sleep(60)
`;

test.each([interpreters[0]!, interpreters.at(-1)!])(
  '$name packs what has changed where that is much, and it is as it stood',
  async ({ path }) => {
    const target = startProgram(path, ['-c', REWRITES]);
    onTestFinished(async () => {
      target.child.kill('SIGKILL');
      await target.ended;
    });
    await until('its rows', () => target.lines().includes('ready'));
    const { memory } = readRemotely(startReader(path).link, target.pid);
    const copied = new Copied();
    memory.copy(worthCopying(memory), copied.take);
    target.child.kill('SIGUSR1');
    await until('its rows rewritten', () => target.lines().includes('rewritten'));
    target.child.kill('SIGSTOP');
    await until('the target stands', () => stateOf(target.pid) === 'T');
    const bufferBytes = 2 << 20;
    const { changedPages, missedPages } = memory.stopped({ ...LIMITS, bufferBytes }, copied.take);
    expect(changedPages * PAGE_BYTES).toBeGreaterThan(1.5 * bufferBytes);
    expect(missedPages).toBe(0);
    expect(copied.differing(target.pid)).toEqual([]);
  },
);

function poolPages(memory: RemoteMemory): number[] {
  const maps = writable(memory.maps());
  return memory
    .pools(maps)
    .flatMap((flags, index) =>
      marked(maps[index]!.start, flags).flatMap(({ start, end }) =>
        Array.from({ length: (end - start) / PAGE_BYTES }, (_, page) => start + page * PAGE_BYTES),
      ),
    );
}

function residentPages(states: readonly Uint8Array[]): number {
  return states.reduce(
    (sum, each) => sum + each.reduce((all, state) => all + Number(state === 1 || state === 3), 0),
    0,
  );
}

test('what was sent after a stop is of one moment, with threads at work', async () => {
  const { path } = interpreters[0]!;
  const target = await startHeap(path, 'counting', 2000);
  const { memory } = readRemotely(startReader(path).link, target.pid);
  const copied = new Copied();
  const marks = { start: target.marks, end: target.marks + 64 * PAGE_BYTES };
  memory.copy([marks], copied.take);
  const seen = new Set<number>();
  for (let round = 0; round < 200; round += 1) {
    if (round % 3 === 0) memory.changes(copied.take);
    memory.stopped(LIMITS, copied.take);
    const numbers = Array.from({ length: 64 }, (_, page) => numberAt(copied, marks.start + page * PAGE_BYTES));
    expect(Math.max(...numbers) - Math.min(...numbers)).toBeLessThanOrEqual(1);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    seen.add(numbers[0]!);
  }
  expect(seen.size).toBeGreaterThan(100);
  await runsOn(target);
});

const numberAt = (copied: Copied, address: number) =>
  Number(Buffer.from(copied.pages.get(address)!).readBigUInt64LE(0));

test('a signal that comes in a stop is delivered after it, once', async () => {
  const { path } = interpreters[0]!;
  const target = await startHeap(path, 'busy');
  const { memory } = readRemotely(startReader(path).link, target.pid);
  const copied = new Copied();
  memory.copy(worthCopying(memory), copied.take);
  for (let round = 0; round < 50; round += 1) {
    // Real-time signals are queued, so that none is lost in another.
    process.kill(target.pid, 34);
    memory.stopped(LIMITS, copied.take);
    process.kill(target.pid, 34);
  }
  await until('all signals', () => target.latest().heard >= 100);
  await runsOn(target);
  expect(target.latest().heard).toBe(100);
});
