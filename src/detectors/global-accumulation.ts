import { defineDetector } from '../core/detector.ts';
import { HOLDER_USES } from '../facts/holder-artifacts.ts';
import { holderFindings } from '../facts/holder-finding.ts';

export const globalAccumulation = defineDetector({
  id: 'global-accumulation',
  title: 'State of a module or class that accumulates',
  needs: ['heap'],
  uses: HOLDER_USES,
  detect: (got) => holderFindings(got, 'global-accumulation'),
});
