import type { Artifacts, Key, ProcessInfo } from '../../src/core/artifacts.ts';
import { diagnose } from '../../src/core/diagnose.ts';
import type { Problem } from '../../src/core/problem.ts';
import type { Report } from '../../src/core/report.ts';
import type { Gathered } from '../../src/core/step.ts';
import { detectors } from '../../src/detectors/index.ts';
import { judge } from '../../src/facts/verdict.ts';

/** Plain artifacts, as short as a test can say them. Everything that is not said is that of a quiet program of 50 MiB. */

export type Series = Artifacts['memory-series'];
export type Limit = Artifacts['memory-limit'];
export type Growth = Artifacts['heap-growth'];
export type Grown = Growth['holders'][number];
export type Holder = Grown['holder'];
export type Look = Artifacts['heap'];
export type Source = Artifacts['source'];

export const MIB = 2 ** 20;
export const START = 1_795_000_000;

/** Memory at `count` moments, `every` seconds apart, of so many MiB at each. */
export function series(mibAt: (seconds: number) => number, about: Partial<Series> & { seconds?: number } = {}): Series {
  const { seconds = 20, ...rest } = about;
  const samples = Array.from({ length: seconds * 4 + 1 }, (_, at): [number, number] => {
    return [START + at / 4, Math.round(mibAt(at / 4) * MIB)];
  });
  return { pid: 41, measure: 'rss', source: 'process', samples, rss: [], cpuSeconds: 2, ended: 'time-up', ...rest };
}

export const flat = (about: Partial<Series> & { seconds?: number } = {}): Series => series(() => 50, about);
export const rising = (mibPerSecond: number, about: Partial<Series> & { seconds?: number } = {}): Series =>
  series((seconds) => 50 + mibPerSecond * seconds, about);

export const limitOf = (mib: number | undefined, about: Partial<Limit> = {}): Limit => ({
  ...(mib === undefined ? {} : { limit: { bytes: mib * MIB, scope: 'container' } }),
  measure: 'rss',
  machineAvailableBytes: 8e9,
  ...about,
});

/** A limit of a control group in which the kernel has killed so often. */
export const killedIn = (oomKills: number, mib = 128): Limit =>
  limitOf(mib, {
    cgroup: {
      version: 2,
      path: '/sys/fs/cgroup/app',
      usageBytes: 0,
      reclaimableBytes: 0,
      sharedMemoryBytes: 0,
      events: { oomKills },
    },
  });

export const holderOf = (about: Partial<Holder> = {}): Holder => ({
  address: '0x7f0000000000',
  name: 'app.ORDERS',
  kind: 'module-variable',
  instances: 1,
  path: [],
  type: 'list',
  items: 1000,
  elementType: 'dict',
  ownBytes: 8000,
  retainedBytes: 10 * MIB,
  sharedBytes: 0,
  keeps: [],
  site: { module: 'app', file: '/srv/app/app.py', name: 'ORDERS', depth: 0 },
  ...about,
});

/** Counts every half second, from the first look on. */
export const counts = (items: readonly number[]): [number, number][] =>
  items.map((count, at) => [START + at / 2, count]);

/** A holder that had `items[0]` items and has the last of them; what it keeps grew as they did, and started at nothing. */
export function grownBy(items: readonly number[], about: Partial<Holder> = {}): Grown {
  const holder = holderOf({ items: items.at(-1) ?? 0, ...about });
  const before = items[0] ?? 0;
  const held = holder.retainedBytes + holder.sharedBytes;
  return {
    holder,
    itemsBefore: before,
    heldBefore: (held * before) / Math.max(1, holder.items),
    counts: counts(items),
  };
}

/** 0, step, 2·step … at 21 readings in ten seconds. */
export const steadily = (step = 50): number[] => Array.from({ length: 21 }, (_, at) => at * step);

/** The tree of one process, 41, which is read, with what is said of it; and whatever else runs under it. */
export const treeOf = (
  about: Partial<ProcessInfo> = {},
  ...others: Partial<ProcessInfo>[]
): Artifacts['processes'] => ({
  rootPid: 41,
  chosenPid: 41,
  tree: [about, ...others].map((each) => ({
    pid: 41,
    parentPid: 1,
    command: 'python3 app.py',
    executable: '/usr/bin/python3',
    threads: 1,
    rssBytes: 50 * MIB,
    startedAtUnixSeconds: START - 3600,
    python: { implementation: 'cpython', version: '3.11' },
    ...each,
  })),
});

export const look = (about: Partial<Look> = {}): Look => ({
  atUnixSeconds: START,
  python: '3.11.7',
  pauseMs: 12,
  copiedBytes: 40 * MIB,
  missedBytes: 0,
  objects: 52_000,
  objectBytes: 38 * MIB,
  references: 120_000,
  refused: 0,
  types: [],
  holders: [],
  modules: [{ name: 'app', file: '/srv/app/app.py' }],
  ...about,
});

export const growthOf = (holders: readonly Grown[], about: Partial<Growth> = {}): Growth => ({
  seconds: 10,
  second: look(),
  objectBytesGrown: 10 * MIB,
  types: [],
  holders: [...holders],
  watched: 100,
  ...about,
});

export const sourceOf = (text: string): Source => ({
  files: [{ path: '/srv/app/app.py', module: 'app', sha256: 'a'.repeat(64), text }],
  missing: [],
});

export const FEEDS = sourceOf('ORDERS = []\n\n\ndef take(order):\n    ORDERS.append(order)\n');

export type Given = { readonly [K in Key]?: Artifacts[K] | Problem };

/** What was gathered, from values and from the problems where there are none. */
export function gathered(given: Given): Gathered {
  const outcomes = Object.entries(given).map(([key, value]) => [
    key,
    'code' in value ? { ok: false, problem: value, ms: 1 } : { ok: true, value, ms: 1 },
  ]);
  return { outcomes: Object.fromEntries(outcomes), steps: [] };
}

/** The whole report, as every command makes it. */
export const reportOn = (given: Given): Report => reportOf(gathered(given));

export const reportOf = (all: Gathered): Report =>
  diagnose(all, detectors, {
    tool: '0.1.0',
    collectedAt: '2026-11-18T10:26:51.500Z',
    target: { kind: 'process', name: 'python3 app.py (pid 41)' },
    judge,
  });
