import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';
import { LOG_USES, logFindingsOf } from '../facts/logs/log-facts.ts';

export const unboundedCache = defineDetector({
  id: 'unbounded-cache',
  title: 'A cache that never forgets',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'unbounded-cache'),
});

/** The same by the numbers that a log says. */
export const loggedCache = defineDetector({
  id: 'unbounded-cache',
  title: 'A cache that never forgets',
  needs: ['log-digest'],
  uses: LOG_USES,
  detect: (got) => logFindingsOf(got, 'unbounded-cache'),
});
