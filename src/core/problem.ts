/** Why something is not known. A result that the report shows under `unknown`, not a crash. */
export interface Problem {
  /**
   * - `denied`: the right is missing; `absent`: there is nothing to read; `timeout`: it did not answer in time
   * - `unsupported`: whyoom cannot read this kind of thing; `refused`: whyoom will not, because it could do harm
   * - `broken`: what was read makes no sense, or whyoom itself failed
   */
  readonly code: ProblemCode;
  readonly message: string;
  /** The next thing to do, as a person would type or do it. */
  readonly hint?: string | undefined;
}

export const PROBLEM_CODES = ['denied', 'absent', 'timeout', 'unsupported', 'refused', 'broken'] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/**
 * What a gathering attempt gave: a value, or the reason why there is none. `ms` is the time that it took.
 * `root` names the artifact that failed first, where this one only lacks it: the problem is told once, there.
 */
export type Outcome<T> =
  | { ok: true; value: T; ms: number }
  | { ok: false; problem: Problem; ms: number; root?: string | undefined };

/** Thrown inside a step or a source where a problem is known and can be said in plain words. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(code: ProblemCode, message: string, hint?: string) {
    super(message);
    this.name = 'ProblemError';
    this.problem = hint === undefined ? { code, message } : { code, message, hint };
  }
}

/** The problem behind anything thrown. What nobody expected becomes `broken`, with its message kept. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'broken', message, hint: 'This looks like a fault in whyoom; please report it with --save.' };
}
