import { lock } from './lock.ts';
import { stopMachine } from './machine.ts';
import { say } from './say.ts';

/** `npm run cluster:down`: ends and removes what `up` started and made; what it built and fetched is kept for the next one. */
await lock();
await stopMachine();
say('no cluster runs');
