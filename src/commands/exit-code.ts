import type { Report } from '../core/report.ts';

/** What the exit code says. 0 to 2 are verdicts (with `--exit-code`); from 3 on, whyoom itself could not do its work. */
export const EXIT = { done: 0, risk: 1, undecided: 2, failed: 3, usage: 4, interrupted: 130 } as const;

const OF_VERDICT = { healthy: EXIT.done, leak: EXIT.risk, 'oom-risk': EXIT.risk, undecided: EXIT.undecided } as const;

export const exitCodeOf = (verdict: Report['verdict']): number => OF_VERDICT[verdict];
