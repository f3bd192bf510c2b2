import { expect, test } from 'vitest';
import type { Processes, ProcessInfo } from '../../src/core/artifacts.ts';
import { processes } from '../../src/steps/process/processes.ts';
import { play } from './recorded-port.ts';

const MIB = 2 ** 20;
/** A moment before the played clock begins. */
const YOUNG = 1_795_000_099;

/** A gunicorn master and workers of so many bytes; the largest is chosen, as the port does. */
function workersOf(...rssBytes: readonly number[]): Processes {
  const worker = (pid: number, bytes: number): ProcessInfo => ({
    pid,
    parentPid: 41,
    command: 'gunicorn: worker',
    executable: '/usr/bin/python3.12',
    threads: 1,
    rssBytes: bytes,
    startedAtUnixSeconds: 1_795_000_000,
    python: { implementation: 'cpython', version: '3.12.1' },
  });
  const tree = [{ ...worker(41, 20 * MIB), parentPid: 1 }, ...rssBytes.map((bytes, at) => worker(50 + at, bytes))];
  const largest = tree.reduce((most, each) => (each.rssBytes > most.rssBytes ? each : most));
  return { rootPid: 41, tree, chosenPid: largest.pid };
}

const chosenAmong = async (treeAt: (seconds: number) => Processes) =>
  (await processes.run(play({ treeAt }).context, {}, undefined)).chosenPid;

test('of several workers the one that grows is read, not the largest', async () => {
  expect(await chosenAmong((seconds) => workersOf(80 * MIB, 40 * MIB + seconds * MIB, 41 * MIB))).toBe(51);
});

test('of workers that grow alike the largest is read', async () => {
  const grown = (seconds: number) => workersOf(40 * MIB + seconds * MIB, 42 * MIB + 1.1 * seconds * MIB, 41 * MIB);
  expect(await chosenAmong(grown)).toBe(51);
});

test('what a worker takes for a moment of work does not make it the one that grows', async () => {
  expect(await chosenAmong((seconds) => workersOf(40 * MIB + seconds * 100 * 1024, 42 * MIB, 41 * MIB))).toBe(51);
});

test('a single Python process is not compared with anything, and nobody waits', async () => {
  const only = { ...workersOf(40 * MIB), tree: workersOf(40 * MIB).tree.slice(1) };
  const { context, seconds } = play({ treeAt: () => only });
  await processes.run(context, {}, undefined);
  expect(seconds()).toBe(0);
});

test('a worker that took the number of one that ended is not taken for one that grew', async () => {
  const later = workersOf(40 * MIB, 90 * MIB);
  const anew = {
    ...later,
    tree: later.tree.map((each) => (each.pid === 51 ? { ...each, startedAtUnixSeconds: 1_795_000_101 } : each)),
  };
  expect(
    await chosenAmong((seconds) => (seconds === 0 ? workersOf(100 * MIB, 10 * MIB) : { ...anew, chosenPid: 50 })),
  ).toBe(50);
});

test('workers that still start are compared again when they have: while they load, each of them grows', async () => {
  const loaded = (seconds: number) => Math.min(seconds, 2) * 10 * MIB;
  const starting = (seconds: number): Processes => {
    const found = workersOf(
      20 * MIB + loaded(seconds) + seconds * MIB,
      21 * MIB + loaded(seconds),
      21 * MIB + loaded(seconds),
    );
    return { ...found, tree: found.tree.map((each) => ({ ...each, startedAtUnixSeconds: YOUNG })), chosenPid: 51 };
  };
  expect(await chosenAmong(starting)).toBe(50);
});
