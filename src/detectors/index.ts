import type { AnyDetector } from '../core/detector.ts';
import { globalAccumulation } from './global-accumulation.ts';
import { referenceLeak } from './reference-leak.ts';
import { retainedObjects } from './retained-objects.ts';
import { unboundedCache } from './unbounded-cache.ts';
import { unboundedCollection } from './unbounded-collection.ts';
import { warmUp } from './warm-up.ts';

/** Every detector, one a cause. */
export const detectors: readonly AnyDetector[] = [
  referenceLeak,
  retainedObjects,
  unboundedCache,
  globalAccumulation,
  unboundedCollection,
  warmUp,
];
