import type { HeapLook } from '../answer.ts';
import type { Look } from '../look-parts.ts';
import { census, describeLook, type LookRows } from '../rank.ts';

/** What whoever saves a heap says about it. */
export interface SavedAbout {
  /** The version of whyoom. */
  readonly tool: string;
  /** What the process is called. */
  readonly target: string;
}

/** The part of a saved heap that is told at once: what a look answers by itself. */
export interface SavedSummary extends SavedAbout {
  /** Without types, which follow, and modules. */
  readonly look: HeapLook;
  readonly types: HeapLook['types'];
}

/**
 * Holders are named while the memory is at hand: a saved heap has these and no more. What they share depends on how many
 * there are, so as many are asked of a look that is not saved.
 */
const NAMED_HOLDERS = 100;

/** The rows that are wanted; the same of a look, and of the file that it is saved in. */
export function overviewOf(look: Look, { types, holders }: LookRows): HeapLook {
  const all = describeLook(look, { types, holders: NAMED_HOLDERS });
  return { ...all, holders: all.holders.slice(0, holders), modules: [] };
}

export const summaryOf = (look: Look, about: SavedAbout): SavedSummary => ({
  ...about,
  look: overviewOf(look, { types: 0, holders: NAMED_HOLDERS }),
  types: census(look.view),
});
