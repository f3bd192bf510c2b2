import type { AnyStep } from '../core/step.ts';
import { heap } from './heap.ts';
import { heapGrowth } from './heap-growth.ts';
import { memoryLimit } from './memory-limit.ts';
import { memorySeries } from './memory-series.ts';
import { processes } from './processes.ts';
import { source } from './source.ts';

/** Every step, each after what it needs. */
export const steps: readonly AnyStep[] = [processes, memoryLimit, memorySeries, heap, heapGrowth, source];
