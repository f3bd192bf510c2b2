/**
 * Looks at a workload on the cluster of the tests through a proxy that spoils requests: `npm run harm:cluster -- --runs 500
 * [--seed N] [--state FILE]`. What was done is kept in the state file after each run, and the next run goes on from there.
 * Exits 1 if a look hung, ended with a stack trace, told a token or gave neither a report nor a clear error.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { makeNamespace, removeNamespace } from '../test/cluster/cluster.ts';
import { type FaultTally, makeVictims, newFaultTally, runFaults } from '../test/cluster/fault-campaign.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    state: { type: 'string', default: 'harm-cluster-state.json' },
  },
});

const tally: FaultTally = existsSync(values.state)
  ? JSON.parse(readFileSync(values.state, 'utf8'))
  : newFaultTally(Number(values.seed));
console.log(`seed ${tally.seed}, ${tally.runs} runs are done`);

const namespace = await makeNamespace();
try {
  await makeVictims(namespace);
  await runFaults(tally, namespace, Number(values.runs), save);
} finally {
  await removeNamespace(namespace);
}
console.log(JSON.stringify(tally, undefined, 2));
process.exitCode = tally.failures.length > 0 ? 1 : 0;

function save(now: FaultTally): void {
  writeFileSync(`${values.state}.new`, JSON.stringify(now));
  renameSync(`${values.state}.new`, values.state);
  if (now.runs % 20 === 0) console.log(`${now.runs} runs, ${now.failures.length} failures`);
}
