import type { PodMetrics } from '../../core/kube-artifacts.ts';
import { type Problem, ProblemError, problemOf } from '../../core/problem.ts';
import type { KubeContext } from '../../core/step.ts';

type Series = PodMetrics['series'][number];

/** Points by pod, container and measure; a time that was seen before is the same sample again. */
export class SampleStore {
  readonly #series = new Map<string, { about: Omit<Series, 'samples'>; samples: Map<number, number> }>();

  #newest: number | undefined;

  add(about: Omit<Series, 'samples'>, atUnixSeconds: number, value: number): void {
    const key = JSON.stringify([about.pod, about.container, about.measure]);
    const known = this.#series.get(key) ?? { about, samples: new Map<number, number>() };
    known.samples.set(atUnixSeconds, value);
    this.#series.set(key, known);
    this.#newest = Math.max(atUnixSeconds, this.#newest ?? atUnixSeconds);
  }

  series(): Series[] {
    return [...this.#series.values()].map(({ about, samples }) => ({
      ...about,
      samples: [...samples].sort(([a], [b]) => a - b),
    }));
  }

  get newestUnixSeconds(): number | undefined {
    return this.#newest;
  }
}

/** After so many failures on end, it is no longer asked. */
const GIVE_UP_AFTER = 3;

export interface Asking {
  readonly asked: number;
  readonly failed: number;
}

/**
 * Asks once, and again until the watch is over. Throws what the first asking throws; a later failure is counted, and several
 * on end end the asking. `ask` returns false where more of it would tell nothing.
 */
export async function askWhileWatched(
  { kube, watch, options }: KubeContext,
  everyMs: number,
  ask: () => Promise<boolean>,
): Promise<Asking> {
  let goesOn = await ask();
  let asked = 1;
  let failed = 0;
  for (let onEnd = 0; goesOn && onEnd < GIVE_UP_AFTER && options.watchMs > 0; ) {
    await kube.sleep(everyMs, watch.over);
    if (watch.over.aborted) break;
    const problem = await problemIn(async () => {
      goesOn = await ask();
    });
    asked++;
    onEnd = problem ? onEnd + 1 : 0;
    if (problem) failed++;
  }
  return { asked, failed };
}

async function problemIn(work: () => Promise<void>): Promise<Problem | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ProblemError) return problemOf(thrown);
    throw thrown;
  }
}
