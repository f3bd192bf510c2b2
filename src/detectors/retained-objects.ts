import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';
import { LOG_USES, logFindingsOf } from '../facts/logs/log-facts.ts';

export const retainedObjects = defineDetector({
  id: 'retained-objects',
  title: 'Few objects that keep much alive',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'retained-objects'),
});

/** The same by the numbers that a log says. */
export const loggedObjects = defineDetector({
  id: 'retained-objects',
  title: 'Few objects that keep much alive',
  needs: ['log-digest'],
  uses: LOG_USES,
  detect: (got) => logFindingsOf(got, 'retained-objects'),
});
