import type { AnyDetector } from '../core/detector.ts';

/** Every detector, one a cause. */
export const detectors: readonly AnyDetector[] = [];
