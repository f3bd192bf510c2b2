/**
 * Looks into a pod on the cluster of the tests again and again, each time broken off at some moment: `npm run harm:pod -- --runs 500
 * [--seed N] [--state FILE]`. What was done is kept in the state file after each run, and the next run goes on from there.
 * Exits 1 if the target was left stopped, was killed, holds more than before, or if anything was left running in its pod.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { makeNamespace, removeNamespace } from '../test/cluster/cluster.ts';
import { harmPod, makeVictim, newPodHarmTally, type PodHarmTally } from '../test/cluster/pod-harm.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    state: { type: 'string', default: 'harm-pod-state.json' },
  },
});

const tally: PodHarmTally = existsSync(values.state)
  ? JSON.parse(readFileSync(values.state, 'utf8'))
  : newPodHarmTally(Number(values.seed));
console.log(`seed ${tally.seed}, ${tally.runs} runs are done`);

const namespace = await makeNamespace();
try {
  await harmPod(tally, await makeVictim(namespace, 'victim'), Number(values.runs), save);
} finally {
  await removeNamespace(namespace);
}
console.log(JSON.stringify(tally, undefined, 2));
process.exitCode = tally.failures.length > 0 ? 1 : 0;

function save(now: PodHarmTally): void {
  writeFileSync(`${values.state}.new`, JSON.stringify(now));
  renameSync(`${values.state}.new`, values.state);
  if (now.runs % 20 === 0) console.log(`${now.runs} runs, ${now.failures.length} failures`);
}
