import type { Artifacts } from '../../src/core/artifacts.ts';
import type { Case } from '../../src/core/case.ts';
import type { HeapLook } from '../../src/heap/answer.ts';

export const processes: Artifacts['processes'] = {
  rootPid: 41,
  tree: [
    {
      pid: 41,
      parentPid: 1,
      command: '/usr/bin/python3 -u /app/app.py',
      executable: '/usr/bin/python3',
      threads: 1,
      rssBytes: 50_000_000,
      startedAtUnixSeconds: 1_795_000_000,
      python: { implementation: 'cpython', version: '3.11' },
    },
  ],
  chosenPid: 41,
};

export const memoryLimit: Artifacts['memory-limit'] = {
  limit: { bytes: 134_217_728, scope: 'container' },
  measure: 'unreclaimable',
  machineAvailableBytes: 8e9,
};

export const memorySeries: Artifacts['memory-series'] = {
  pid: 41,
  measure: 'unreclaimable',
  source: 'cgroup',
  samples: [
    [1_795_000_010, 50_000_000],
    [1_795_000_011, 52_000_000],
  ],
  rss: [
    [1_795_000_010, 49_000_000],
    [1_795_000_011, 51_000_000],
  ],
  cpuSeconds: 0.5,
  ended: 'decided',
};

export const holder: HeapLook['holders'][number] = {
  address: '0x7f0000000000',
  name: 'app.CACHE',
  kind: 'module-variable',
  instances: 1,
  path: [
    { kind: 'module', name: 'app', file: '/app/app.py' },
    { kind: 'attribute', name: 'CACHE' },
  ],
  type: 'dict',
  items: 100,
  elementType: 'bytes',
  ownBytes: 4704,
  retainedBytes: 20_000_000,
  sharedBytes: 0,
  keeps: [{ type: 'bytes', count: 100, bytes: 20_000_000 }],
  site: { module: 'app', file: '/app/app.py', name: 'CACHE', depth: 0 },
};

export const heap: Artifacts['heap'] = {
  atUnixSeconds: 1_795_000_010.5,
  python: '3.11.7',
  pauseMs: 12.25,
  copiedBytes: 40_000_000,
  missedBytes: 0,
  objects: 52_000,
  objectBytes: 38_000_000,
  references: 120_000,
  refused: 0,
  types: [{ type: 'bytes', count: 100, bytes: 20_000_000 }],
  holders: [holder],
  modules: [{ name: 'app', file: '/app/app.py' }],
};

/** A case of a small program, with a step that failed and one that lacked what it needs. */
export const exampleCase: Case = {
  version: 1,
  tool: '0.1.0',
  collectedAt: '2026-11-18T10:26:51.500Z',
  target: { kind: 'process', name: 'python3 app.py (pid 41)' },
  options: { watchMs: 20_000, maxPauseMs: 1000 },
  outcomes: {
    processes: { ok: true, value: processes, ms: 3 },
    'memory-limit': { ok: true, value: memoryLimit, ms: 2 },
    'memory-series': { ok: true, value: memorySeries, ms: 1001 },
    heap: { ok: true, value: heap, ms: 400 },
    'heap-growth': {
      ok: false,
      ms: 17,
      problem: { code: 'denied', message: 'it may not be read', hint: 'sudo whyoom --pid 41' },
    },
    source: { ok: false, ms: 0, problem: { code: 'denied', message: 'it may not be read' }, root: 'heap-growth' },
  },
  steps: [
    { key: 'processes', rung: 'local', note: '1 process' },
    { key: 'memory-limit', rung: 'local', note: '128 MiB' },
    { key: 'memory-series', rung: 'local', note: '2 samples in 1 s' },
    { key: 'heap', rung: 'attach', note: 'paused 12 ms, 52,000 objects' },
    { key: 'heap-growth', rung: 'attach' },
    { key: 'source', rung: 'local', note: 'needs heap-growth' },
  ],
};
