import type { Got, Key } from '../../core/artifacts.ts';

/** What judging a pod reads: its detectors declare all of it, so that they and the verdict see the same. */
export const POD_NEEDS = ['pods'] as const satisfies readonly Key[];
export const POD_USES = [
  'pods-later',
  'events',
  'limit-ranges',
  'nodes',
  'rollout',
  'pod-metrics',
  'node-stats',
  'prometheus',
  'logs',
  'inside',
  'endpoints',
  'memory-limit',
  'memory-series',
  'processes',
] as const satisfies readonly Key[];
export type PodGot = Got<(typeof POD_NEEDS)[number], (typeof POD_USES)[number]>;
