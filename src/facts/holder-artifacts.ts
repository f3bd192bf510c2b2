import type { Got } from '../core/artifacts.ts';
import { PLACE_USES } from './process-place.ts';

/** What sharpens a finding about a holder, where it is there; `heap` is what it needs. */
export const HOLDER_USES = [
  'heap-growth',
  'source',
  'memory-series',
  'memory-limit',
  'baseline',
  'endpoints',
  ...PLACE_USES,
] as const;

/** What a finding about a holder is made from. */
export type HolderGot = Got<'heap', (typeof HOLDER_USES)[number]>;
