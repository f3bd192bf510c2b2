import type { NumberFit } from './number-fit.ts';
import type { ShapedNumber } from './number-shape.ts';
import type { NumberSource } from './number-source.ts';
import type { Meaning, Worded } from './number-words.ts';

/** A number of a log: what it does, what it counts, and what memory has to do with it. */
export interface JudgedNumber extends ShapedNumber {
  readonly worded: Worded;
  /** `outside`: it grows on over restarts, so the process does not hold it. `unclear`: neither words nor source nor memory tell. */
  readonly role: Meaning | 'outside' | 'unclear';
  /** Parts of a sentence: by what the role was told. */
  readonly why: readonly string[];
  /** Where memory is known, and was told at the same time. */
  readonly fit?: NumberFit;
  /** Where source was read, and a line of it prints the number. */
  readonly source?: NumberSource;
}

export const grows = ({ shape }: Pick<ShapedNumber, 'shape'>): boolean =>
  shape === 'only-grows' || shape === 'restarts-with-process';
