import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const unboundedCache = defineDetector({
  id: 'unbounded-cache',
  title: 'A cache that never forgets',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'unbounded-cache'),
});
