import { lock } from './lock.ts';
import { stopMachine } from './machine.ts';
import { say, script } from './say.ts';
import { whyNoCluster } from './why-no-cluster.ts';

/** `npm run cluster:down`: ends and removes what `up` started and made; what it built and fetched is kept for the next one. */
await script(async () => {
  const why = whyNoCluster();
  if (why !== undefined) throw new Error(`no cluster can run here: ${why}`);
  await lock();
  await stopMachine();
  say('no cluster runs');
});
