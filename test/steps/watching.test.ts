import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../src/core/problem.ts';
import { endOf } from '../../src/core/watch.ts';
import { heap as heapStep } from '../../src/steps/process/heap.ts';
import { heapGrowth } from '../../src/steps/process/heap-growth.ts';
import { memorySeries } from '../../src/steps/process/memory-series.ts';
import { heap, memoryLimit, processes } from '../core/example.ts';
import { type Played, play } from './recorded-port.ts';

async function growth(played: Played) {
  const playing = play(played);
  const outcome = await heapGrowth
    .run(playing.context, { processes: playing.processes, 'memory-limit': memoryLimit, heap }, undefined)
    .catch((error) => error);
  return { ...playing, outcome, end: endOf(playing.context.watch), over: playing.context.watch.over.aborted };
}

test('containers that grow steadily decide after six seconds, and not before', async () => {
  const { end, seconds, did } = await growth({ growingAt: () => 2 });
  expect([end, did]).toEqual(['decided', ['growth']]);
  expect(seconds()).toBe(6);
});

test('a process that may still be loading is watched until it is 15 s old', async () => {
  const { end, seconds } = await growth({ growingAt: () => 2, startedSecondsAgo: 3 });
  expect(end).toBe('decided');
  expect(seconds()).toBe(12);
});

test('a young process whose limit is near is decided as soon as any', async () => {
  // 134 MB less 30 MB at 2.5 MB a second: some 40 s are left.
  const gains = (at: number) => 2.5e6 * at;
  const { seconds } = await growth({
    growingAt: () => 2,
    startedSecondsAgo: 3,
    bytesAt: (at) => 30e6 + gains(at),
    gainedBytesAt: gains,
  });
  expect(seconds()).toBe(6);
});

test('as long as the readings change their mind, watching goes on', async () => {
  const { end, seconds } = await growth({ growingAt: (at) => (at < 12 ? Math.floor(at) : 4) });
  expect(end).toBe('decided');
  expect(seconds()).toBe(13);
});

test('containers that grow by little decide nothing while the process grows by much', async () => {
  const playing = play({ growingAt: () => 2, gainedBytesAt: (at) => 1e4 * at, bytesAt: (at) => 1e7 + 1e6 * at });
  const done = heapGrowth.run(playing.context, { processes, 'memory-limit': memoryLimit, heap }, undefined);
  while (playing.seconds() < 20) await new Promise((resolve) => setImmediate(resolve));
  playing.context.watch.end('time-up');
  await done;
  expect(endOf(playing.context.watch)).toBe('time-up');
});

test('nothing that grows is watched to the end of the time', async () => {
  const playing = play({ growingAt: () => 0 });
  const done = heapGrowth.run(playing.context, { processes, 'memory-limit': memoryLimit, heap }, undefined);
  while (playing.seconds() < 30) await new Promise((resolve) => setImmediate(resolve));
  playing.context.watch.end('time-up');
  expect((await done).seconds).toBeGreaterThanOrEqual(30);
  expect(endOf(playing.context.watch)).toBe('time-up');
});

test('the second look comes before the kill, however early that is', async () => {
  // 134 MB is the limit: at 20 MB a second from 60 MB it is met after 3.7 s, and 2 s are left for the look.
  const { end, seconds, did } = await growth({ growingAt: () => 1, bytesAt: (at) => 60e6 + 20e6 * at });
  expect([end, did]).toEqual(['decided', ['growth']]);
  expect(seconds()).toBeLessThan(2.5);
});

test('high but level memory is no reason to hurry', async () => {
  const { seconds } = await growth({ growingAt: () => 1, bytesAt: (at) => 133e6 + 1e3 * at });
  expect(seconds()).toBe(6);
});

test('a process that goes away ends the watch, and what its counts told is asked for', async () => {
  const { end, did, seconds } = await growth({ growingAt: (at) => (at > 2 ? undefined : 1) });
  expect([end, did]).toEqual(['process-exited', ['growth']]);
  expect(seconds()).toBe(2.5);
});

test('the watch ends also when the second look fails', async () => {
  const { outcome, over } = await growth({
    growingAt: () => 1,
    growth: async () => {
      throw new ProblemError('absent', 'gone');
    },
  });
  expect(outcome).toBeInstanceOf(ProblemError);
  expect(over).toBe(true);
});

test('memory is sampled at the first moment, every quarter second, and at the last', async () => {
  const playing = play({ bytesAt: (at) => 1000 * at });
  const done = memorySeries.run(playing.context, { processes, 'memory-limit': memoryLimit }, undefined);
  while (playing.seconds() < 2) await new Promise((resolve) => setImmediate(resolve));
  playing.context.watch.end('decided');
  const { samples, ended } = await done;
  expect(ended).toBe('decided');
  expect(samples.slice(0, 3).map(([, bytes]) => bytes)).toEqual([0, 250, 500]);
  expect(samples.at(-1)![1]).toBe(1000 * playing.seconds());
});

test('a process that ends while its memory is watched leaves its samples', async () => {
  const { context } = play({ bytesAt: (at) => (at > 1 ? undefined : 5) });
  const { samples, ended } = await memorySeries.run(context, { processes, 'memory-limit': memoryLimit }, undefined);
  expect([samples.length, ended]).toEqual([5, 'process-exited']);
});

describe('the other Python processes of the tree', () => {
  const [python] = processes.tree;
  const worker = { ...python!, pid: 42, parentPid: 41, rssBytes: 20e6 };
  const { python: _, ...shell } = { ...worker, pid: 43 };
  const first = { ...processes, tree: [python!, worker, shell] };
  const others = async (treeAt: Played['treeAt'], tree = first) => {
    const { context } = play({ bytesAt: (at) => (at > 1 ? undefined : 5), ...(treeAt ? { treeAt } : {}) });
    return (await memorySeries.run(context, { processes: tree, 'memory-limit': memoryLimit }, undefined)).others;
  };

  test('are measured at first and at the end', async () => {
    const now = { ...first, tree: [python!, { ...worker, rssBytes: 33e6 }, shell] };
    expect(await others(() => now)).toEqual([{ pid: 42, firstBytes: 20e6, lastBytes: 33e6 }]);
  });
  test('are left out where they ended, or another process has their pid', async () => {
    expect(await others(() => processes)).toBeUndefined();
    const reused = { ...worker, startedAtUnixSeconds: worker.startedAtUnixSeconds + 9 };
    expect(await others(() => ({ ...first, tree: [python!, reused] }))).toBeUndefined();
  });
  test('do not keep the samples from being told where they cannot be read', async () => {
    const gone = () => {
      throw new ProblemError('absent', 'gone');
    };
    expect(await others(gone)).toBeUndefined();
  });
  test('are not looked for where there are none', async () => {
    const never = () => {
      throw new Error('asked for');
    };
    expect(await others(never, processes)).toBeUndefined();
  });
});

test('the first look waits until a young interpreter has had two seconds', async () => {
  const playing = play({ startedSecondsAgo: 0.5 });
  await heapStep.run(playing.context, { processes: playing.processes }, undefined);
  expect(playing.did).toEqual(['open at 1.5 s']);
});

test('a look that fails in a young process is tried again, in an old one not', async () => {
  const failing = async () => {
    throw new ProblemError('broken', 'no interpreter yet');
  };
  const young = play({ startedSecondsAgo: 1, first: failing });
  await expect(heapStep.run(young.context, { processes: young.processes }, undefined)).rejects.toThrow(
    'no interpreter',
  );
  expect(young.did.filter((what) => what.startsWith('open')).length).toBeGreaterThan(5);
  const old = play({ first: failing });
  await expect(heapStep.run(old.context, { processes: old.processes }, undefined)).rejects.toThrow('no interpreter');
  expect(old.did).toEqual(['open at 0.0 s', 'close']);
});

test('a tree without Python says what runs, and one that cannot be read says why', async () => {
  const { context } = play({});
  const noPython = { rootPid: 41, tree: [{ ...processes.tree[0]!, command: 'sleep 100' }] };
  await expect(heapStep.run(context, { processes: noPython }, undefined)).rejects.toThrow(
    'No Python process at or under 41 (it runs "sleep 100").',
  );
  const python = { implementation: 'pypy' as const, unsupported: 'it is PyPy' };
  const pypy = { rootPid: 41, tree: [{ ...processes.tree[0]!, python }] };
  await expect(heapStep.run(context, { processes: pypy }, undefined)).rejects.toThrow(/it is PyPy/);
});
