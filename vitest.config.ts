import { defineConfig } from 'vitest/config';

/** Tests that measure what runs, in real time: they have the machine to themselves, one file at a time. */
const HEAVY = [
  'test/leaks.test.ts',
  'test/compare.test.ts',
  'test/patches*.test.ts',
  'test/demo*.test.ts',
  'test/breakdown*.test.ts',
  'test/debian.test.ts',
  'test/harm*.test.ts',
  'test/heap/{count-watch,look-time}.test.ts',
  'test/{package,tracer,web,cli}/**/*.test.ts',
];
/**
 * Tests on a real Kubernetes, which is started for them (docs/test-cluster.md): after those that measure, because it runs on beside
 * them. Those that read its metrics or wait for kills are alone: pods that crash keep the kubelet from answering others.
 */
const CLUSTER = ['test/cluster/**/*.test.ts'];
const CLUSTER_BESIDE = [
  'faults',
  'kube-source',
  'command-line',
  'life',
  'exec',
  'ephemeral-container',
  'pod-port',
  'pod-harm',
  'in-pod-variants',
  'rights',
  'endpoints',
  'heap-and-stacks',
  'log-and-metrics',
].map((name) => `test/cluster/${name}.test.ts`);
const ON_CLUSTER = { setupFiles: ['test/cluster/started.ts'] };
/**
 * Most tests look at processes that run meanwhile, on machines that others use too. In CI one that fails has a second try, and the run says
 * at its end which ones needed it.
 */
const SHARED = { testTimeout: 120_000, hookTimeout: 120_000, retry: process.env.CI ? 1 : 0 };

export default defineConfig({
  test: {
    globalSetup: ['test/counted-setup.ts'],
    reporters: ['default', './test/closing-line.ts'],
    // By groupOrder, from 1 on: of 0, those with one worker come last.
    projects: [
      { test: { ...SHARED, name: 'heavy', include: HEAVY, maxWorkers: 1, sequence: { groupOrder: 1 } } },
      {
        test: {
          ...SHARED,
          name: 'light',
          include: ['test/**/*.test.ts'],
          exclude: [...HEAVY, ...CLUSTER],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...SHARED,
          ...ON_CLUSTER,
          name: 'cluster-beside',
          include: CLUSTER_BESIDE,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...SHARED,
          ...ON_CLUSTER,
          name: 'cluster',
          include: CLUSTER,
          exclude: CLUSTER_BESIDE,
          maxWorkers: 1,
          globalSetup: ['test/cluster/ended.ts'],
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
