import { defineDetector } from '../core/detector.ts';
import { cycleFindings } from '../facts/logs/cycle-finding.ts';
import { LOG_USES, logFacts } from '../facts/logs/log-facts.ts';

/** By what a log tells of the collector. */
export const loggedCycles = defineDetector({
  id: 'reference-cycle',
  title: 'Cycles that nobody collects',
  needs: ['log-digest'],
  uses: LOG_USES,
  detect(got) {
    const facts = logFacts(got);
    return facts ? cycleFindings(facts) : [];
  },
});
