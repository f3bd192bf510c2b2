import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';
import { LOG_USES, logFindingsOf } from '../facts/logs/log-facts.ts';

export const unboundedCollection = defineDetector({
  id: 'unbounded-collection',
  title: 'A collection that only grows',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'unbounded-collection'),
});

/** The same by the numbers that a log says. */
export const loggedCollection = defineDetector({
  id: 'unbounded-collection',
  title: 'A collection that only grows',
  needs: ['log-digest'],
  uses: LOG_USES,
  detect: (got) => logFindingsOf(got, 'unbounded-collection'),
});
