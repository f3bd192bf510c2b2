import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const unboundedCollection = defineDetector({
  id: 'unbounded-collection',
  title: 'A collection that only grows',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'unbounded-collection'),
});
