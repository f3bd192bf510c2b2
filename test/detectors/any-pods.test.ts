import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { artifactSchemas } from '../../src/core/artifacts.ts';
import { type KubeArtifacts, kubeArtifactSchemas } from '../../src/core/kube-artifacts.ts';
import type { Estimate, Report } from '../../src/core/report.ts';
import type { Gathered } from '../../src/core/step.ts';
import { formats } from '../../src/formats/index.ts';
import { reportOf } from '../facts/made.ts';
import { ended, every10, pod as madePod, metrics, NOW, podsOf, running, used } from '../facts/made-pods.ts';
import { expectValidReport } from '../report-valid.ts';

/**
 * Reports on any answers of an API that the schemas let in. Half of the numbers are such as clusters have, so that findings
 * come about; the others are the edges. WHYOOM_TEST_RUNS=20000 looks further.
 */
const RUNS = Number(process.env.WHYOOM_TEST_RUNS ?? 400);

const often = <T>(plain: fc.Arbitrary<T>, edge: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: plain, weight: 4 }, { arbitrary: edge, weight: 1 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const real = (max: number) => fc.double({ min: 0, max, noNaN: true }).map((value) => value + 0);
const MIB = 2 ** 20;
const bytes = often(
  fc.integer({ min: 1, max: 256 }).map((mib) => mib * MIB),
  fc.oneof(fc.constantFrom(0, 1, 2 ** 64, 5e-324), real(2 ** 64)),
);
const time = often(
  fc.integer({ min: 0, max: 600 }).map((ago) => NOW - ago),
  fc.oneof(fc.constantFrom(0, NOW + 3600, 253_402_300_799), real(253_402_300_799)),
);
const count = often(fc.nat({ max: 6 }), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const word = often(fc.constantFrom('app', 'node-1', 'low on memory'), fc.string({ unit: 'binary', maxLength: 20 }));
const name = fc.constantFrom('orca-1', 'orca-2', 'orca-3', "o'rca\n$(x)", '');
const containerName = fc.constantFrom('app', 'proxy', 'init"x', '-c');

const terminated = fc.record({
  is: fc.constant('terminated' as const),
  reason: maybe(fc.oneof(fc.constantFrom('OOMKilled', 'OOMKilled', 'Error', 'Completed', 'StartError'), word)),
  exitCode: fc.oneof(fc.constantFrom(0, 1, 127, 137, 137, 139, 143), fc.integer()),
  signal: maybe(fc.integer()),
  startedAtUnixSeconds: maybe(time),
  finishedAtUnixSeconds: maybe(time),
  message: maybe(word),
});
const state = fc.oneof(
  fc.record({ is: fc.constant('running' as const), startedAtUnixSeconds: maybe(time) }),
  terminated,
  fc.record({
    is: fc.constant('waiting' as const),
    reason: maybe(fc.oneof(fc.constantFrom('CrashLoopBackOff', 'ImagePullBackOff', 'PodInitializing'), word)),
    message: maybe(
      fc.oneof(fc.constantFrom('back-off 40s restarting failed container', 'back-off 9999m9999s restarting'), word),
    ),
  }),
  fc.constant({ is: 'unknown' as const }),
);
const resources = fc.record({ requestBytes: maybe(bytes), limitBytes: maybe(bytes) });
const container = fc.record({
  name: containerName,
  kind: fc.constantFrom('main' as const, 'main' as const, 'init' as const, 'sidecar' as const, 'ephemeral' as const),
  image: word,
  ready: fc.boolean(),
  restarts: count,
  state,
  lastState: maybe(terminated),
  spec: resources,
  inForce: maybe(resources),
  hasLivenessProbe: fc.boolean(),
  hasStartupProbe: fc.boolean(),
  memoryVolumes: maybe(fc.array(fc.record({ name: word, sizeLimitBytes: maybe(bytes) }), { maxLength: 2 })),
});
const condition = fc.record({
  type: fc.constantFrom('PodScheduled', 'DisruptionTarget', 'MemoryPressure', 'Ready'),
  status: fc.constantFrom('True', 'False', 'Unknown', ''),
  reason: maybe(fc.oneof(fc.constantFrom('Unschedulable', 'TerminationByKubelet', 'PreemptionByScheduler'), word)),
  message: maybe(word),
});
const pod = fc.record({
  name,
  uid: fc.constantFrom('a', 'b', ''),
  phase: fc.oneof(fc.constantFrom('Running', 'Pending', 'Failed', 'Succeeded'), word),
  reason: maybe(fc.oneof(fc.constantFrom('Evicted', 'NodeLost', ''), word)),
  message: maybe(fc.oneof(fc.constant('The node was low on resource: memory.'), word)),
  createdAtUnixSeconds: time,
  deletingAtUnixSeconds: maybe(time),
  node: maybe(fc.constantFrom('node-1', 'node-2')),
  revision: maybe(fc.constantFrom('h1', 'h2')),
  conditions: fc.oneof(fc.array(condition, { maxLength: 0 }), fc.array(condition, { maxLength: 3 })),
  podLevel: maybe(resources),
  containers: fc.array(container, { maxLength: 3 }),
});
const podList = fc.array(pod, { maxLength: 4 });
const pods = fc
  .record({
    context: maybe(word),
    workload: fc.record({
      reference: word,
      name: word,
      namespace: fc.constantFrom('app-95', '', "n's"),
      replicas: maybe(fc.record({ wanted: maybe(count), ready: maybe(count) })),
    }),
    pods: podList,
    chosen: maybe(fc.record({ pod: name, container: containerName, why: word })),
    atUnixSeconds: often(fc.constant(NOW), time),
    clockAheadSeconds: fc.constantFrom(0, -3600, 1e9),
  })
  .map((each) => {
    const [first] = each.pods;
    const chosen = first?.containers[0] && { pod: first.name, container: first.containers[0].name, why: 'first' };
    return each.chosen?.pod === '' || chosen === undefined ? each : { ...each, chosen };
  });

/** As clusters measure: every few seconds, rising or not; or any numbers at any times. */
const samples = fc.oneof(
  fc
    .record({
      from: fc.integer({ min: 1, max: 120 }),
      step: fc.integer({ min: -1, max: 5 }),
      noise: fc.array(fc.nat({ max: 9000 }), { maxLength: 12 }),
    })
    .map(({ from, step, noise }) =>
      noise.map((jitter, at): [number, number] => [
        NOW - (noise.length - 1 - at) * 10,
        Math.max(0, (from + step * at) * MIB + jitter),
      ]),
    ),
  fc.array(fc.tuple(time, bytes), { maxLength: 12 }),
);
const series = fc.array(
  fc.record({
    pod: name,
    container: containerName,
    measure: fc.constantFrom(
      'working-set' as const,
      'working-set' as const,
      'rss' as const,
      'restarts' as const,
      'limit' as const,
    ),
    samples,
  }),
  { maxLength: 5 },
);
const event = fc.record({
  type: fc.constantFrom('Warning', 'Normal'),
  reason: fc.oneof(fc.constantFrom('Killing', 'Unhealthy', 'Evicted', 'SystemOOM', 'TaintManagerEviction'), word),
  message: fc.oneof(
    fc.constantFrom('Container app failed liveness probe, will be restarted', 'Liveness probe failed: x'),
    word,
  ),
  about: fc.record({
    kind: fc.constantFrom('Pod', 'Node'),
    name: fc.oneof(name, fc.constant('node-1')),
    container: maybe(containerName),
  }),
  firstAtUnixSeconds: maybe(time),
  lastAtUnixSeconds: time,
  count: fc.integer({ min: 1, max: 5 }),
});
const logText = fc.oneof(
  fc.constantFrom(
    'Traceback (most recent call last):\n  File "a.py"\nValueError: no\n',
    'Traceback (most recent call last):\nMemoryError\n',
  ),
  word,
);

const MADE_INSIDE = fc.record({
  pod: name,
  container: containerName,
  way: fc.constantFrom('exec' as const, 'ephemeral' as const),
  rootPid: fc.constant(1),
  python: fc.constant('3.9.18'),
  headroomBytes: maybe(bytes),
  refused: fc.constant([]),
}) as fc.Arbitrary<KubeArtifacts['inside']>;

const port = fc.constantFrom(1, 8000, 65_535);
const MADE_ENDPOINTS = fc.record({
  pod: name,
  container: containerName,
  ports: fc.array(port, { maxLength: 2 }),
  portsFrom: fc.constantFrom('spec' as const, 'listening' as const),
  found: fc.array(
    fc.oneof(
      fc.record({
        is: fc.constant('metrics' as const),
        port,
        path: fc.constant('/metrics'),
        residentBytes: maybe(bytes),
        gauges: fc.array(
          fc.record({ name: logText, value: fc.double({ noNaN: true, noDefaultInfinity: true }), series: count }),
        ),
      }),
      fc.record({
        is: fc.constant('memory' as const),
        port,
        path: fc.constant('/debug/memory'),
        sites: fc.array(fc.record({ file: logText, bytes, line: maybe(count) }), { maxLength: 3 }),
      }),
      fc.record({
        is: fc.constant('toolbar' as const),
        port,
        path: fc.constant('/'),
        of: fc.constantFrom('flask' as const, 'django' as const),
      }),
    ),
    { maxLength: 3 },
  ),
  skipped: fc.array(fc.record({ port, path: fc.constant('/debug/memory'), why: logText }), { maxLength: 2 }),
  silent: fc.array(fc.record({ port, message: logText }), { maxLength: 2 }),
}) as fc.Arbitrary<KubeArtifacts['endpoints']>;

const made: { [K in keyof Omit<KubeArtifacts, 'rights'>]: fc.Arbitrary<KubeArtifacts[K]> } = {
  inside: MADE_INSIDE,
  pods: pods as fc.Arbitrary<KubeArtifacts['pods']>,
  'pods-later': fc.record({ pods: podList as fc.Arbitrary<KubeArtifacts['pods-later']['pods']>, atUnixSeconds: time }),
  events: fc.record({ events: fc.array(event, { maxLength: 5 }) }) as fc.Arbitrary<KubeArtifacts['events']>,
  'limit-ranges': fc.record({
    ranges: fc.array(fc.record({ name: word, type: fc.constant('Container'), defaultLimitBytes: maybe(bytes) }), {
      maxLength: 2,
    }),
  }),
  nodes: fc.record({
    nodes: fc.array(
      fc.record({
        name: fc.constantFrom('node-1', 'node-2'),
        conditions: fc.array(condition, { maxLength: 2 }),
        memoryCapacityBytes: maybe(bytes),
        memoryAllocatableBytes: maybe(bytes),
        unschedulable: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
  }) as fc.Arbitrary<KubeArtifacts['nodes']>,
  rollout: fc.record({
    revisions: fc.array(
      fc.record({
        revision: count,
        name: word,
        hash: maybe(fc.constantFrom('h1', 'h2')),
        createdAtUnixSeconds: time,
        changes: fc.array(word, { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
  }),
  'pod-metrics': fc.record({
    series,
    asked: count,
    windowSeconds: maybe(fc.constantFrom(15, 0, -1, 1e9)),
    ended: fc.constantFrom('decided' as const, 'time-up' as const),
  }),
  'node-stats': fc.record({ series }),
  prometheus: fc.record({
    from: word,
    series,
    fromUnixSeconds: time,
    toUnixSeconds: time,
    stepSeconds: fc.constantFrom(30, 0),
  }),
  endpoints: MADE_ENDPOINTS,
  logs: fc.record({
    logs: fc.array(
      fc.record({
        pod: name,
        container: containerName,
        previous: fc.boolean(),
        text: logText,
        lines: count,
        redacted: count,
      }),
      { maxLength: 3 },
    ),
  }),
};

const problem = fc.record({ code: fc.constantFrom('denied' as const, 'absent' as const), message: word });
const ok = <T>(value: fc.Arbitrary<T>) => value.map((each) => ({ ok: true as const, value: each, ms: 1 }));
const okay = <T>(value: T) => ({ ok: true as const, value, ms: 1 });
const outcomeOf = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    { arbitrary: ok(value), weight: 6 },
    { arbitrary: problem.map((each) => ({ ok: false as const, problem: each, ms: 1 })), weight: 1 },
    { arbitrary: fc.constant(undefined), weight: 1 },
  );

/** One plain pod that was killed or not, measured as it should be: what it does then decides. */
const plain = fc
  .record({
    killed: fc.boolean(),
    lived: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 100 })),
    runs: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 60, max: 600 })),
    files: fc.boolean(),
    from: fc.integer({ min: 10, max: 128 }),
    rise: fc.constantFrom(0, 0, 1, 5),
    rises: fc.integer({ min: 0, max: 12 }),
    moments: fc.integer({ min: 3, max: 15 }),
  })
  .map(({ killed, lived, runs, files, from, rise, rises, moments }) => ({
    pods: okay(
      podsOf([
        madePod([
          killed
            ? {
                restarts: 1,
                state: running(runs),
                lastState: ended(runs + 2, lived),
                memoryVolumes: files ? [{ name: 'scratch' }] : [],
              }
            : { state: running(runs) },
        ]),
      ]),
    ),
    events: okay({ events: [] }),
    'pod-metrics': okay(metrics(used(every10(moments, (seconds) => from + rise * Math.min(seconds / 10, rises))))),
  }));

/** As a case is read back: what is undefined is not there. */
const apart = fc.record({
  pods: fc.oneof(
    { arbitrary: ok(made.pods), weight: 30 },
    { arbitrary: problem.map((each) => ({ ok: false as const, problem: each, ms: 1 })), weight: 1 },
  ),
  'pods-later': outcomeOf(made['pods-later']),
  events: outcomeOf(made.events),
  'limit-ranges': outcomeOf(made['limit-ranges']),
  nodes: outcomeOf(made.nodes),
  rollout: outcomeOf(made.rollout),
  'pod-metrics': outcomeOf(made['pod-metrics']),
  'node-stats': outcomeOf(made['node-stats']),
  prometheus: outcomeOf(made.prometheus),
  inside: outcomeOf(made.inside),
  endpoints: outcomeOf(made.endpoints),
  logs: outcomeOf(made.logs),
});
const anyPods: fc.Arbitrary<Gathered> = fc
  .oneof({ arbitrary: apart, weight: 4 }, { arbitrary: plain, weight: 1 })
  .map((outcomes) => ({ outcomes: JSON.parse(JSON.stringify(outcomes)), steps: [] }));

const always = (holds: (report: Report, of: Gathered) => void, numRuns = RUNS) =>
  fc.assert(
    fc.property(anyPods, (of) => {
      holds(reportOf(of), of);
    }),
    { numRuns },
  );

test('what is made here is what a saved case may hold', () => {
  fc.assert(
    fc.property(anyPods, ({ outcomes }) => {
      for (const key of Object.keys(kubeArtifactSchemas) as (keyof KubeArtifacts)[]) {
        const outcome = outcomes[key];
        if (outcome?.ok) artifactSchemas[key].parse(outcome.value);
      }
    }),
    { numRuns: 300 },
  );
});

test('and all verdicts and causes that an API can tell come about', () => {
  const seen = new Set<string>();
  always(({ verdict, findings }) => {
    seen.add(verdict);
    for (const { cause } of findings) seen.add(cause);
  }, 3000);
  expect([...seen].sort()).toEqual([
    'healthy',
    'killed-not-oom',
    'limit-too-low',
    'memory-spike',
    'node-pressure',
    'oom-risk',
    'other-container',
    'shared-memory',
    'undecided',
    'warm-up',
  ]);
});

describe('the report on any pods', () => {
  test('is made: no detector breaks', () =>
    always(({ unknown }) => expect(unknown.filter(({ problem: { code } }) => code === 'broken')).toEqual([])));

  test('is one that the schema allows, without a number that JSON cannot say or a field that is undefined', () =>
    always((report) => {
      expectValidReport(report);
      expect(JSON.parse(JSON.stringify(report))).toStrictEqual(report);
    }));

  test('is the same again', () =>
    always((report, of) => expect(reportOf(JSON.parse(JSON.stringify(of)))).toStrictEqual(report)));

  test('has sentences that end, and evidence with a command that kubectl takes', () =>
    always(({ headline, findings }) => {
      expect(headline).toMatch(/\.$/);
      for (const { summary, evidence } of findings) {
        expect(summary).toMatch(/\.$/);
        expect(evidence.length).toBeGreaterThan(0);
        for (const { says, reproduce } of evidence) {
          expect(says).not.toBe('');
          expect(reproduce).toMatch(/^kubectl (?:get|describe|top|logs) /);
          expect(quotesClosed(reproduce)).toBe(true);
        }
      }
    }));

  test('has estimates whose value lies in their interval, and no time below zero', () =>
    always(({ growth, eta }) => {
      for (const estimate of [growth?.bytesPerSecond, eta?.seconds]) if (estimate) expectOrdered(estimate);
      if (eta?.status === 'estimated') expect(eta.seconds!.low).toBeGreaterThanOrEqual(0);
      else expect(eta?.seconds).toBeUndefined();
    }));

  test('claims no kill that no status tells of', () =>
    always(({ kills = [], headline }, { outcomes }) => {
      const told = [outcomes.pods, outcomes['pods-later']]
        .flatMap((outcome) => (outcome?.ok ? outcome.value.pods : []))
        .flatMap(({ containers }) => containers)
        .flatMap(({ state, lastState }) => [lastState, state.is === 'terminated' ? state : undefined])
        .filter((end) => end?.reason === 'OOMKilled');
      expect(kills.length).toBeLessThanOrEqual(told.length);
      if (told.length === 0) expect(headline).not.toMatch(/OOM killed/);
    }));

  test('is drawn in every format', () =>
    always((report) => {
      for (const { render } of formats)
        expect(render(report, { width: 80, color: false, unicode: true })).not.toMatch(
          /NaN|undefined|Infinity|\[object/,
        );
    }, RUNS / 4));
});

function expectOrdered({ low, value, high }: Estimate): void {
  expect(low).toBeLessThanOrEqual(value);
  expect(value).toBeLessThanOrEqual(high);
}

/** Outside of single quotes there is nothing that a shell acts on. */
const quotesClosed = (command: string): boolean =>
  !/[^\w@%+=:,./\s\\-]/.test(command.replaceAll("'\\''", '').replace(/'[^']*'/g, ''));
