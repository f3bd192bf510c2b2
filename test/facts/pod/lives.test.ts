import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/core/report.ts';
import { lengthOf, livesIn } from '../../../src/facts/pod/container-lives.ts';
import { growthByLives, isBehind } from '../../../src/facts/pod/growth-by-lives.ts';
import { lengthsInHistory } from '../../../src/facts/pod/history-lives.ts';
import { limitInForce } from '../../../src/facts/pod/limit-in-force.ts';
import { combined, lifeLength, shifted } from '../../../src/facts/pod/next-kill.ts';
import { restartsAt } from '../../../src/facts/pod/restart-delay.ts';
import { MIB } from '../made.ts';
import { container, ended, NOW, pod, podReport, podsOf, running } from '../made-pods.ts';

describe('the lives of a container', () => {
  test('are the one before and the current one: no more, however many restarts it counts', () => {
    const lives = livesIn([container({ restarts: 40, state: running(13), lastState: ended(16, 33) })]);
    expect(lives.map(({ how, seen }) => [how, seen])).toEqual([
      ['oom-kill', 'lastState'],
      ['running', 'state'],
    ]);
    expect(lengthOf(lives[0]!)).toBe(33);
  });

  test('of two readings are told once, though a state has become the last state', () => {
    const second = ended(2, 20, { reason: 'Error', exitCode: 1 });
    const before = container({ restarts: 1, state: second, lastState: ended(40, 33) });
    const after = container({ restarts: 2, state: running(1), lastState: second });
    expect(livesIn([before, after]).map(({ how }) => how)).toEqual(['oom-kill', 'error', 'running']);
  });

  test('are OOM kills where the kubelet says so, whatever the exit code, and not for exit code 137 alone', () => {
    const how = (about: Parameters<typeof ended>[2]) => livesIn([container({ lastState: ended(5, 5, about) })])[0]!.how;
    expect(how({ exitCode: 1 })).toBe('oom-kill');
    expect(how({ reason: 'Error', exitCode: 137 })).toBe('error');
    expect(how({ reason: 'Completed', exitCode: 0 })).toBe('completed');
  });

  test('have no length where a time is missing, or the end lies before the start', () => {
    expect(lengthOf({ how: 'error', seen: 'state', endedAt: 5 })).toBeUndefined();
    expect(lengthOf({ how: 'error', seen: 'state', startedAt: 9, endedAt: 5 })).toBeUndefined();
  });
});

describe('the limit in force', () => {
  const nodes = {
    nodes: [{ name: 'node-1', conditions: [], memoryAllocatableBytes: 900 * MIB, unschedulable: false }],
  };
  test('is what the node applies before what the spec asks', () => {
    const resized = container({ inForce: { limitBytes: 256 * MIB } });
    expect(limitInForce(pod(), resized, nodes)).toEqual({ bytes: 256 * MIB, scope: 'container' });
  });
  test('is that of the pod where it is tighter, or the only one', () => {
    const small = pod([{}], { podLevel: { limitBytes: 100 * MIB } });
    expect(limitInForce(small, container(), nodes)).toEqual({ bytes: 100 * MIB, scope: 'pod' });
    const large = pod([{}], { podLevel: { limitBytes: 500 * MIB } });
    expect(limitInForce(large, container(), nodes)).toEqual({ bytes: 128 * MIB, scope: 'container' });
    expect(limitInForce(large, container({ spec: {} }), nodes)).toEqual({ bytes: 500 * MIB, scope: 'pod' });
  });
  test('is what the node has where there is none, and unknown where the node is', () => {
    expect(limitInForce(pod(), container({ spec: {} }), nodes)).toEqual({ bytes: 900 * MIB, scope: 'node' });
    expect(limitInForce(pod(), container({ spec: {} }), undefined)).toBeUndefined();
  });
});

describe('when a container starts again', () => {
  const waits = (message: string | undefined, restarts = 3) =>
    restartsAt(
      pod(),
      container({
        restarts,
        state: { is: 'waiting', reason: 'CrashLoopBackOff', message },
        lastState: ended(12, 33),
      }),
    )!;
  test.each([
    ['back-off 10s restarting failed container=app pod=orca_default(1)', 10],
    ['back-off 1m20s restarting failed container=app', 80],
    ['back-off 5m0s restarting failed container=app', 300],
    ['back-off 2.5s restarting failed container=app', 2.5],
  ])('is what "%s" says, from the end of its last life on', (message, seconds) => {
    expect(waits(message)).toEqual({ earliest: NOW - 12 + seconds, latest: NOW - 12 + seconds });
  });
  test('is within the rule of the kubelet where no message names a time: 10 s, doubled, 5 minutes at most', () => {
    expect([0, 1, 2, 50].map((restarts) => waits(undefined, restarts).latest - NOW + 12)).toEqual([10, 20, 40, 300]);
    expect(waits(undefined).earliest).toBe(NOW - 12);
  });
  test('is told of one that has just ended, too, but not of a Job, whose pod may have run once only', () => {
    const just = container({ state: ended(2, 33) });
    expect(restartsAt(pod(), just)).toEqual({ earliest: NOW - 2, latest: NOW + 8 });
    expect(restartsAt(pod([{}], { owner: 'Job/once' }), just)).toBeUndefined();
    expect(restartsAt(pod([{}], { phase: 'Failed' }), just)).toBeUndefined();
  });
  test('is not known of one that waits for something else', () => {
    expect(restartsAt(pod(), container({ state: { is: 'waiting', reason: 'ContainerCreating' } }))).toBeUndefined();
  });
});

describe('how long a life lasts', () => {
  test('is about that of the one life that is known, give or take a fifth', () => {
    const one = lifeLength([100])!;
    expect(one.value).toBeCloseTo(100);
    expect(one.low).toBeGreaterThan(75);
    expect(one.high).toBeLessThan(126);
  });
  test('is surer by more lives that are alike, and less sure by lives that are not', () => {
    const width = (lengths: number[]) => lifeLength(lengths)!.high - lifeLength(lengths)!.low;
    expect(width([100, 100, 100, 100])).toBeLessThan(width([100]) * 0.8);
    expect(width([50, 100, 200])).toBeGreaterThan(width([100]) * 2);
  });

  test('holds the next life in nine of ten, where lives differ by a tenth', () => {
    let held = 0;
    const draws = 2000;
    let seed = 7;
    const uniform = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return (seed + 0.5) / 2 ** 31;
    };
    const life = () => 40 * Math.exp(0.1 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
    for (let i = 0; i < draws; i++) {
      const { low, high } = lifeLength([life()])!;
      const next = life();
      if (next >= low && next <= high) held++;
    }
    expect(held / draws).toBeGreaterThan(0.86);
    expect(held / draws).toBeLessThan(0.97);
  });
});

describe('the lives that a history tells of', () => {
  /** Lives of so many seconds, a sample each ten, that end so near the limit of 128 MiB. */
  const lives = (lengths: number[], share = 0.95): [number, number][][] => {
    let at = NOW - 10_000;
    return lengths.map((length) => {
      const samples = Array.from({ length: length / 10 }, (_, i): [number, number] => [
        at + i * 10,
        (share * 128 * MIB * (i + 1)) / (length / 10),
      ]);
      at += length;
      return samples;
    });
  };
  const lengths = (of: [number, number][][], ends: number[] = []) => lengthsInHistory(of, 128 * MIB, ends);

  test('are those between two restarts that ended near the limit', () => {
    const [first, second] = lengths(lives([50, 100, 200, 300]));
    expect(Math.abs(first! - 100)).toBeLessThanOrEqual(5);
    expect(Math.abs(second! - 200)).toBeLessThanOrEqual(5);
  });
  test('are not those that ended far from it, of few samples, or that the status tells of', () => {
    expect(lengths(lives([50, 100, 200], 0.5))).toEqual([]);
    expect(lengths(lives([50, 30, 200]))).toEqual([]);
    expect(lengths(lives([50, 100, 200]), [NOW - 10_000 + 145])).toEqual([]);
    expect(lengths([])).toEqual([]);
  });
  test('narrow when the next kill comes', () => {
    const restarts = { pod: 'orca-1', container: 'app', measure: 'restarts' as const };
    const all = lives([50, 100, 100, 100, 100]);
    const counted = all.flatMap((life, at) => life.map(([time]): [number, number] => [time, at]));
    const given = { pods: podsOf([pod([{ restarts: 5, state: running(10), lastState: ended(12, 100) }])]) };
    const history = {
      from: 'http://prometheus',
      series: [
        { ...restarts, samples: counted },
        { ...restarts, measure: 'working-set' as const, samples: all.flat() },
      ],
      fromUnixSeconds: NOW - 20_000,
      toUnixSeconds: NOW,
      stepSeconds: 10,
    };
    const width = (report: Report) => report.eta!.seconds!.high - report.eta!.seconds!.low;
    expect(width(podReport({ ...given, prometheus: history }))).toBeLessThan(width(podReport(given)) * 0.9);
    expect(podReport({ ...given, prometheus: history }).kills).toHaveLength(1);
  });
});

describe('estimates', () => {
  const estimate = fc
    .tuple(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([a, b, share]) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return { low, high, value: Math.min(high, low + share * (high - low)), level: 0.9 };
    });
  const ordered = ({ low, value, high }: { low: number; value: number; high: number }) => {
    expect(low).toBeGreaterThanOrEqual(0);
    expect(low).toBeLessThanOrEqual(value * (1 + 1e-9) + 1e-9);
    expect(value).toBeLessThanOrEqual(high * (1 + 1e-9) + 1e-9);
  };
  test('keep their order when they are combined and shifted, and lie within what they were made from', () => {
    fc.assert(
      fc.property(estimate, estimate, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (a, b, seconds) => {
        const both = combined(a, b)!;
        ordered(both);
        ordered(shifted(a, seconds));
        expect(both.low).toBeGreaterThanOrEqual(Math.min(a.low, b.low) - 1e-6);
        expect(both.high).toBeLessThanOrEqual(Math.max(a.high, b.high) + 1e-6);
      }),
    );
  });
  test('that contradict each other give an interval that holds both', () => {
    const [a, b] = [
      { value: 10, low: 9, high: 11, level: 0.9 },
      { value: 30, low: 25, high: 40, level: 0.9 },
    ];
    expect(combined(a, b)).toMatchObject({ low: 9, high: 40 });
  });
});

describe('growth by the length of lives', () => {
  const limit = 128 * MIB;
  test('fills the rest of the limit from where it was measured early in a life', () => {
    const rate = growthByLives(limit, [33], [[5, 40 * MIB]])!;
    expect(rate.value).toBeCloseTo((88 * MIB) / 28, 0);
    expect(rate.low).toBeLessThan(rate.value);
    expect(rate.high).toBeGreaterThan(rate.value);
  });
  test('is a wide guess where nothing was measured, and never more than the limit in a life', () => {
    const rate = growthByLives(limit, [33], [])!;
    expect(rate.high).toBeLessThan(limit / 33);
    expect(rate.low).toBeLessThan(rate.high * 0.65);
  });
  test('is contradicted by what was measured late in a life, far below the line from its start to the limit', () => {
    const at = (age: number, mib: number) => isBehind(limit, [100], [[age, mib * MIB]]);
    expect([at(60, 10), at(60, 70), at(20, 2), at(200, 10)]).toEqual([true, false, false, false]);
    expect(isBehind(limit, [], [[60, 10 * MIB]])).toBe(false);
  });
  test('does not use what was measured near the end, and is unknown without a life', () => {
    expect(growthByLives(limit, [33], [[32, 127 * MIB]])).toEqual(growthByLives(limit, [33], []));
    expect(growthByLives(limit, [], [[5, 40 * MIB]])).toBeUndefined();
  });
});
