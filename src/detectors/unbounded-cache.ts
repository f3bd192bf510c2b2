import { defineDetector } from '../core/detector.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const unboundedCache = defineDetector({
  id: 'unbounded-cache',
  title: 'A cache that never forgets',
  needs: ['heap'],
  uses: ['heap-growth', 'source', 'memory-series', 'memory-limit', 'processes'],
  detect: (got) => holderFindings(got, 'unbounded-cache'),
});
