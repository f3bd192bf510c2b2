import { defineDetector } from '../core/detector.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const retainedObjects = defineDetector({
  id: 'retained-objects',
  title: 'Few objects that keep much alive',
  needs: ['heap'],
  uses: ['heap-growth', 'source', 'memory-series', 'memory-limit', 'processes'],
  detect: (got) => holderFindings(got, 'retained-objects'),
});
