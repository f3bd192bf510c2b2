import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { whyNoCluster } from './why-no-cluster.ts';

/** Of the project `cluster`, before each file: the cluster runs, or the file's tests are skipped (see vitest.config.ts). */
if (whyNoCluster() === undefined) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, 'up.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('no cluster could be started: see above');
}
