import { type Problem, problemOf } from '../../core/problem.ts';
import { HeapError } from '../../heap/heap-error.ts';
import type { HeapReading } from '../../heap/session.ts';

/** What is said between the CLI and the helper process that reads a heap. */
export interface HeapRequest {
  readonly id: number;
  readonly do: Exclude<keyof HeapReading, 'encoded'> | 'save';
  readonly with: readonly unknown[];
}

/** The answer to a request; the helper says `id: 0` once, when it is ready or cannot be. */
export type HeapResponse =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly problem: Problem };

export const READY_ID = 0;

/** The problem behind anything thrown in the helper, the heap reader's own errors included. */
export function heapProblemOf(thrown: unknown): Problem {
  if (!(thrown instanceof HeapError)) return problemOf(thrown);
  return { code: thrown.code, message: thrown.message, hint: thrown.hint };
}

/** The helper's last argument where it reads through the reader in a container, and the descriptor of its link: both ways. */
export const LINK_ARGUMENT = 'link';
export const LINK_DESCRIPTOR = 4;
