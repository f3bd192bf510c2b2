import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const retainedObjects = defineDetector({
  id: 'retained-objects',
  title: 'Few objects that keep much alive',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'retained-objects'),
});
