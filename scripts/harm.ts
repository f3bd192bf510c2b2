/**
 * Looks at programs that check themselves, and kills whyoom or its helper in the stop: `npm run harm -- --looks 1000
 * --kills 500 [--seed N] [--state FILE] [--python PATH]…`. What was done is kept in the state file after each round, and
 * the next run goes on from there. Exits 1 if anything was lost, wrong or left stopped; a round that the machine broke off
 * (no helper could be started) is among the failures too, and its text says so.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { killsOf, newTally, pythonsWithShell, runCampaign, type Tally } from '../test/harm/campaign.ts';

const { values } = parseArgs({
  options: {
    looks: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    state: { type: 'string', default: 'harm-state.json' },
    python: { type: 'string', multiple: true },
  },
});

const tally: Tally = existsSync(values.state)
  ? JSON.parse(readFileSync(values.state, 'utf8'))
  : newTally(Number(values.seed));
console.log(`seed ${tally.seed}, ${tally.looks} looks and ${killsOf(tally)} kills are done`);

await runCampaign(
  tally,
  {
    looks: Number(values.looks),
    kills: Number(values.kills),
    roundsAProgram: 20,
    pythons: values.python ?? pythonsWithShell(),
  },
  save,
);
console.log(JSON.stringify(tally, undefined, 2));
process.exitCode = tally.failures.length > 0 ? 1 : 0;

function save(now: Tally): void {
  writeFileSync(`${values.state}.new`, JSON.stringify(now));
  renameSync(`${values.state}.new`, values.state);
  if ((now.looks + killsOf(now)) % 20 === 0) {
    console.log(`${now.looks} looks, ${killsOf(now)} kills, ${now.failures.length} failures`);
  }
}
