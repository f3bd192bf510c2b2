import { defineDetector } from '../core/detector.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const globalAccumulation = defineDetector({
  id: 'global-accumulation',
  title: 'State of a module or class that accumulates',
  needs: ['heap'],
  uses: ['heap-growth', 'source', 'memory-series', 'memory-limit', 'processes'],
  detect: (got) => holderFindings(got, 'global-accumulation'),
});
