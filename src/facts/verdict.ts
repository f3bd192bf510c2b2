import type { About } from '../core/diagnose.ts';
import type { Finding } from '../core/report.ts';
import type { Gathered } from '../core/step.ts';
import { judgeLogs } from './logs-verdict.ts';
import { judgePods } from './pod/verdict.ts';
import { judgeProcess } from './process-verdict.ts';

/** What the findings and the memory add up to. */
export function judge(outcomes: Gathered['outcomes'], findings: readonly Finding[]): ReturnType<About['judge']> {
  if (outcomes.pods) return judgePods(outcomes, findings);
  return outcomes['log-digest'] && !outcomes.processes
    ? judgeLogs(outcomes, findings)
    : judgeProcess(outcomes, findings);
}
