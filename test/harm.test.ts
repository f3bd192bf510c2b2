import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { counted } from './counted.ts';
import { killsOf, newTally, pythonsWithShell, runCampaign } from './harm/campaign.ts';
import { runCpythonTests } from './harm/cpython-tests.ts';
import { interpreters } from './python/programs.ts';

const LOOKS = 50;
const KILLS = 50;

test(`${LOOKS} looks and ${KILLS} kills in the stop harm no program that checks itself`, {
  timeout: 1_800_000,
}, async () => {
  const tally = newTally(20_260);
  let known = 0;
  await runCampaign(tally, { looks: LOOKS, kills: KILLS, roundsAProgram: 10, pythons: pythonsWithShell() }, () => {
    for (; known < killsOf(tally); known += 1) counted('kills', `in the stop of a real look ${known}`);
  });
  console.log(JSON.stringify(tally));
  expect(tally.failures).toEqual([]);
  expect(tally.ended).toBe(tally.programs);
  // Else the kills came when all was over.
  expect(tally.standing).toBeGreaterThan(KILLS / 4);
});

/** Where CPython's own tests are installed with it: Debian has them in a package of their own. */
const withTests = interpreters().filter(({ path, version }) =>
  existsSync(join(dirname(path), '../lib', `python${version.replace(/\.\d+$/, '')}`, 'test/test_signal.py')),
);
const TIMERS_AND_SIGNALS = ['ItimerTest', 'PendingSignalsTests', 'StressTest', 'WakeupSignalTests'];

test.skipIf(withTests.length === 0)("CPython's own tests of timers and signals pass under looks", async () => {
  const tests = ['test_signal', ...TIMERS_AND_SIGNALS.flatMap((name) => ['-m', name])];
  const { passed, failed, looks } = await runCpythonTests({ python: withTests.at(-1)!.path, tests, everyMs: 500 });
  expect(failed).toEqual([]);
  expect(passed).toBeGreaterThan(20);
  expect(looks).toBeGreaterThan(0);
});
