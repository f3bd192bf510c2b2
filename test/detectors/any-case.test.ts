import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Artifacts, artifactSchemas, KEYS, type Processes } from '../../src/core/artifacts.ts';
import { type KubeArtifacts, kubeArtifactSchemas } from '../../src/core/kube-artifacts.ts';
import { HOLDER_KINDS, MEASURES, type Report, VERDICTS } from '../../src/core/report.ts';
import type { Gathered } from '../../src/core/step.ts';
import {
  FEEDS,
  type Grown,
  grownBy,
  growthOf,
  type Look,
  MIB,
  reportOf,
  rising,
  type Source,
  START,
  sourceOf,
  steadily,
  treeOf,
} from '../facts/made.ts';
import { expectValidReport } from '../report-valid.ts';

/**
 * Reports on any case that the schemas let in: what a program in any state, a damaged heap or a stranger's file may give.
 * WHYOOM_TEST_RUNS=20000 looks further. Half of the numbers are such as real programs have, so that findings come about; the others are the edges.
 */
const RUNS = Number(process.env.WHYOOM_TEST_RUNS ?? 400);

const often = <T>(plain: fc.Arbitrary<T>, edge: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: plain, weight: 3 }, { arbitrary: edge, weight: 1 });
const real = (max: number) => fc.double({ min: 0, max, noNaN: true }).map((value) => value + 0);
const bytes = often(
  fc.nat({ max: 200_000_000 }),
  fc.oneof(fc.constantFrom(0, 1, 2 ** 53, 2 ** 64, 5e-324), real(2 ** 64)),
);
const items = often(fc.nat({ max: 5000 }), fc.oneof(fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER), fc.maxSafeNat()));
const time = fc.oneof(fc.constantFrom(0, START, 253_402_300_799), real(253_402_300_799));
const word = fc.oneof(
  fc.constantFrom('ORDERS', 'cache', '__main__.Desk.orders', ''),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const type = fc.oneof(
  fc.constantFrom('list', 'dict', 'bytearray', 'collections.deque', 'frame', 'weakref.ReferenceType'),
  word,
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** A series that goes on as programs do, or numbers of any kind at any times. */
function points(value: fc.Arbitrary<number>): fc.Arbitrary<[number, number][]> {
  const regular = fc
    .record({
      from: fc.nat({ max: 1e8 }),
      step: fc.nat({ max: 5e6 }),
      noise: fc.array(fc.nat({ max: 1000 }), { maxLength: 60 }),
      stop: fc.nat({ max: 60 }),
    })
    .map(({ from, step, noise, stop }) =>
      noise.map((jitter, at): [number, number] => [START + at / 3, from + step * Math.min(at, stop) + jitter]),
    );
  return fc.oneof(regular, fc.array(fc.tuple(time, value), { maxLength: 40 }));
}

const FILE = '/srv/app/app.py';
const site = fc.record({
  module: maybe(fc.constantFrom('app', '__main__')),
  file: maybe(fc.constant(FILE)),
  className: maybe(fc.constantFrom('Desk', 'Nobody')),
  name: maybe(fc.constantFrom('ORDERS', 'cache', 'orders')),
  functionName: maybe(fc.constantFrom('take', 'Desk.take', 'price')),
  functionFile: maybe(fc.constant(FILE)),
  functionLine: maybe(fc.integer({ min: -5, max: 50 })),
  depth: fc.integer({ min: -1, max: 3 }),
  keys: maybe(fc.array(fc.option(word), { maxLength: 2 })),
});

const holder: fc.Arbitrary<Grown['holder']> = fc.record({
  address: fc.constant('0x7f0000000000'),
  name: word,
  kind: fc.constantFrom(...HOLDER_KINDS),
  instances: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1e6 })),
  path: fc.constant([]),
  type,
  items,
  bound: maybe(items),
  elementType: maybe(type),
  ownBytes: bytes,
  retainedBytes: bytes,
  sharedBytes: fc.oneof(fc.constant(0), bytes),
  keeps: fc.array(fc.record({ type, count: fc.nat(), bytes }), { maxLength: 2 }),
  site,
});

/** Half of them grow as a leak does, so that what is found is not always nothing. */
const grown: fc.Arbitrary<Grown> = fc.oneof(
  fc.record({ holder, itemsBefore: items, heldBefore: bytes, counts: points(bytes) }),
  fc
    .record({
      holder,
      step: fc.integer({ min: 1, max: 50 }),
      readings: fc.integer({ min: 4, max: 30 }),
      start: fc.nat({ max: 500 }),
    })
    .map(({ holder, step, readings, start }) => ({
      holder: { ...holder, items: start + step * readings },
      itemsBefore: start,
      heldBefore: 0,
      counts: Array.from({ length: readings + 1 }, (_, at): [number, number] => [START + at / 2, start + step * at]),
    })),
);

const started = fc.oneof(fc.constantFrom(START - 3600, START), time);

const look: fc.Arbitrary<Look> = fc.record({
  atUnixSeconds: time,
  python: fc.constant('3.11.7'),
  pauseMs: bytes,
  copiedBytes: bytes,
  missedBytes: bytes,
  objects: items,
  objectBytes: bytes,
  references: items,
  refused: items,
  partial: maybe(word),
  types: fc.constant([]),
  holders: fc.array(holder, { maxLength: 4 }),
  containers: maybe(
    fc.record({ leastBytes: bytes, leastTogetherBytes: bytes, holders: fc.array(holder, { maxLength: 4 }) }),
  ),
  modules: fc.constantFrom([], [{ name: 'app', file: FILE }], [{ name: '__main__', file: FILE }]),
});

const PROGRAMS = [
  'ORDERS = []\n\ndef take(order):\n    ORDERS.append(order)\n',
  'ORDERS = {}\n\ndef take(n):\n    if n not in ORDERS:\n        ORDERS[n] = n\n    return ORDERS[n]\n',
  'class Desk:\n    orders = []\n    def take(self, n, cache=[]):\n        self.orders.append(n)\n        cache.append(n)\n',
  'import functools\n\n@functools.lru_cache(maxsize=None)\ndef price(n):\n    return n\n',
  'from collections import deque\nORDERS = deque()\n\ndef take(n):\n    ORDERS.append(n)\n\ndef drop():\n    ORDERS.clear()\n',
];
const text = fc.oneof(
  fc.constantFrom(...PROGRAMS),
  fc.tuple(fc.constantFrom(...PROGRAMS), fc.nat({ max: 150 })).map(([program, length]) => program.slice(0, length)),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

/** What is gathered from a process. */
type ProcessKey = Exclude<keyof Artifacts, keyof KubeArtifacts | 'log-digest' | 'log-source'>;
const PROCESS_KEYS = KEYS.filter((key) => !(key in kubeArtifactSchemas) && !key.startsWith('log-')) as ProcessKey[];

const made: { [K in ProcessKey]: fc.Arbitrary<Artifacts[K]> } = {
  processes: fc.oneof(
    fc.record({ rootPid: fc.nat(), tree: fc.constant<Processes['tree']>([]), chosenPid: maybe(fc.nat()) }),
    started.map((startedAtUnixSeconds) => treeOf({ startedAtUnixSeconds })),
  ),
  'memory-limit': fc.record({
    limit: maybe(fc.record({ bytes, scope: fc.constantFrom('container' as const, 'rlimit' as const) })),
    measure: fc.constantFrom(...MEASURES),
    cgroup: maybe(
      fc.record({
        version: fc.constantFrom(1 as const, 2 as const),
        path: word,
        usageBytes: bytes,
        reclaimableBytes: bytes,
        sharedMemoryBytes: bytes,
        events: maybe(fc.record({ oomKills: fc.integer({ min: -1, max: 5 }) })),
      }),
    ),
    machineAvailableBytes: bytes,
  }),
  'memory-series': fc.record({
    pid: fc.nat(),
    measure: fc.constantFrom(...MEASURES),
    source: fc.constantFrom('cgroup' as const, 'process' as const),
    samples: points(bytes),
    rss: points(bytes),
    cpuSeconds: fc.oneof(fc.constantFrom(0, 1), bytes),
    ended: fc.constantFrom('decided' as const, 'time-up' as const, 'interrupted' as const, 'process-exited' as const),
  }),
  heap: look,
  'heap-growth': fc.record({
    seconds: fc.oneof(fc.constantFrom(10, 20, 0, -5, 5e-324, Number.MAX_VALUE), real(100)),
    second: maybe(look),
    objectBytesGrown: fc.oneof(fc.integer(), fc.constantFrom(0, -Number.MAX_VALUE, Number.MAX_VALUE)),
    types: fc.constant([]),
    holders: fc.array(grown, { maxLength: 5 }),
    watched: fc.constantFrom(0, 1, 100_000, 100_000),
  }),
  source: fc.record({
    files: fc.oneof(
      fc.constant<Source['files']>([]),
      text.map((given): Source['files'] => sourceOf(given).files),
    ),
    missing: fc.constant([]),
  }),
  baseline: fc.record({
    tool: word,
    collectedAt: fc.constant('2026-11-18T10:26:51.500Z'),
    name: word,
    identity: maybe(fc.record({ pid: fc.constantFrom(41, 42), startedAtUnixSeconds: started, command: word })),
    look,
    memory: maybe(
      fc.record({
        measure: fc.constantFrom('rss' as const, 'unreclaimable' as const),
        source: fc.constantFrom('cgroup' as const, 'process' as const),
        atUnixSeconds: time,
        bytes,
        leastBytes: bytes,
        mostBytes: bytes,
      }),
    ),
    verdict: fc.constantFrom(...VERDICTS),
    watchedSeconds: real(100),
    leaks: fc.array(fc.record({ name: word, itemsPerSecond: real(1e6), bytesPerSecond: bytes }), { maxLength: 2 }),
    counted: fc.array(fc.record({ name: word, least: items, most: items, falls: fc.nat(5) }), { maxLength: 2 }),
  }),
};

const problem = fc.record({ code: fc.constantFrom('denied' as const, 'absent' as const), message: word });
const ok = <T>(value: fc.Arbitrary<T>) => value.map((each) => ({ ok: true as const, value: each, ms: 1 }));
const outcomeOf = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    { arbitrary: ok(value), weight: 8 },
    { arbitrary: problem.map((each) => ({ ok: false as const, problem: each, ms: 1 })), weight: 1 },
    { arbitrary: fc.constant(undefined), weight: 1 },
  );
const apart = fc.record({
  processes: outcomeOf(made.processes),
  'memory-limit': outcomeOf(made['memory-limit']),
  'memory-series': outcomeOf(made['memory-series']),
  heap: outcomeOf(made.heap),
  'heap-growth': outcomeOf(made['heap-growth']),
  source: outcomeOf(made.source),
  baseline: outcomeOf(made.baseline),
});

/** A program that leaks, seen as it should be: a list, what feeds it, memory that rises along; and one thing that is otherwise. */
const leaking = fc
  .record({
    'memory-series': ok(fc.integer({ min: -1, max: 30 }).map((mibPerSecond) => rising(mibPerSecond / 10))),
    heap: ok(look),
    'heap-growth': ok(
      fc
        .array(fc.tuple(fc.constantFrom(...HOLDER_KINDS), fc.integer({ min: 1, max: 30 }), maybe(items)), {
          minLength: 1,
          maxLength: 3,
        })
        .map((holders) =>
          growthOf(
            holders.map(([kind, mib, bound], at) =>
              grownBy(steadily(), {
                kind: at === 0 ? 'module-variable' : kind,
                bound,
                retainedBytes: mib * MIB,
                sharedBytes: at * MIB,
              }),
            ),
          ),
        ),
    ),
    source: ok(
      fc.constantFrom(
        FEEDS,
        sourceOf('ORDERS = []\n'),
        sourceOf(`${FEEDS.files[0]!.text}\ndef drop():\n    ORDERS.clear()\n`),
      ),
    ),
  })
  .chain((plain) =>
    fc.oneof(
      fc.constant(plain),
      apart.chain((other) => fc.constantFrom(...PROCESS_KEYS).map((key) => ({ ...plain, [key]: other[key] }))),
    ),
  );

/** A program of which an earlier case had less, or more, of what it holds now; whatever was seen in between. */
const compared = fc
  .record({ apart, before: holder, now: holder, looks: fc.tuple(look, look), baseline: made.baseline })
  .map(({ apart, before, now, looks: [first, last], baseline }) => {
    const listed = (each: Grown['holder']) => ({
      holders: [{ ...each, name: 'app.ORDERS', kind: 'module-variable' as const, site: grownBy([]).holder.site }],
      containers: undefined,
    });
    return {
      ...apart,
      processes: { ok: true as const, value: treeOf(), ms: 1 },
      heap: { ok: true as const, value: { ...last, ...listed(now), atUnixSeconds: START }, ms: 1 },
      baseline: {
        ok: true as const,
        value: {
          ...baseline,
          identity: { pid: 41, startedAtUnixSeconds: START - 3600, command: '' },
          look: { ...first, ...listed(before), atUnixSeconds: START - 1800 },
        },
        ms: 1,
      },
    };
  });

/** As a case is read back: what is undefined is not there. */
const anyCase: fc.Arbitrary<Gathered> = fc
  .oneof({ arbitrary: apart, weight: 3 }, { arbitrary: leaking, weight: 1 }, { arbitrary: compared, weight: 1 })
  .map((outcomes) => ({ outcomes: JSON.parse(JSON.stringify(outcomes)), steps: [] }));

const always = (holds: (report: Report, of: Gathered) => void, numRuns = RUNS) =>
  fc.assert(
    fc.property(anyCase, (of) => {
      holds(reportOf(of), of);
    }),
    { numRuns },
  );

test('what is made here is what a saved case may hold', () => {
  fc.assert(
    fc.property(anyCase, ({ outcomes }) => {
      for (const key of KEYS) {
        const outcome = outcomes[key];
        if (outcome?.ok) artifactSchemas[key].parse(outcome.value);
      }
    }),
    { numRuns: 300 },
  );
});

test('and all verdicts and causes come about', () => {
  const seen = new Set<string>();
  always(({ verdict, findings }) => {
    seen.add(verdict);
    for (const { cause, confidence } of findings) seen.add(cause).add(confidence.level);
  }, 3000);
  expect([...seen].sort()).toEqual([
    'global-accumulation',
    'healthy',
    'high',
    'leak',
    'low',
    'medium',
    'oom-risk',
    'reference-leak',
    'retained-objects',
    'unbounded-cache',
    'unbounded-collection',
    'undecided',
    'warm-up',
  ]);
});

describe('the report on any case', () => {
  test('is made: no detector breaks', () =>
    always(({ unknown }) => expect(unknown.filter(({ problem: { code } }) => code === 'broken')).toEqual([])));

  test('is one that the schema allows', () => always((report) => expectValidReport(report)));

  test('has no number that JSON cannot say, and no field that is undefined', () =>
    always((report) => expect(JSON.parse(JSON.stringify(report))).toStrictEqual(report)));

  test('is the same again, and from the same case read back', () =>
    always((report, of) => {
      expect(reportOf(of)).toStrictEqual(report);
      expect(reportOf(JSON.parse(JSON.stringify(of)))).toStrictEqual(report);
    }));

  test('has evidence with a command for each finding, and sentences that end', () =>
    always(({ headline, findings }) => {
      expect(headline).toMatch(/\.$/);
      for (const { summary, evidence } of findings) {
        expect(summary).toMatch(/\.$/);
        expect(evidence.length).toBeGreaterThan(0);
        for (const { says, from, reproduce } of evidence) {
          expect(says).toMatch(/\.$/);
          expect(KEYS).toContain(from);
          expect(reproduce).not.toBe('');
        }
      }
    }));

  test('speaks no nonsense', () =>
    always((report) => {
      const said = report.findings.flatMap(({ summary, evidence }) => [summary, ...evidence.map(({ says }) => says)]);
      // Names are the target's; numbers, units and grammar are ours.
      for (const sentence of [report.headline, ...said])
        expect(sentence).not.toMatch(
          /\b(NaN|Infinity|undefined|null)\b|\b1 (items|bytes|times|containers)\b|(?<![\d.,])0 more/,
        );
    }));

  test('has its findings in the order of the bytes that they explain', () =>
    always(({ findings }) => {
      const explained = findings.map(({ explainsBytesPerSecond }) => explainsBytesPerSecond ?? 0);
      expect(explained).toEqual(explained.toSorted((a, b) => b - a));
    }));

  test('explains no more than the holders gained', () =>
    always(({ findings }, { outcomes }) => {
      const growth = outcomes['heap-growth'];
      if (!growth?.ok) return;
      for (const { explainsBytesPerSecond, holder } of findings)
        if (holder?.growth) expect(explainsBytesPerSecond).toBeLessThanOrEqual(holder.growth.bytesPerSecond);
    }));

  test('is never sure without a line that feeds, memory that grows and a holder that does', () =>
    always(({ findings, growth }) => {
      for (const { confidence, places, holder } of findings.filter((each) => each.confidence.level === 'high')) {
        expect(confidence.basis).toBe('rule');
        expect(places.map(({ role }) => role)).toContain('feeds');
        expect(places.map(({ role }) => role)).not.toContain('empties');
        expect(holder!.growth!.itemsPerSecond).toBeGreaterThan(0);
        expect(growth!.bytesPerSecond.low).toBeGreaterThan(0);
      }
    }));

  test('calls nothing a leak without a holder that grows, and nothing healthy that was not seen twice', () =>
    always(({ verdict, findings, limit }, { outcomes }) => {
      if (verdict === 'leak') expect(findings.some(({ holder }) => holder?.growth)).toBe(true);
      if (verdict !== 'healthy') return;
      const growth = outcomes['heap-growth'];
      const memory = outcomes['memory-series'];
      if (!growth?.ok || !memory?.ok) throw new Error('healthy, but not watched');
      expect(growth.value.second).toBeDefined();
      expect(['interrupted', 'process-exited']).not.toContain(memory.value.ended);
      expect(memory.value.samples.at(-1)![1]).toBeLessThan(limit?.bytes ?? Number.POSITIVE_INFINITY);
    }));

  test('has each estimate between its bounds', () =>
    always(({ growth, eta }) => {
      for (const estimate of [growth?.bytesPerSecond, eta?.seconds]) {
        if (estimate === undefined) continue;
        expect(estimate.low).toBeLessThanOrEqual(estimate.value);
        expect(estimate.value).toBeLessThanOrEqual(estimate.high);
      }
      if (eta?.status === 'estimated') expect(eta.seconds!.low).toBeGreaterThanOrEqual(0);
      else expect(eta?.seconds).toBeUndefined();
    }));
});
