import type { Got, Key } from './artifacts.ts';
import type { CauseId, Finding } from './report.ts';

/**
 * One file recognises one cause. Pure: no I/O, no clock, no randomness. It is given what it declared and nothing
 * else: reading an artifact that is in neither list does not compile.
 */
export interface Detector<N extends Key = Key, O extends Key = Key> {
  readonly id: CauseId;
  readonly title: string;
  /** Without these it cannot judge, and the report says so under `unknown`. */
  readonly needs: readonly N[];
  /** Taken where they are there. */
  readonly uses?: readonly O[];
  detect(got: Got<N, O>): Omit<Finding, 'cause'>[];
}
// biome-ignore lint/suspicious/noExplicitAny: a list of detectors mixes needs; each reads only its own
export type AnyDetector = Detector<any, any>;

export const defineDetector = <const N extends Key, const O extends Key = never>(
  detector: Detector<N, O>,
): Detector<N, O> => detector;
