import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const referenceLeak = defineDetector({
  id: 'reference-leak',
  title: 'Objects that nobody reaches and nobody frees',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'reference-leak'),
});
