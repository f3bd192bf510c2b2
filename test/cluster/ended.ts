import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { whyNoCluster } from './why-no-cluster.ts';

/**
 * Of the project `cluster`, once a run: says why there is no cluster, which in CI is an error. The cluster stays for the next run;
 * in CI there is none.
 */
export default function setup(): () => void {
  const why = whyNoCluster();
  if (why !== undefined && process.env.CI) throw new Error(`no cluster can be had: ${why}`);
  if (why !== undefined) console.warn(`!!! The tests on a cluster are skipped: ${why} !!!`);
  return () => {
    if (process.env.CI && why === undefined) {
      spawnSync(process.execPath, [join(import.meta.dirname, 'down.ts')], { stdio: ['ignore', 'ignore', 'inherit'] });
    }
  };
}
