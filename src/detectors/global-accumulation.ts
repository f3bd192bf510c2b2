import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';
import { LOG_USES, logFindingsOf } from '../facts/logs/log-facts.ts';

export const globalAccumulation = defineDetector({
  id: 'global-accumulation',
  title: 'State of a module or class that accumulates',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'global-accumulation'),
});

/** The same by the numbers that a log says. */
export const loggedAccumulation = defineDetector({
  id: 'global-accumulation',
  title: 'State of a module or class that accumulates',
  needs: ['log-digest'],
  uses: LOG_USES,
  detect: (got) => logFindingsOf(got, 'global-accumulation'),
});
