import { defineConfig } from 'vitest/config';

/** Tests that run many programs at once, or measure what runs: they have the machine to themselves, one file at a time. */
const HEAVY = [
  'test/leaks*.test.ts',
  'test/compare.test.ts',
  'test/patches*.test.ts',
  'test/demo*.test.ts',
  'test/breakdown*.test.ts',
  'test/debian.test.ts',
  'test/harm*.test.ts',
  'test/{heap,package,tracer,web,cli,python}/**/*.test.ts',
];
/** Tests on a real Kubernetes, which is started for them (docs/test-cluster.md): last, because it runs on beside them. */
const CLUSTER = ['test/cluster/**/*.test.ts'];
const SHARED = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    globalSetup: ['test/counted-setup.ts'],
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      {
        test: {
          ...SHARED,
          name: 'light',
          include: ['test/**/*.test.ts'],
          exclude: [...HEAVY, ...CLUSTER],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...SHARED, name: 'heavy', include: HEAVY, maxWorkers: 1, sequence: { groupOrder: 1 } } },
      {
        test: {
          ...SHARED,
          name: 'cluster',
          include: CLUSTER,
          // They wait more than they work, each in a namespace of its own.
          maxWorkers: 2,
          globalSetup: ['test/cluster/ended.ts'],
          setupFiles: ['test/cluster/started.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
