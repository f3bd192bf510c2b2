import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/counted-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores, and tests that run real programs: more workers only make the programs slower than they are.
    maxWorkers: 2,
  },
});
