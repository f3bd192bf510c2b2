import type { About } from '../core/diagnose.ts';
import type { LogDigests } from '../core/log-artifact.ts';
import type { Finding } from '../core/report.ts';
import type { Gathered } from '../core/step.ts';

/** What logs alone add up to. */
export function judgeLogs(outcomes: Gathered['outcomes'], findings: readonly Finding[]): ReturnType<About['judge']> {
  const digest = outcomes['log-digest'];
  if (!digest?.ok) return { verdict: 'undecided', headline: 'The logs could not be read.' };
  return { verdict: 'undecided', headline: findings[0]?.summary ?? readText(digest.value) };
}

function readText({ programs }: LogDigests): string {
  const lines = programs.reduce((sum, { digest }) => sum + digest.lines, 0);
  if (lines === 0) return 'There are no lines in the logs.';
  const series = programs.flatMap(({ digest }) => digest.series).length;
  return `Of ${lines} ${lines === 1 ? 'line' : 'lines'} with ${series} ${series === 1 ? 'number' : 'numbers'} none says what holds memory: look at the process, or give its memory with them.`;
}
