import { expect, test } from 'vitest';
import { counted } from '../counted.ts';
import { namespace } from './cluster.ts';
import { BLOWS, harmPod, makeVictim, newPodHarmTally } from './pod-harm.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);
const RUNS = 50;
/** By two files of victims at once; a look takes seconds, most of them waiting. */
const LANES = 3;
/** The dead-man timer is set to a second; a loaded machine adds to what the target counts. */
const LONGEST_STAND = 3;

onCluster(
  `of ${RUNS} looks that are broken off at any moment none harms the target, and none leaves anything in its pod`,
  { timeout: 1_500_000 },
  async () => {
    const space = await namespace();
    const lanes = await Promise.all(
      Array.from({ length: LANES }, async (_, at) => {
        const tally = newPodHarmTally(20_266 + 1000 * at);
        const runs = Math.ceil(RUNS / LANES);
        await harmPod(tally, await makeVictim(space, `victim-${at}`), runs, ({ runs: run }) =>
          counted('broken looks', `lane ${at}, run ${run}`),
        );
        return tally;
      }),
    );
    console.log(lanes.map((tally) => JSON.stringify(tally)).join('\n'));
    expect(lanes.flatMap(({ failures }) => failures)).toEqual([]);
    expect(Math.max(...lanes.map(({ longestGap }) => longestGap))).toBeLessThan(LONGEST_STAND);
    for (const blow of BLOWS) expect(lanes.some(({ blows }) => (blows[blow] ?? 0) > 0)).toBe(true);
  },
);
