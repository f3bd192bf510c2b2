import { describe, expect, test } from 'vitest';
import type { Baseline } from '../../src/core/artifacts.ts';
import type { Report } from '../../src/core/report.ts';
import {
  counts,
  FEEDS,
  flat,
  type Given,
  grownBy,
  growthOf,
  type Holder,
  holderOf,
  limitOf,
  look,
  MIB,
  reportOn,
  type Source,
  START,
  sourceOf,
  steadily,
  treeOf,
} from './made.ts';

const HOURS = 3;
const SECONDS = HOURS * 3600;
const list = (items: number, about: Partial<Holder> = {}): Holder =>
  holderOf({ items, retainedBytes: items * 1000, ...about });
const listing = (...holders: Holder[]) => ({ containers: { leastBytes: 1024, leastTogetherBytes: 0, holders } });

/** An earlier case of the process 41, hours before, of so many MiB. */
const earlier = (holders: Holder[], about: Partial<Baseline> & { mib?: number } = {}): Baseline => {
  const { mib = 50, ...rest } = about;
  return {
    tool: '0.1.0',
    collectedAt: '2026-11-18T07:26:51.500Z',
    name: 'python3 app.py (pid 41)',
    identity: { pid: 41, startedAtUnixSeconds: START - 2 * SECONDS, command: 'python3 app.py' },
    look: look({ atUnixSeconds: START - SECONDS, ...listing(...holders) }),
    memory: {
      measure: 'rss',
      source: 'process',
      atUnixSeconds: START - SECONDS,
      bytes: mib * MIB,
      leastBytes: mib * MIB,
      mostBytes: mib * MIB,
    },
    verdict: 'healthy',
    watchedSeconds: 13,
    leaks: [],
    counted: [],
    ...rest,
  };
};

/** The report on a process that stands still at 50 MiB, holds what is given, and held what the baseline says. */
const reportOf = (holders: Holder[], baseline: Baseline, about: Given = {}): Report => {
  const second = look({ objectBytes: 40 * MIB, ...listing(...holders) });
  return reportOn({
    processes: treeOf({ startedAtUnixSeconds: START - 2 * SECONDS }),
    'memory-limit': limitOf(128),
    'memory-series': flat(),
    heap: second,
    'heap-growth': growthOf([], { second, objectBytesGrown: 0 }),
    source: FEEDS,
    baseline,
    ...about,
  });
};
const FILLED_AND_EMPTIED: Source = sourceOf(`${FEEDS.files[0]!.text}\n\ndef drop():\n    ORDERS.clear()\n`);
const leaks = (report: Report) => report.findings.flatMap(({ holder }) => (holder?.growth ? [holder.name] : []));

test('half an item a second, which no watch of seconds shows, is a leak between two looks hours apart', () => {
  const report = reportOf([list(5600)], earlier([list(200)], { mib: 44 }));
  expect(report.verdict).toBe('leak');
  expect(report.headline).toBe(
    'app.ORDERS grows: 5,600 items (dict) now, 30 more a minute, about 1000 B each, and nothing takes any out.',
  );
  const [finding] = report.findings;
  expect(finding!.confidence.level).toBe('medium');
  expect(finding!.holder!.growth).toEqual({ itemsPerSecond: 0.5, bytesPerSecond: 500 });
  expect(finding!.evidence[0]!.says).toBe('200 items 3 h before; 5,600 now.');
  // 6 MiB in three hours; 78 MiB are left.
  expect(report.growth!.bytesPerSecond.value).toBeCloseTo((6 * MIB) / (SECONDS + 20), 0);
  expect(report.eta!.seconds!.value / 3600).toBeCloseTo(39, 0);
});

describe('two points alone', () => {
  test('do not make a leak of what is filled and emptied', () => {
    const report = reportOf([list(5600)], earlier([list(200)]), { source: FILLED_AND_EMPTIED });
    expect(leaks(report)).toEqual([]);
    expect(report.verdict).toBe('undecided');
    expect(report.headline).toMatch(/^app\.ORDERS has more than 3 h before .* Compare once more later\.$/);
  });

  test('do not, without source, unless memory grew for it', () => {
    const missing = { code: 'absent' as const, message: 'no source' };
    expect(leaks(reportOf([list(5600)], earlier([list(200)]), { source: missing }))).toEqual([]);
    const before = earlier([list(200)], { mib: 44 });
    const grown = reportOf(
      [list(5600)],
      { ...before, look: { ...before.look, objectBytes: 35 * MIB } },
      { source: missing },
    );
    expect(leaks(grown)).toEqual(['app.ORDERS']);
    expect(grown.findings[0]!.confidence.level).toBe('low');
  });

  test('say little of a process that had just started at the first', () => {
    const young = earlier([list(200)], {
      identity: { pid: 41, startedAtUnixSeconds: START - SECONDS - 10, command: '' },
    });
    const report = reportOf([list(5600)], young, {
      processes: treeOf({ startedAtUnixSeconds: START - SECONDS - 10 }),
    });
    expect(report.findings[0]!.confidence.level).toBe('low');
    expect(report.findings[0]!.evidence[0]!.says).toContain('had just started');
  });

  test.each([
    ['has a bound', { bound: 10_000 }, {}],
    ['holds weak references', { elementType: 'weakref.ReferenceType' }, {}],
    ['lost items when it was watched then', {}, { counted: [{ name: 'app.ORDERS', least: 100, most: 900, falls: 2 }] }],
  ])('make no leak of what %s', (_, about, before) => {
    expect(leaks(reportOf([list(5600, about)], earlier([list(200, about)], before)))).toEqual([]);
  });

  test('make none of fewer than three items, or of bytes that nobody will miss', () => {
    expect(leaks(reportOf([list(202)], earlier([list(200)])))).toEqual([]);
    expect(leaks(reportOf([list(230)], earlier([list(200)])))).toEqual([]);
  });
});

test('of a container in a container, the one that grows is named', () => {
  const inner = (items: number) => list(items, { name: "app.STATE['orders']", retainedBytes: items * 1000 });
  const outer = (items: number) => list(3, { name: 'app.STATE', type: 'dict', retainedBytes: items * 1000 + 500 });
  expect(leaks(reportOf([outer(5000), inner(5000)], earlier([outer(100), inner(100)])))).toEqual([
    "app.STATE['orders']",
  ]);
});

test('more containers of one name, each no longer than before, are kept by something else', () => {
  const orders = (instances: number) => list(instances * 20, { name: 'app.Desk.orders', instances });
  expect(leaks(reportOf([orders(900)], earlier([orders(100)])))).toEqual([]);
});

test('what only grows while it is watched, and was as large hours before, goes up and down more slowly', () => {
  const grown = grownBy(steadily(), { retainedBytes: MIB });
  const about: Given = {
    'heap-growth': growthOf([grown], { second: look({ ...listing(list(1000)) }) }),
    source: FILLED_AND_EMPTIED,
  };
  expect(leaks(reportOf([list(1000)], earlier([list(1200)]), about))).toEqual([]);
  expect(leaks(reportOf([list(1000)], earlier([list(100)]), about))).toEqual(['app.ORDERS']);
  // Where nothing empties it, it cannot come down again.
  expect(leaks(reportOf([list(1000)], earlier([list(1200)]), { ...about, source: FEEDS }))).toEqual(['app.ORDERS']);
});

test('what goes up and down leaks where its least is more than its most was, and memory grew for it', () => {
  const saw = [5000, 5600, 5100, 5600, 5200, 5600];
  const grown = { ...grownBy(saw, { retainedBytes: 5600 * 1000 }), counts: counts(saw) };
  const second = look({ objectBytes: 45 * MIB, ...listing(list(5600)) });
  const about: Given = { 'heap-growth': growthOf([grown], { second }), source: FILLED_AND_EMPTIED };
  const before = (most: number) =>
    earlier([list(500)], { mib: 44, counted: [{ name: 'app.ORDERS', least: 100, most, falls: 2 }] });
  const heavy = before(900);
  const lighter = { ...heavy, look: { ...heavy.look, objectBytes: 20 * MIB } };
  expect(leaks(reportOf([list(5600)], lighter, about))).toEqual([]);
  expect(leaks(reportOf([list(5600)], heavy, about))).toEqual(['app.ORDERS']);
  expect(leaks(reportOf([list(5600)], { ...heavy, counted: before(5300).counted }, about))).toEqual([]);
});

test('memory that grew for no container is undecided, and a risk where the limit is near', () => {
  expect(reportOf([], earlier([], { mib: 30 })).verdict).toBe('undecided');
  const near = reportOf([], earlier([], { mib: 30 }), { 'memory-limit': limitOf(55) });
  expect(near.verdict).toBe('oom-risk');
  expect(near.headline).toMatch(/^Memory went from 30 MiB to 50 MiB in 3 h, and no Python container/);
});

test('what stands where it stood hours before is healthy, and a leak that would not show is a smaller one', () => {
  const report = reportOf([list(500)], earlier([list(500)]));
  expect(report.verdict).toBe('healthy');
  expect(report.headline).toMatch(/It was 50 MiB 3 h before: a leak of more than \d+ KiB an hour would have shown\.$/);
  expect(report.compared).toMatchObject({ sameProcess: true, seconds: SECONDS, grew: [], shrank: [], new: [] });
});

test('a leak that rests while it is looked at again is not fixed: it has what came in before', () => {
  const leaked = earlier([list(200)], { leaks: [{ name: 'app.ORDERS', itemsPerSecond: 2, bytesPerSecond: 2000 }] });
  expect(reportOf([list(900)], leaked).compared!.fixed).toEqual([]);
  expect(reportOf([list(100)], leaked).compared!.fixed).toHaveLength(1);
});

describe('of another run', () => {
  const other = { pid: 7, startedAtUnixSeconds: START - 3 * SECONDS, command: 'python3 app.py' };

  test('no growth between the two is made up', () => {
    const report = reportOf([list(5600)], earlier([list(200)], { identity: other, mib: 10 }));
    expect(leaks(report)).toEqual([]);
    expect(report.verdict).toBe('healthy');
    expect(report.compared!.grew.map(({ name, itemsPerSecond }) => [name, itemsPerSecond])).toEqual([
      ['app.ORDERS', undefined],
    ]);
  });

  test('sizes are compared only at about one age, or where the younger holds more', () => {
    const aged = (hours: number) =>
      reportOf(
        [list(5600)],
        earlier([list(200)], {
          identity: { ...other, startedAtUnixSeconds: START - SECONDS - hours * 3600 },
        }),
      ).compared!.grew.length;
    // It is six hours old now.
    expect([1, 5, 20].map(aged)).toEqual([0, 1, 1]);
  });

  test('a leak is fixed where it would have shown and did not, and not where it could not have shown', () => {
    const leaked = (itemsPerSecond: number) =>
      earlier([list(200)], {
        identity: other,
        leaks: [{ name: 'app.ORDERS', itemsPerSecond, bytesPerSecond: itemsPerSecond * 1000 }],
      });
    expect(reportOf([list(100)], leaked(2)).compared!.fixed).toHaveLength(1);
    expect(reportOf([list(100)], leaked(2)).headline).toMatch(/Fixed since the earlier case: app\.ORDERS/);
    expect(reportOf([list(100)], leaked(0.1)).compared!.fixed).toEqual([]);
    const idle = { 'memory-series': flat({ cpuSeconds: 0 }) };
    expect(reportOf([list(100)], leaked(2), idle).compared!.fixed).toEqual([]);
    const once = { 'heap-growth': growthOf([], { second: undefined }) };
    expect(reportOf([list(100)], leaked(2), once).compared!.fixed).toEqual([]);
  });

  test('a leak of a program that was started otherwise, and has nothing of that name, is not called fixed', () => {
    const startedAs = (command: string) =>
      earlier([list(200)], {
        identity: { ...other, command },
        leaks: [{ name: 'app.ORDERS', itemsPerSecond: 2, bytesPerSecond: 2000 }],
      });
    const fixed = (command: string, ...now: Holder[]) => reportOf(now, startedAs(command)).compared!.fixed.length;
    expect(fixed('python3 app.py --leaky')).toBe(0);
    expect(fixed('python3 app.py --leaky', list(100))).toBe(1);
    expect(fixed('/old/python3 /srv/v1/app.py')).toBe(1);
  });
});

test('what lies in a container that grew is not counted a second time', () => {
  const inner = (items: number) => list(items, { name: 'app.ORDERS[int]', address: '0x7f0000001000' });
  const grew = (before: number) =>
    reportOf([list(5600), inner(3000)], earlier([list(before), inner(100)])).compared!.grew.map(({ name }) => name);
  expect(grew(200)).toEqual(['app.ORDERS']);
  expect(grew(5600)).toEqual(['app.ORDERS[int]']);
});

test('of containers that share a name, a look that was cut tells no growth', () => {
  const cut = (holders: Holder[]) => ({ containers: { leastBytes: 20_000, leastTogetherBytes: 0, holders } });
  const many = (instances: number) => list(instances * 100, { instances, retainedBytes: instances * 100_000 });
  const grew = (made: typeof listing | typeof cut) => {
    const holders = [many(90)];
    const second = look({ ...(made === cut ? cut(holders) : listing(...holders)) });
    const growth = growthOf([], { second, objectBytesGrown: 0 });
    return reportOf([], earlier([many(30)]), { heap: second, 'heap-growth': growth }).compared!.grew.length;
  };
  expect([grew(listing), grew(cut)]).toEqual([1, 0]);
});
