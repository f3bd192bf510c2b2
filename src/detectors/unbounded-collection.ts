import { defineDetector } from '../core/detector.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const unboundedCollection = defineDetector({
  id: 'unbounded-collection',
  title: 'A collection that only grows',
  needs: ['heap'],
  uses: ['heap-growth', 'source', 'memory-series', 'memory-limit', 'processes'],
  detect: (got) => holderFindings(got, 'unbounded-collection'),
});
