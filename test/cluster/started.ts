import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { whyNoCluster } from './why-no-cluster.ts';

/** Of the project `cluster`, before each file: the cluster runs, or the file's tests are skipped (see vitest.config.ts). */
if (whyNoCluster() === undefined) {
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  const up = spawn(process.execPath, [join(import.meta.dirname, 'up.ts')], { stdio: [...stdio] });
  // Where nothing is built yet it takes minutes: the worker must go on answering meanwhile.
  const [status] = await once(up, 'close');
  if (status !== 0) throw new Error('no cluster could be started: see above');
}
