import type { AnyDetector } from '../core/detector.ts';
import { globalAccumulation } from './global-accumulation.ts';
import { killedNotOom } from './killed-not-oom.ts';
import { limitTooLow } from './limit-too-low.ts';
import { memorySpike } from './memory-spike.ts';
import { nodePressure } from './node-pressure.ts';
import { otherContainer } from './other-container.ts';
import { referenceLeak } from './reference-leak.ts';
import { retainedObjects } from './retained-objects.ts';
import { sharedMemory } from './shared-memory.ts';
import { unboundedCache } from './unbounded-cache.ts';
import { unboundedCollection } from './unbounded-collection.ts';
import { podWarmUp, warmUp } from './warm-up.ts';

/** Every detector, one a cause; what a process and what a pod are judged by. */
export const detectors: readonly AnyDetector[] = [
  referenceLeak,
  retainedObjects,
  unboundedCache,
  globalAccumulation,
  unboundedCollection,
  warmUp,
  nodePressure,
  limitTooLow,
  sharedMemory,
  memorySpike,
  otherContainer,
  killedNotOom,
  podWarmUp,
];
