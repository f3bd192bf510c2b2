import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { counted } from './counted.ts';
import {
  healthyPrograms,
  type Interpreter,
  interpreters,
  leakingPrograms,
  type Program,
  renamed,
} from './python/programs.ts';
import { diagnosed, expectHolders } from './whyoom.ts';

/**
 * The programs with known answers, diagnosed while they run. They sleep most of the time, so that several at once do
 * not get in each other's way. Each runs on one of three interpreters, another one each time; leaks-paced.test.ts has all
 * of them on all. On one interpreter, another one each time, their names are replaced by random ones: what is found must
 * not come from a name. `WHYOOM_TEST_SEED` repeats a run; `WHYOOM_TEST_PYTHONS=3.9,3.13` runs each program on all of these.
 */
vi.setConfig({ maxConcurrency: 8, testTimeout: 180_000 });

const wanted = (process.env.WHYOOM_TEST_PYTHONS ?? '3.9,3.11,3.14').split(',');
const chosen = wanted.flatMap(
  (minor) => interpreters().findLast(({ version }) => version.startsWith(`${minor}.`)) ?? [],
);
const seed = Number(process.env.WHYOOM_TEST_SEED ?? Math.floor(Math.random() * 1e9));
const underOtherNames = chosen[seed % chosen.length];
console.log(`Renamed by WHYOOM_TEST_SEED=${seed} on ${underOtherNames?.version}`);

const turns = process.env.WHYOOM_TEST_PYTHONS === undefined ? chosen.length : 1;
const inTurn = (programs: readonly Program[], interpreter: Interpreter) =>
  programs.filter((_, at) => (at + seed + chosen.indexOf(interpreter)) % turns === 0);

const folder = mkdtempSync(join(tmpdir(), 'whyoom-leaks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const programAs = async (program: Program, interpreter: Interpreter) =>
  interpreter === underOtherNames ? await renamed(program, seed, folder) : program;

describe.concurrent.each(chosen)('on $version', (interpreter) => {
  test.each(inTurn(leakingPrograms(), interpreter))(
    'the holders of $name, the lines that feed them and the cause are named',
    async (given) => {
      const program = await programAs(given, interpreter);
      const report = await diagnosed(interpreter, program, '--for', '10s');
      expectHolders(report, program);
      expect(report.steps.filter((step) => !step.ok)).toEqual([]);
      counted('programs', `${given.name} diagnosed on ${interpreter.version}`);
    },
  );

  test.each(inTurn(healthyPrograms(), interpreter))('$name is not called a leak', async (given) => {
    const program = await programAs(given, interpreter);
    const report = await diagnosed(interpreter, program, '--for', '12s');
    expect(program.expect.verdict, report.headline).toContain(report.verdict);
    counted('programs', `${given.name} diagnosed on ${interpreter.version}`);
  });
});
