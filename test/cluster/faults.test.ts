import { expect, test } from 'vitest';
import { counted } from '../counted.ts';
import { namespace } from './cluster.ts';
import { makeVictims, newFaultTally, runFaults } from './fault-campaign.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const RUNS = 50;

onCluster(
  `${RUNS} looks through a proxy that spoils requests end with a report or a clear error`,
  { timeout: 1_200_000 },
  async () => {
    const space = await namespace();
    await makeVictims(space);
    const tally = newFaultTally(20_261);
    await runFaults(tally, space, RUNS, ({ runs }) => counted('faulty looks', `run ${runs}`));
    console.log(JSON.stringify(tally));
    expect(tally.failures).toEqual([]);
    // Else the proxy let all pass, or nothing.
    expect(Object.keys(tally.faults).length).toBeGreaterThan(8);
    expect(tally.reports).toBeGreaterThan(RUNS / 4);
  },
);
