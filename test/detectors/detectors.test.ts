import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ContainerInfo } from '../../src/core/kube-artifacts.ts';
import type { CauseId } from '../../src/core/report.ts';
import { detectors } from '../../src/detectors/index.ts';
import { logOf } from '../facts/logs/log-of.ts';
import {
  flat,
  type Given,
  grownBy,
  growthOf,
  type Holder,
  limitOf,
  look,
  reportOn,
  rising,
  series,
  sourceOf,
  steadily,
} from '../facts/made.ts';
import {
  ended,
  event,
  eventsOf,
  every10,
  metrics,
  NOW,
  pod,
  podReport,
  podsOf,
  running,
  used,
} from '../facts/made-pods.ts';

const LOOKED_UP = sourceOf(`ORDERS = {}


def order(number):
    if number not in ORDERS:
        ORDERS[number] = load(number)
    return ORDERS[number]
`);

const growing = (about: Partial<Holder>, given: Given = {}): Given => ({
  heap: look(),
  'memory-series': rising(1),
  'heap-growth': growthOf([grownBy(steadily(), about)]),
  ...given,
});
const frames = [{ type: 'frame', count: 1000, bytes: 5_000_000 }];
const settled = series((seconds) => 50 + Math.min(seconds, 8));

/** A pod with these containers. */
const podOf = (...containers: Partial<ContainerInfo>[]): Given => ({ pods: podsOf([pod(containers)]) });
const OOM_LOOP = { restarts: 4, state: running(13), lastState: ended(16, 33) };
const killedBy = (exitCode: number) => ({
  restarts: 2,
  state: running(50),
  lastState: ended(52, 40, { reason: 'Error', exitCode }),
});
const DIES_AT_START: Partial<ContainerInfo> = {
  restarts: 3,
  state: { is: 'waiting', reason: 'CrashLoopBackOff' },
  lastState: ended(12, 1),
};
const evicted = {
  phase: 'Failed',
  reason: 'Evicted',
  message: 'The node was low on resource: memory. Container app was using 500Mi.',
};
const still = (mib: number) => ({ 'pod-metrics': metrics(used(every10(6, () => mib))) });

const memoryGrows = Array.from(
  { length: 12 },
  (_, minute) => `2026-11-22 19:${10 + minute}:00 INFO RSS: ${100 + 9 * minute} MB`,
);
const refused = (size: string) =>
  `numpy.core._exceptions._ArrayMemoryError: Unable to allocate ${size} for an array with shape (9000, 9000)`;

/** For each cause: what fires, and what is like it and stays silent. */
const CASES: Partial<Record<CauseId, { fires: [string, Given]; silent: [string, Given][] }>> = {
  'unbounded-collection': {
    fires: ['a list of an instance that only grows', growing({ kind: 'instance-attribute' })],
    silent: [
      ['a deque with a maxlen', growing({ kind: 'instance-attribute', type: 'collections.deque', bound: 5000 })],
      ['the same of a module', growing({ kind: 'module-variable' })],
    ],
  },
  'unbounded-cache': {
    fires: ['a dict that is looked up by its keys', growing({ type: 'dict' }, { source: LOOKED_UP })],
    silent: [
      [
        'an lru_cache with a maxsize',
        growing({ kind: 'cache-decorator', type: 'functools._lru_cache_wrapper', bound: 5000 }),
      ],
      ['a list', growing({}, { source: LOOKED_UP })],
    ],
  },
  'reference-leak': {
    fires: ['what nobody refers to and grows', growing({ kind: 'none', name: '<nobody>' })],
    silent: [['the same in a list of a module', growing({ kind: 'module-variable' })]],
  },
  'retained-objects': {
    fires: ['exceptions with a frame each', growing({ keeps: frames })],
    silent: [['plain items', growing({ keeps: [{ type: 'dict', count: 1000, bytes: 5_000_000 }] })]],
  },
  'global-accumulation': {
    fires: ['a list of a class', growing({ kind: 'class-attribute' })],
    silent: [
      [
        'a list that is filled and emptied',
        growing({}, { 'memory-series': flat(), 'heap-growth': growthOf([grownBy([0, 9, 1, 8, 0, 9])]) }),
      ],
      ['a list that grows by a few bytes', growing({ retainedBytes: 2000 })],
    ],
  },
  'warm-up': {
    fires: ['memory that rose and stands still', { 'memory-series': settled }],
    silent: [
      ['memory that stands still all the time', { 'memory-series': flat() }],
      ['memory that still rises', { 'memory-series': rising(1) }],
      ['a sawtooth that is on its way down', { 'memory-series': series((s) => (s < 12 ? 50 + 4 * s : 55)) }],
      ['a leak that paused', growing({}, { 'memory-series': settled })],
      ['a pod whose memory still rises', { ...podOf({}), 'pod-metrics': metrics(used(every10(9, (s) => 50 + s / 4))) }],
    ],
  },
  'limit-too-low': {
    fires: ['OOM kills a second after each start', podOf(DIES_AT_START)],
    silent: [
      ['a life of half a minute', podOf(OOM_LOOP)],
      ['files in memory that may fill it', podOf({ ...DIES_AT_START, memoryVolumes: [{ name: 'scratch' }] })],
      ['a life that goes on this time', podOf({ restarts: 1, state: running(60), lastState: ended(62, 2) })],
      [
        'a pod beside it that runs under the same limit',
        {
          pods: podsOf([
            pod([{ restarts: 1, state: running(2), lastState: ended(3, 2) }]),
            pod([{}], { name: 'orca-2' }),
          ]),
        },
      ],
      ['memory that stands still half way', { ...podOf({}), ...still(64) }],
    ],
  },
  'shared-memory': {
    fires: [
      'OOM kills at the start, with files in memory',
      podOf({ ...DIES_AT_START, memoryVolumes: [{ name: 'scratch' }] }),
    ],
    silent: [
      [
        'a volume that is kept small',
        podOf({ ...DIES_AT_START, memoryVolumes: [{ name: 'scratch', sizeLimitBytes: 2 ** 20 }] }),
      ],
      ['a life of half a minute', podOf({ ...OOM_LOOP, memoryVolumes: [{ name: 'scratch' }] })],
      ['no volume in memory', podOf(DIES_AT_START)],
    ],
  },
  'memory-spike': {
    fires: [
      'a kill after which memory stands far below the limit',
      { ...podOf({ restarts: 1, state: running(80), lastState: ended(82, 40) }), ...still(30) },
    ],
    silent: [
      [
        'memory that stands right below it',
        { ...podOf({ restarts: 1, state: running(80), lastState: ended(82, 40) }), ...still(125) },
      ],
      [
        'growth too slow to show in that time',
        { ...podOf({ restarts: 1, state: running(80), lastState: ended(82, 90_000) }), ...still(30) },
      ],
      ['no kill', { ...podOf({}), ...still(30) }],
      [
        'a kill and growth',
        {
          ...podOf(OOM_LOOP),
          'pod-metrics': metrics(
            used([
              [9, 40],
              [6, 50],
              [3, 60],
              [0, 70],
            ]),
          ),
        },
      ],
    ],
  },
  'node-pressure': {
    fires: ['a pod that was evicted', { pods: podsOf([pod([{ state: ended(5, 40, { reason: 'Error' }) }], evicted)]) }],
    silent: [
      ['a kill at a limit of its own', podOf(OOM_LOOP)],
      [
        'a kill at the limit of the pod',
        { pods: podsOf([pod([{ ...OOM_LOOP, spec: {} }], { podLevel: { limitBytes: 2 ** 28 } })]) },
      ],
      [
        'a system OOM an hour before',
        {
          ...podOf(OOM_LOOP),
          events: eventsOf(
            event({
              reason: 'SystemOOM',
              message: 'System OOM encountered',
              about: { kind: 'Node', name: 'node-1' },
              lastAtUnixSeconds: NOW - 3600,
            }),
          ),
        },
      ],
    ],
  },
  'killed-not-oom': {
    fires: ['exit code 137 that is not OOMKilled', podOf(killedBy(137))],
    silent: [
      ['an OOM kill', podOf(OOM_LOOP)],
      [
        'a Job that is done',
        {
          pods: podsOf([pod([{ state: ended(5, 40, { reason: 'Completed', exitCode: 0 }) }], { phase: 'Succeeded' })]),
        },
      ],
      ['an eviction', { pods: podsOf([pod([{ state: ended(5, 40, { reason: 'Error' }) }], evicted)]) }],
      ['a container that runs', podOf({})],
    ],
  },
  'other-container': {
    fires: ['a sidecar that was OOM killed', podOf({}, { name: 'proxy', kind: 'sidecar', ...OOM_LOOP })],
    silent: [
      ['the container itself', podOf(OOM_LOOP, { name: 'proxy', kind: 'sidecar' })],
      ['the same container in another pod', { pods: podsOf([pod([{}]), pod([OOM_LOOP], { name: 'orca-2' })]) }],
    ],
  },
  'reference-cycle': {
    fires: [
      'a log that says that the collector is off, while memory grows',
      logOf('gc.isenabled(): False', ...memoryGrows),
    ],
    silent: [
      ['one that says that it is on again', logOf('gc.isenabled(): False', ...memoryGrows, 'gc.isenabled(): True')],
      ['one that finds much', logOf('gc: done, 9000 unreachable, 0 uncollectable, 0.01s elapsed', ...memoryGrows)],
    ],
  },
  'large-allocation': {
    fires: ['an array that could not be had', logOf(refused('2.41 GiB'))],
    silent: [
      ['a small one', logOf(refused('1.20 MiB'))],
      [
        'memory of a graphics card',
        logOf('CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 14.76 GiB total capacity)'),
      ],
    ],
  },
};

test('each detector has a file of its name, a line in the index and cases here', () => {
  const ids = [...new Set(detectors.map(({ id }) => id))].sort();
  const files = readdirSync(new URL('../../src/detectors', import.meta.url)).filter((file) => file !== 'index.ts');
  expect(files.map((file) => file.replace('.ts', '')).sort()).toEqual(ids);
  expect(Object.keys(CASES).sort()).toEqual(ids);
});

describe.each(Object.entries(CASES))('%s', (id, { fires: [name, given], silent }) => {
  const causes = (of: Given) => (of.pods ? podReport(of) : reportOn(of)).findings.map(({ cause }) => cause);

  test(`fires on ${name}, and no other does`, () => expect(causes(given)).toEqual([id]));
  test.each(silent)('stays silent on %s', (_, of) => expect(causes(of)).not.toContain(id));
});

describe('warm-up', () => {
  const found = (given: Given) => reportOn({ heap: look(), 'memory-series': settled, ...given }).findings[0]!;

  test('names what filled, and has nothing to do', () => {
    const filled = growthOf([grownBy([0, 0, 0, 0, 1 / 3, 2 / 3, 1, 1, 1, 1, 1])]);
    expect(found({ 'heap-growth': filled })).toMatchObject({
      summary: 'Memory rose from 50 MiB to 58 MiB and then stood still. app.ORDERS filled to 1 item.',
      confidence: { level: 'medium' },
      fix: { advice: [] },
    });
  });
  test('shows the number that was watched', () => {
    const cgroup = {
      version: 1 as const,
      path: '/sys/fs/cgroup/memory/app',
      usageBytes: 0,
      reclaimableBytes: 0,
      sharedMemoryBytes: 0,
    };
    const given = {
      'memory-series': { ...settled, source: 'cgroup' as const },
      'memory-limit': limitOf(128, { cgroup }),
    };
    expect(found(given).evidence.map(({ reproduce }) => reproduce)).toEqual([
      `awk 'NF == 1 { n += $1 } $1 ~ /^total_(in)?active_file$/ { n -= $2 } END { printf "%.0f\\n", n }' /sys/fs/cgroup/memory/app/memory.usage_in_bytes /sys/fs/cgroup/memory/app/memory.stat`,
    ]);
  });
});
