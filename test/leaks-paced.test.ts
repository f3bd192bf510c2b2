import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { counted } from './counted.ts';
import { diagnosedPaced } from './python/paced.ts';
import { healthyPrograms, interpreters, leakingPrograms, renamed } from './python/programs.ts';
import { expectHolders } from './whyoom.ts';

/**
 * Every program under random names on every interpreter, with time that passes as fast as the program works:
 * holders, kinds and lines must be exact. `WHYOOM_TEST_SEED` repeats a run. (leaks.test.ts does it in real time.)
 */
vi.setConfig({ maxConcurrency: 2, testTimeout: 120_000 });

const WATCH_MS = 10_000;
const seed = Number(process.env.WHYOOM_TEST_SEED ?? Math.floor(Math.random() * 1e9));
console.log(`Renamed by WHYOOM_TEST_SEED=${seed}`);
const folder = mkdtempSync(join(tmpdir(), 'whyoom-paced-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.concurrent.each(interpreters())('on $version', (interpreter) => {
  test.each(leakingPrograms())('the holders of $name, their kinds and the lines that feed them', async (given) => {
    const program = await renamed(given, seed, folder);
    const report = await diagnosedPaced(interpreter, program, WATCH_MS);
    expectHolders(report, program);
    counted('programs', `${given.name} renamed and paced on ${interpreter.version}`);
  });

  test.each(healthyPrograms())('$name is not called a leak', async (given) => {
    const program = await renamed(given, seed, folder);
    const report = await diagnosedPaced(interpreter, program, WATCH_MS);
    expect(program.expect.verdict, report.headline).toContain(report.verdict);
    counted('programs', `${given.name} renamed and paced on ${interpreter.version}`);
  });
});
