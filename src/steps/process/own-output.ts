import { ProblemError } from '../../core/problem.ts';
import { defineProcessStep } from '../../core/step.ts';
import { digestSummary } from '../logs/digest-summary.ts';

/** What a program that whyoom started has printed when the watch ends. */
export const ownOutput = defineProcessStep({
  makes: 'log-digest',
  title: 'Reading what the program prints',
  needs: ['memory-series'],
  rung: 'local',
  run: async ({ printed }) => {
    if (printed === undefined) throw new ProblemError('absent', 'Nobody reads what the program prints.');
    return printed();
  },
  summary: digestSummary,
});
