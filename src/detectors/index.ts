import type { AnyDetector } from '../core/detector.ts';
import { globalAccumulation } from './global-accumulation.ts';
import { retainedObjects } from './retained-objects.ts';
import { unboundedCache } from './unbounded-cache.ts';
import { unboundedCollection } from './unbounded-collection.ts';
import { warmUp } from './warm-up.ts';

/** Every detector, one a cause. */
export const detectors: readonly AnyDetector[] = [
  retainedObjects,
  unboundedCache,
  globalAccumulation,
  unboundedCollection,
  warmUp,
];
