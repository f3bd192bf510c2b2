import { defineKubeStep } from '../../core/step.ts';

/** The pods again when the watch is over: what restarted, was killed or went meanwhile. */
export const podsLater = defineKubeStep({
  makes: 'pods-later',
  title: 'Reading the pods again',
  needs: ['pods'],
  rung: 'api',
  async run({ kube, watch, options }, { pods }) {
    if (options.watchMs === 0) return { pods: [], atUnixSeconds: pods.atUnixSeconds };
    await ended(watch.over);
    const { pods: found, clock } = await kube.pods(pods.workload);
    return { pods: found, atUnixSeconds: clock.atUnixSeconds };
  },
});

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
