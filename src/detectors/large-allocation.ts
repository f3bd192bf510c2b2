import { defineDetector } from '../core/detector.ts';
import { allocationFindings } from '../facts/logs/allocation-finding.ts';
import { LOG_USES, logFacts } from '../facts/logs/log-facts.ts';

/** By the messages of allocations that failed. */
export const loggedAllocation = defineDetector({
  id: 'large-allocation',
  title: 'One allocation that is too large',
  needs: ['log-digest'],
  uses: LOG_USES,
  detect(got) {
    const facts = logFacts(got);
    return facts ? allocationFindings(facts) : [];
  },
});
