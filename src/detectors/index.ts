import type { AnyDetector } from '../core/detector.ts';
import { globalAccumulation, loggedAccumulation } from './global-accumulation.ts';
import { killedNotOom } from './killed-not-oom.ts';
import { loggedAllocation } from './large-allocation.ts';
import { limitTooLow } from './limit-too-low.ts';
import { loggedSpike, memorySpike } from './memory-spike.ts';
import { nodePressure } from './node-pressure.ts';
import { otherContainer } from './other-container.ts';
import { loggedCycles } from './reference-cycle.ts';
import { referenceLeak } from './reference-leak.ts';
import { loggedObjects, retainedObjects } from './retained-objects.ts';
import { sharedMemory } from './shared-memory.ts';
import { loggedCache, unboundedCache } from './unbounded-cache.ts';
import { loggedCollection, unboundedCollection } from './unbounded-collection.ts';
import { podWarmUp, warmUp } from './warm-up.ts';

/** Every detector, one a cause; what a process, what a pod and what a log are judged by. */
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
  loggedObjects,
  loggedCache,
  loggedAccumulation,
  loggedCollection,
  loggedCycles,
  loggedAllocation,
  loggedSpike,
];
