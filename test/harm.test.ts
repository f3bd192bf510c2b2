import { expect, test } from 'vitest';
import { counted } from './counted.ts';
import { killsOf, newTally, runCampaign } from './harm/campaign.ts';
import { interpreters } from './python/programs.ts';

const LOOKS = 50;
const KILLS = 50;

test(`${LOOKS} looks and ${KILLS} kills in the stop harm no program that checks itself`, {
  timeout: 900_000,
}, async () => {
  const tally = newTally(20_260);
  const pythons = interpreters().map(({ path }) => path);
  let known = 0;
  await runCampaign(tally, { looks: LOOKS, kills: KILLS, roundsAProgram: 10, pythons }, () => {
    for (; known < killsOf(tally); known += 1) counted('kills', `in the stop of a real look ${known}`);
  });
  expect(tally.failures).toEqual([]);
  expect(tally.ended).toBe(tally.programs);
  // Else the kills came when all was over.
  expect(tally.standing).toBeGreaterThan(KILLS / 4);
});
