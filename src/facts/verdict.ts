import type { Finding, Report } from '../core/report.ts';
import type { Gathered } from '../core/step.ts';

type Judgement = Pick<Report, 'verdict' | 'headline' | 'limit' | 'usage' | 'growth' | 'eta'>;

/** What the findings and the memory add up to. */
export function judge(_outcomes: Gathered['outcomes'], findings: readonly Finding[]): Judgement {
  return { verdict: 'undecided', headline: findings[0]?.summary ?? 'Nothing was recognised.' };
}
